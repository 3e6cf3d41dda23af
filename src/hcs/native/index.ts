/**
 * What Linux offers below Node: real pipes, terminals, named pipes, and bytes moved without being looked at.
 *
 * Nothing here is loaded before it is used. Every descriptor is close-on-exec; `node:child_process` clears that for the
 * ones it hands over. Waiting costs neither a thread nor a buffer.
 */
export { type DescriptorSink, descriptorSink } from './descriptor-sink.js';
export { type DescriptorSource, descriptorSource } from './descriptor-source.js';
export { duplicate } from './duplicate.js';
export { openFifo } from './fifo.js';
export { type Move, moveBytes } from './move-bytes.js';
export { mustCopy } from './must-copy.js';
export { openPipe, type PipeEnds, setPipeSize } from './pipe.js';
export { openTerminal, resizeTerminal, type Terminal } from './terminal.js';
