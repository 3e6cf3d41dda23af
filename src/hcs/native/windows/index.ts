/**
 * Windows calls that Node does not offer: overlapped I/O on handles, pipes and the calls for the rest.
 *
 * Nothing is loaded before it is used. On another system the first use throws an `RxshimError`.
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
