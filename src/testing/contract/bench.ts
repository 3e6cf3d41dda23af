/**
 * The fixture of a contract test: one system with its first process, further processes, and waits that end.
 *
 * Everything that a test creates is released after it, even if the test fails; a release that fails or hangs fails the test.
 */
import { firstValueFrom, lastValueFrom, type Observable, toArray } from 'rxjs';
import type { AdoptedSystem } from '../../hcs/contract/adoption.js';
import type { ByteSource } from '../../hcs/contract/bytes.js';
import type { ComputeProcess, Delivery, ProcessExit } from '../../hcs/contract/compute-process.js';
import type { ComputeSystem, Descriptors, ProcessIdentity } from '../../hcs/contract/compute-system.js';
import { processParameters } from '../../hcs/contract/process-parameters.js';
import type { ContractEngine } from './engine.js';
import { type ContractProgram, shellProgram } from './programs.js';

export interface Streams {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
}

export interface Opened {
  readonly system: ComputeSystem;
  readonly init: ComputeProcess;
}

export interface Bench {
  /** A system whose first process runs `program`. */
  open(program: ContractProgram, descriptors?: Descriptors): Promise<Opened>;
  /** A system with its first process, if it is created first; not started. */
  prepare(program: ContractProgram, descriptors?: Descriptors): Promise<Prepared>;
  /** A further process of the system. */
  start(
    system: ComputeSystem,
    program: ContractProgram,
    streams?: Streams,
    identity?: ProcessIdentity,
  ): Promise<ComputeProcess>;
  /** Adopts the system by a successor. */
  adopt(system: ComputeSystem): Promise<Succession>;
  /** Waits for the completion of an act. */
  done(act: Observable<unknown>, what: string): Promise<unknown>;
  first<T>(source: Observable<T>, what: string): Promise<T>;
  all<T>(source: Observable<T>, what: string): Promise<readonly T[]>;
  /** The output to its end. */
  text(source: ByteSource | undefined, what?: string): Promise<string>;
  /** The output to the first chunk in which the text is; the rest stays unread. */
  until(source: ByteSource | undefined, text: string): Promise<void>;
  /** Sends SIGTERM, in the form that the system takes. */
  term(system: ComputeSystem, process: ComputeProcess): Promise<Delivery>;
  /** Waits for the exit and discards output that no test reads: some engines report no exit before its end. */
  exit(process: ComputeProcess): Promise<ProcessExit>;
  /** Waits for the end of the system, in the same way. */
  ended(system: ComputeSystem): Promise<unknown>;
  within<T>(promise: PromiseLike<T>, what: string): Promise<T>;
  release(): Promise<void>;
}

export interface Succession {
  readonly system: ComputeSystem;
  readonly adopted: AdoptedSystem;
}

export interface Prepared {
  readonly system: ComputeSystem;
  /** The first process, held, if the engine offers `create`. */
  readonly held: ComputeProcess | undefined;
  /** Starts the system; resolves with its first process. */
  start(): Promise<ComputeProcess>;
}

const defaultTimeout = 20_000;
const allStreams: Streams = { stdin: true, stdout: true, stderr: true };

