/**
 * Pipes between a process and its caller, or descriptors that the caller provides. Any other stream is NUL.
 */
import type { Descriptors } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
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
  const ofChild: number[] = [];
  const ofCaller: { close(): void }[] = [];

  const forChild = (handle: number): number => {
    ofChild.push(handle);
    return handle;
  };
  const connect = <T extends { close(): void }>(
    name: keyof Descriptors,
    asked: boolean | undefined,
    end: (handle: number) => T,
  ): { readonly handle: number; readonly stream?: T } => {
    const given = descriptors[name];
    if (given !== undefined && given !== 'stdout')
      return { handle: forChild(inheritableCopy(handleOf(`descriptors.${name}`, given))) };
    if (!asked) return { handle: forChild(openNull()) };
    const { caller, child } = openPipe(name === 'stdin' ? 'write' : 'read');
    forChild(child);
    const stream = end(caller);
    ofCaller.push(stream);
    return { handle: child, stream };
  };

  const started = (): void => ofChild.splice(0).forEach((handle) => kernel32.CloseHandle(handle));
  const close = (): void => ofCaller.forEach((stream) => stream.close());
  try {
    const stdin = connect('stdin', parameters.CreateStdInPipe, handleSink);
    const stdout = connect('stdout', parameters.CreateStdOutPipe, handleSource);
    const stderr =
      descriptors.stderr === 'stdout'
        ? { handle: stdout.handle, stream: undefined }
        : connect('stderr', parameters.CreateStdErrPipe, handleSource);
    return {
      child: { handles: [stdin.handle, stdout.handle, stderr.handle] },
      stdio: {
        ...(stdin.stream && { stdin: stdin.stream }),
        ...(stdout.stream && { stdout: stdout.stream }),
        ...(stderr.stream && { stderr: stderr.stream }),
      },
      started,
      ended: () => undefined,
      closeStdin: () => stdin.stream?.close(),
      closeStdout: () => stdout.stream?.close(),
      closeStderr: () => stderr.stream?.close(),
      close,
    };
  } catch (error) {
    started();
    close();
    throw error;
  }
};
