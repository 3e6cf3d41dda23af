/**
 * Linux calls that Node does not offer: pipes, terminals, named pipes, and moving bytes within the kernel.
 *
 * Nothing is loaded before it is used. Every descriptor is close-on-exec; `node:child_process` clears that flag for the
 * ones it passes on. Waiting needs neither a thread nor a buffer.
 */

export { nativeError } from './call/libc.js';
export { duplicate } from './descriptor/duplicate.js';
export { mustCopy } from './descriptor/must-copy.js';
export { peerUid } from './descriptor/peer-uid.js';
export { type DescriptorSink, descriptorSink } from './descriptor/sink.js';
export { type DescriptorSource, descriptorSource } from './descriptor/source.js';
export type { Finish, MoveError, MoveEvent, MoveReport, Mover } from './mover/mover.js';
export { moverHere } from './mover/mover-here.js';
export { openFifo } from './pipe/fifo.js';
export { openPipe, type PipeEnds, setPipeSize } from './pipe/pipe.js';
export { openTerminal, passOutputThrough, resizeTerminal, type Terminal } from './pipe/terminal.js';
export { keptByHost } from './process/kept-by-host.js';
