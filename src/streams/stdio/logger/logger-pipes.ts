/**
 * The pipes between a logging program and the processes it logs.
 *
 * Their read ends are kept here too, never read while the program lives: when it dies, writing to them must not kill
 * the container. Later output is discarded.
 */
import { closeSync } from 'node:fs';
import type { ByteSink } from '../../../hcs/contract/bytes.js';
import { descriptorSink, descriptorSource, openPipe, type PipeEnds } from '../../../hcs/native/index.js';
import { closeAll } from '../upstream/opened.js';

export interface LoggerPipes {
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  /** For the program: its descriptors from 3 on, stdout, stderr and the one by which it reports that it is ready. */
  readonly descriptors: readonly number[];
  /** For the program: where it finds them instead. */
  readonly environment: Readonly<Record<string, string>>;
  /** Settles when the program has reported that it is ready, by a byte or by closing; `close` ends it, too. */
  whenReady(): Promise<void>;
  /** The program has its own now. */
  started(): void;
  /** No reader is left: discards from now on. */
  discard(): void;
  /** May be called more than once. */
  close(): void;
}

export const openLoggerPipes = (): LoggerPipes => {
  const [out, err, ready] = openPipes();
  const owners = {
    stdout: descriptorSink(out.write),
    stderr: descriptorSink(err.write),
    outRead: owner(out.read),
    errRead: owner(err.read),
    readyRead: descriptorSource(ready.read),
    readyWrite: owner(ready.write),
  };
  return {
    stdout: owners.stdout,
    stderr: owners.stderr,
    descriptors: [out.read, err.read, ready.write],
    environment: {},
    whenReady: async () => {
      for await (const _ of owners.readyRead) break;
    },
    started: owners.readyWrite.close,
    discard: () => {
      for (const end of [owners.outRead, owners.errRead]) end.discard();
    },
    close: () => closeAll(Object.values(owners)),
  };
};

const openPipes = (): readonly [PipeEnds, PipeEnds, PipeEnds] => {
  const opened: PipeEnds[] = [];
  try {
    for (let count = 0; count < 3; count++) opened.push(openPipe());
    return opened as [PipeEnds, PipeEnds, PipeEnds];
  } catch (error) {
    for (const { read, write } of opened) [read, write].forEach((fd) => closeSync(fd));
    throw error;
  }
};

/** Closes a descriptor once. */
const owner = (fd: number): { close(): void; discard(): void } => {
  let close: (() => void) | undefined = () => closeSync(fd);
  return {
    close: () => {
      close?.();
      close = undefined;
    },
    discard: () => {
      if (close === undefined) return;
      const source = descriptorSource(fd);
      close = source.close;
      void drop(source);
    },
  };
};

const drop = async (source: AsyncIterable<unknown>): Promise<void> => {
  try {
    for await (const _ of source);
  } catch {
    // It is not needed any more.
  }
};
