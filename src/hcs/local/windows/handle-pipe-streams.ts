/**
 * Pipes between a process and its caller, or descriptors that the caller provides. Any other stream is NUL.
 */
import type { Descriptors } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { type StreamMaker, threeStreams } from '../../native/pipe/three-streams.js';
import {
  handleOf,
  handleSink,
  handleSource,
  inheritableCopy,
  kernel32,
  openNull,
  openPipe,
} from '../../native/windows/index.js';
import type { Streams } from './streams.js';

export const handlePipeStreams = (parameters: ProcessParameters, descriptors: Descriptors): Streams => {
  const { child, ...streams } = threeStreams(parameters, descriptors, maker);
  return { ...streams, child: { handles: child }, ended: () => undefined };
};

const closing = (handle: number) => ({ end: handle, release: () => void kernel32.CloseHandle(handle) });

const maker: StreamMaker<number> = {
  given: (name, fd) => closing(inheritableCopy(handleOf(`descriptors.${name}`, fd))),
  unconnected: () => closing(openNull()),
  pipe: (name) => {
    const { caller, child } = openPipe(name === 'stdin' ? 'write' : 'read');
    return { ...closing(child), ours: caller };
  },
  sink: handleSink,
  source: handleSource,
};
