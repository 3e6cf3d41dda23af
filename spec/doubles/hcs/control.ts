/**
 * What a spec does with the double of the Host Compute Service: faults, gates, tricks, puppets and counters.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../../../scripts/build-double.mjs';
import { koffi, type NativeFunction } from '../../../src/hcs/native/call/koffi.js';
import type { LibraryName, ServiceLocation } from '../../../src/hcs/windows/service/locate.js';

export type Stream = 'stdin' | 'stdout' | 'stderr';

/** How notices can go wrong. */
export type Trick =
  /** Notified before the call that causes them has returned. */
  | 'early'
  | 'twice'
  /** Once more when the callback has been unregistered. */
  | 'late'
  /** Another one before, for a listener that there is none of. */
  | 'foreign'
  /** The document of an exit is cut off. */
  | 'malformed'
  /** A system is created in two steps. */
  | 'pending'
  /** A puppet that is killed goes on. */
  | 'deaf';

export interface Double {
  /** For the engine. */
  readonly service: ServiceLocation;
  /** The next calls of a function, or with `!` the completions of its operation, fail. `times` -1: all. */
  fault(name: string, hresult: number, options?: { document?: string; times?: number }): void;
  shut(name: string): void;
  open(name: string): void;
  trick(name: Trick, times?: number): void;
  /** Handles that are open, calls that there have been; see the source. */
  count(what: string): number;
  /** No faults, gates or tricks any more, and real processes. */
  reset(): void;
  /** From now on processes are puppets, numbered from here. */
  puppets(first: number): void;
  exit(pid: number, code: number, options?: { waitResult?: number; hold?: boolean }): void;
  write(pid: number, stream: 'stdout' | 'stderr', text: string): void;
  /** No more output comes, or no input is read any more. */
  end(pid: number, stream: Stream): void;
  /** What was written to its stdin by now; `undefined` at the end of it. */
  read(pid: number): string | undefined;
  systemExit(id: string, hresult?: number): void;
  /** The document that the process was asked for with. */
  parameters(pid: number): unknown;
  /** The service goes away. */
  disconnect(): void;
}

/** Where the libraries are; on Linux made there if they are not, or no longer what their sources say. */
const folder = (): string => {
  const given = process.env['RXSHIM_DOUBLES'];
  return (
    given ?? build(join(fileURLToPath(new URL('../../..', import.meta.url)), 'dist-tools/doubles'), 'linux')
  );
};

const streams = ['stdin', 'stdout', 'stderr'] as const;

export const double = (library: LibraryName): Double => {
  const path = join(folder(), `${library}.${process.platform === 'win32' ? 'dll' : 'so'}`);
  const native = koffi().load(path);
  const bind = (name: string, result: string, ...parameters: string[]): NativeFunction =>
    native.func('__stdcall', `Double${name}`, result, parameters);
  const fault = bind('Fault', 'void', 'str', 'int32', 'str', 'int32');
  const gate = bind('Gate', 'void', 'str', 'int32');
  const trick = bind('Trick', 'void', 'str', 'int32');
  const count = bind('Count', 'int32', 'str');
  const reset = bind('Reset', 'void');
  const puppets = bind('Puppets', 'void', 'uint32');
  const exit = bind('Exit', 'void', 'uint32', 'uint32', 'int32', 'int32');
  const write = bind('Write', 'int32', 'uint32', 'int32', 'void *', 'int32');
  const end = bind('End', 'void', 'uint32', 'int32');
  const read = bind('Read', 'int32', 'uint32', 'void *', 'int32');
  const systemExit = bind('SystemExit', 'void', 'str', 'int32');
  const parameters = bind('Parameters', 'str', 'uint32') as unknown as (pid: number) => string | null;
  const disconnect = bind('Disconnect', 'void', 'uint32');
  return {
    service: { library, path },
    fault: (
      name,
      hresult,
      { document = null, times = 1 }: { document?: string | null; times?: number } = {},
    ) => void fault(name, hresult | 0, document, times),
    shut: (name) => void gate(name, 1),
    open: (name) => void gate(name, 0),
    trick: (name, times = -1) => void trick(name, times),
    count: (what) => count(what),
    reset: () => {
      reset();
      puppets(0);
    },
    puppets: (first) => void puppets(first),
    exit: (pid, code, { waitResult = 0, hold = false } = {}) =>
      void exit(pid, code, waitResult, hold ? 1 : 0),
    write: (pid, stream, text) => {
      const bytes = Buffer.from(text);
      if (write(pid, streams.indexOf(stream), bytes, bytes.length) !== bytes.length)
        throw new Error(`puppet ${pid} cannot write to ${stream}`);
    },
    end: (pid, stream) => void end(pid, streams.indexOf(stream)),
    read: (pid) => {
      const bytes = Buffer.alloc(4096);
      const length = read(pid, bytes, bytes.length);
      return length < 0 ? undefined : bytes.toString('utf8', 0, length);
    },
    systemExit: (id, hresult = 0) => void systemExit(id, hresult | 0),
    parameters: (pid) => JSON.parse(parameters(pid) ?? 'null'),
    disconnect: () => void disconnect(library === 'vmcompute' ? 0x1000000 : 0x2000000),
  };
};
