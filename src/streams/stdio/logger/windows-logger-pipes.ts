/**
 * The pipes between a logging program on Windows and the processes it logs: named pipes, whose names are in the
 * program's environment. Each takes one client, the program.
 */
import type * as crypto from 'node:crypto';
import { createRequire } from 'node:module';
import type { ByteSink } from '../../../hcs/contract/bytes.js';
import {
  connected,
  type Overlapped,
  offerPipe,
  sinkOf,
  sourceOf,
} from '../../../hcs/native/windows/index.js';
import { closedError } from '../closed-error.js';
import { closeAll } from '../upstream/opened.js';
import type { LoggerPipes } from './logger-pipes.js';

export const openWindowsLoggerPipes = (containerId: string): LoggerPipes => {
  // Two loggers of one container must not meet.
  const pathOf = (stream: string) => `\\\\.\\pipe\\binary-${containerId}-${unique}-${stream}`;
  // Loaded here, because it takes 5 ms of processor time, and the core of the library is loaded by every program.
  const { randomUUID } = createRequire(import.meta.url)('node:crypto') as typeof crypto;
  const unique = randomUUID();
  const files: Overlapped[] = [];
  const offer = (stream: string, mode: 'read' | 'write'): Overlapped => {
    const file = offerPipe(pathOf(stream), mode);
    files.push(file);
    return file;
  };
  try {
    const stdout = output(offer('stdout', 'write'));
    const stderr = output(offer('stderr', 'write'));
    const wait = offer('wait', 'read');
    const ready = sourceOf(wait);
    return {
      stdout,
      stderr,
      descriptors: [],
      environment: {
        CONTAINER_STDOUT: pathOf('stdout'),
        CONTAINER_STDERR: pathOf('stderr'),
        CONTAINER_WAIT: pathOf('wait'),
        // Without it no program of Windows gets far.
        ...(process.env['SYSTEMROOT'] && { SYSTEMROOT: process.env['SYSTEMROOT'] }),
      },
      whenReady: async () => {
        await connected(wait);
        for await (const _ of ready) break;
      },
      started: () => undefined,
      discard: () => {
        for (const end of [stdout, stderr]) end.discard();
      },
      close: () => closeAll([stdout, stderr, ready]),
    };
  } catch (error) {
    closeAll(files);
    throw error;
  }
};

/** Writes wait until the program has come. */
const output = (file: Overlapped): ByteSink & { close(): void; discard(): void } => {
  const sink = sinkOf(file);
  const there = connected(file);
  // The error goes to the writer, if there is one.
  there.catch(() => undefined);
  let open = true;
  let discards = false;
  return {
    write: async (chunk) => {
      if (discards) return;
      if (!open) throw closedError();
      await there
        .then(() => sink.write(chunk))
        .catch((error: unknown) => {
          if (!discards) throw error;
        });
    },
    close: () => {
      open = false;
      sink.close();
    },
    discard: () => {
      discards = true;
      sink.close();
    },
  };
};
