/** The client's side of a container's streams: FIFOs of its own making, as containerd's clients make them. */
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DescriptorSink,
  descriptorSink,
  descriptorSource,
  openFifo,
} from '../../../src/hcs/native/index.js';
import { makeFifo } from '../make-fifo.js';

export interface Streams {
  /** As Create and Exec want them. */
  readonly paths: {
    readonly stdin: string;
    readonly stdout: string;
    readonly stderr: string;
    readonly terminal: boolean;
  };
  /** All that is said on stdout until its end. Ask when the process was created or, of an exec, started. */
  stdout(): Promise<string>;
  stderr(): Promise<string>;
  /** Reads stdout until it matches; what comes after stays in the FIFO. */
  reads(pattern: RegExp): Promise<string>;
  readonly stdin: DescriptorSink;
  /** Goes away, reading nothing more. */
  leave(): void;
}

export const collect = async (source: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks).toString();
};

export const makeStreams = (
  folder: string,
  name: string,
  { stdin = false, terminal = false }: { readonly stdin?: boolean; readonly terminal?: boolean } = {},
): Streams => {
  const path = (stream: string): string => join(folder, `${name}-${stream}`);
  const names = ['stdout', ...(terminal ? [] : ['stderr']), ...(stdin ? ['stdin'] : [])];
  for (const name of names) makeFifo(path(name));
  const open = new Map<string, number>();
  for (const name of names.filter((name) => name !== 'stdin')) open.set(name, openFifo(path(name), 'read'));
  // Both ends, so that it opens before there is a reader.
  const input = stdin
    ? descriptorSink(openSync(path('stdin'), constants.O_RDWR | constants.O_NONBLOCK))
    : undefined;
  const take = (name: string) => {
    const fd = open.get(name);
    if (fd === undefined) throw new Error(`nothing to read on ${name}`);
    open.delete(name);
    return descriptorSource(fd);
  };
  let reading: { iterator: AsyncIterator<Uint8Array>; seen: string } | undefined;
  const close = () => {
    for (const fd of open.values()) closeSync(fd);
    open.clear();
    void reading?.iterator.return?.();
    input?.close();
  };
  const pull = () => {
    reading ??= { iterator: take('stdout')[Symbol.asyncIterator](), seen: '' };
    return reading;
  };
  return {
    paths: {
      stdin: stdin ? path('stdin') : '',
      stdout: path('stdout'),
      stderr: terminal ? '' : path('stderr'),
      terminal,
    },
    stdout: async () => {
      const { iterator, seen } = pull();
      return seen + (await collect({ [Symbol.asyncIterator]: () => iterator }));
    },
    stderr: () => collect(take('stderr')),
    reads: async (pattern) => {
      const state = pull();
      while (!pattern.test(state.seen)) {
        const { done, value } = await state.iterator.next();
        if (done) throw new Error(`ended before ${pattern}: ${state.seen}`);
        state.seen += Buffer.from(value as Uint8Array).toString();
      }
      return state.seen;
    },
    get stdin() {
      if (input === undefined) throw new Error('no stdin was asked for');
      return input;
    },
    leave: close,
  };
};

/** No streams at all. */
export const noStreams = { stdin: '', stdout: '', stderr: '', terminal: false } as const;
