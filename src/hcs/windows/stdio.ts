/**
 * The caller's ends of the stdio pipes of a process, from the handles that the service returned. An idle stream needs
 * no thread; each end is closed once.
 */
import { closeSync } from 'node:fs';
import type { ByteSink, ByteSource } from '../contract/bytes.js';
import type { ProcessStdio } from '../contract/compute-process.js';
import { descriptorSink, descriptorSource } from '../native/index.js';
import { handleSink, handleSource, kernel32 } from '../native/windows/index.js';
import type { ProcessInfo } from './service/api.js';

type Closable<T> = T & { close(): void };

export interface Stdio {
  readonly streams: ProcessStdio;
  closeStdin(): void;
  closeStdout(): void;
  closeStderr(): void;
  close(): void;
}

export const openStdio = (info: ProcessInfo): Stdio => {
  const stdin = info.stdin === 0 ? undefined : sink(info.stdin);
  const stdout = info.stdout === 0 ? undefined : source(info.stdout);
  const stderr = info.stderr === 0 ? undefined : source(info.stderr);
  return {
    streams: { ...(stdin && { stdin }), ...(stdout && { stdout }), ...(stderr && { stderr }) },
    closeStdin: () => stdin?.close(),
    closeStdout: () => stdout?.close(),
    closeStderr: () => stderr?.close(),
    close: () => {
      for (const stream of [stdin, stdout, stderr]) stream?.close();
    },
  };
};

/** Closes the pipe ends of a process that is not wanted. */
export const closeStdio = ({ stdin, stdout, stderr }: ProcessInfo): void => {
  for (const end of [stdin, stdout, stderr]) if (end !== 0) closeEnd(end);
};

// Elsewhere the specs replace the service by a test double, whose handles are file descriptors.
const onWindows = process.platform === 'win32';
const sink: (handle: number) => Closable<ByteSink> = onWindows ? handleSink : descriptorSink;
const source: (handle: number) => Closable<ByteSource> = onWindows ? handleSource : descriptorSource;
const closeEnd = (handle: number): void => {
  if (onWindows) kernel32.CloseHandle(handle);
  else closeSync(handle);
};