export const benchFor = (engine: ContractEngine): Bench => {
  const { timeout = defaultTimeout, program: specOf = shellProgram } = engine;
  const systems: ComputeSystem[] = [];
  /** Those that a successor has adopted. */
  const former: ComputeSystem[] = [];
  const processes: ComputeProcess[] = [];

  const within: Bench['within'] = async (promise, what) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`timed out after ${timeout} ms: ${what}`)), timeout);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  };
  const done: Bench['done'] = (act, what) => within(lastValueFrom(act, { defaultValue: undefined }), what);
  const first: Bench['first'] = (source, what) => within(firstValueFrom(source), what);

  /** An output is iterated once; its rest is discarded from where `until` has stopped. */
  const readers = new Map<ByteSource, AsyncIterator<Uint8Array>>();
  const readerOf = (source: ByteSource | undefined): AsyncIterator<Uint8Array> => {
    if (source === undefined) throw new Error('the process has no such output');
    const reader = readers.get(source) ?? source[Symbol.asyncIterator]();
    readers.set(source, reader);
    return reader;
  };
  const beingReadToTheEnd = new Set<ByteSource>();
  const discard = async (source: ByteSource | undefined): Promise<void> => {
    if (source === undefined || beingReadToTheEnd.has(source)) return;
    beingReadToTheEnd.add(source);
    await textOf(readerOf(source)).catch(() => undefined);
  };
  const discardOutput = ({ stdio }: ComputeProcess): void => {
    void discard(stdio.stdout);
    void discard(stdio.stderr);
  };
  const text = (source: ByteSource | undefined): Promise<string> => {
    if (source !== undefined) beingReadToTheEnd.add(source);
    return textOf(readerOf(source));
  };

  const kept = (process: ComputeProcess): ComputeProcess => {
    processes.push(process);
    return process;
  };
  const parametersOf = (
    system: ComputeSystem,
    program: ContractProgram | undefined,
    { stdin = false, stdout = false, stderr = false }: Streams = allStreams,
  ) => {
    const spec = program && specOf(program);
    // A terminal has one output.
    const streams = { stdin, stdout, stderr: stderr && spec?.terminal !== true };
    return processParameters({ system, spec, streams });
  };

  const prepare: Bench['prepare'] = async (program, descriptors = {}) => {
    const system = await engine.system(specOf(program));
    systems.push(system);
    const streams = {
      stdin: descriptors.stdin === undefined,
      stdout: descriptors.stdout === undefined,
      stderr: descriptors.stderr === undefined,
    };
    const parameters = parametersOf(system, system.initInDocument ? undefined : program, streams);
    if (system.create !== undefined) {
      const held = kept(await first(system.create(parameters, descriptors), 'create'));
      return {
        system,
        held,
        start: async () => {
          await done(system.start(), 'start');
          return held;
        },
      };
    }
    const start = async (): Promise<ComputeProcess> => {
      await done(system.start(), 'start');
      return kept(await first(system.createProcess(parameters, descriptors), 'createProcess of the init'));
    };
    return { system, held: undefined, start };
  };

  const releaseSystem = async (system: ComputeSystem): Promise<void> => {
    await done(system.terminate(), 'terminate, after the test');
    const mine = processes.splice(0);
    for (const process of mine) discardOutput(process);
    await first(system.exit$, 'exit$ of the system, after the test');
    for (const process of mine) await done(process.close(), 'close of a process, after the test');
    await done(system.close(), 'close, after the test');
    if (system.delete !== undefined) await done(system.delete(), 'delete, after the test');
  };

  return {
    prepare,
    open: async (program, descriptors) => {
      const prepared = await prepare(program, descriptors);
      return { system: prepared.system, init: await prepared.start() };
    },
    start: async (system, program, streams, identity) =>
      kept(
        await first(
          system.createProcess(parametersOf(system, program, streams), {}, identity),
          `createProcess of ${program.does}`,
        ),
      ),
    adopt: async (owned) => {
      // Its successor ends it; what its owner holds may be of no use any more.
      former.push(...systems.splice(0));
      const system = await engine.successor?.(owned);
      if (system?.adopt === undefined) throw new Error('the engine has no successor that can adopt');
      const adopted = await first(system.adopt(), 'adopt');
      systems.push(system);
      for (const { process } of [adopted.init, ...adopted.execs]) kept(process);
      return { system, adopted };
    },
    done,
    first,
    all: (source, what) => within(lastValueFrom(source.pipe(toArray())), what),
    text: (source, what = 'the end of the output') => within(text(source), what),
    until: (source, text) => within(readUntil(readerOf(source), text), `${text} in the output`),
    term: async (system, process) => {
      const action = system.signals.forText('TERM');
      if (action === undefined) throw new Error('the signal table does not take TERM');
      return first(action.kind === 'kill' ? process.kill() : process.signal(action.options), 'SIGTERM');
    },
    exit: (process) => {
      discardOutput(process);
      return first(process.exit$, 'exit$ of the process');
    },
    ended: (system) => {
      processes.forEach(discardOutput);
      return first(system.exit$, 'exit$ of the system');
    },
    within,
    release: async () => {
      for (const system of systems.splice(0)) await releaseSystem(system);
      for (const process of processes.splice(0))
        await done(process.close(), 'close of a process, after the test');
      for (const system of former.splice(0)) await done(system.close(), 'close of the owner, after the test');
    },
  };
};

const textOf = async (reader: AsyncIterator<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for (let next = await reader.next(); !next.done; next = await reader.next()) {
    // A chunk is valid until the next one is requested.
    chunks.push(Buffer.from(next.value));
  }
  return Buffer.concat(chunks).toString();
};

const readUntil = async (reader: AsyncIterator<Uint8Array>, text: string): Promise<void> => {
  let seen = '';
  while (!seen.includes(text)) {
    const { done, value } = await reader.next();
    if (done) throw new Error(`the output ended before ${JSON.stringify(text)}: ${JSON.stringify(seen)}`);
    seen += Buffer.from(value).toString();
  }
};
