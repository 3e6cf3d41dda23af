/**
 * What Linux offers below Node: real pipes, terminals, named pipes, and bytes moved without being looked at.
 *
 * Nothing here is loaded before it is used. Every descriptor is close-on-exec; `node:child_process` clears that for the
 * ones it hands over. Waiting costs neither a thread nor a buffer.
 */

export { duplicate } from './descriptor/duplicate.js';
export { mustCopy } from './descriptor/must-copy.js';
export { type DescriptorSink, descriptorSink } from './descriptor/sink.js';
export { type DescriptorSource, descriptorSource } from './descriptor/source.js';
export { openFifo } from './pipe/fifo.js';
export { type Move, moveBytes } from './pipe/move-bytes.js';
export { openPipe, type PipeEnds, setPipeSize } from './pipe/pipe.js';
export { openTerminal, resizeTerminal, type Terminal } from './pipe/terminal.js';
