/**
 * What Windows offers below Node: handles read and written without a thread, pipes, and the calls for the rest.
 *
 * Nothing here is loaded before it is used; elsewhere than on Windows its first use throws an `RxshimError`.
 */
export { handleOf, inheritableCopy } from './descriptor-handle.js';
export { fileSink, fileSource } from './file-streams.js';
export { handleSink, sinkOf } from './handle-sink.js';
export { type HandleSource, handleSource, sourceOf } from './handle-source.js';
export { kernel32 } from './kernel32.js';
export { connected, type Dialling, dial, offerPipe } from './named-pipe.js';
export type { Overlapped } from './overlapped.js';
export { openNull, openPipe } from './pipe.js';
export { orFail, win32, win32Error } from './win32-error.js';
