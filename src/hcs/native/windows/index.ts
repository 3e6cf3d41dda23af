/**
 * What Windows offers below Node: handles read and written without a thread, named pipes, jobs, consoles.
 *
 * Nothing here is loaded before it is used; elsewhere than on Windows its first use throws an `RxshimError`.
 */
export { type HandleSink, handleSink } from './handle-sink.js';
export { type HandleSource, handleSource } from './handle-source.js';
export { kernel32 } from './kernel32.js';
