/**
 * Output that the caller itself reads, without a descriptor, so that it works with every engine. It is for one reader.
 *
 * How much is kept for that reader: 64 KiB while the process runs, as in a pipe of the kernel, so that a slow reader
 * slows the process. What was written before the exit is kept whole: no more than a pipe and a buffer on the way hold.
 * When the exit is awaited and no reader has started, 16 MiB; the rest is dropped, or the wait would never end.
 *
 * A reader that leaves (breaks out of its loop) closes the pipe, and the process gets SIGPIPE at its next write, as in a
 * shell. Where that is not wanted, the rest of the output is read on and dropped.
 */
import type { ByteSink } from '../../../hcs/contract/bytes.js';
import { RxshimError } from '../../../hcs/failures/errors.js';
import { closedError, leftError } from '../closed-error.js';
import type { ReaderLeaves } from '../upstream/stdio-request.js';
import type { OutputName } from '../upstream.js';
import { type Arrivals, countArrivals } from './arrivals.js';
import { byteStore } from './byte-store.js';
import type { ObservableOutput, OutputObserver, StoredOutput } from './observed-output.js';

interface Write {
  rest: Uint8Array;
  resolve(): void;
  reject(error: unknown): void;
}

interface Pull {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

type Result = IteratorResult<Uint8Array, undefined>;

const END: Result = { done: true, value: undefined };
const KEPT_WHILE_RUNNING = 64 * 1024;
const KEPT_AFTER_EXIT = 4 * 1024 * 1024;
const KEPT_UNREAD = 16 * 1024 * 1024;

export interface CallerOutputOptions {
  readonly whenReaderLeaves?: ReaderLeaves | undefined;
  /** How many streams of the process lead here: it has ended when all of them have. */
  readonly users?: number;
  /** Where arrival is counted, together with another output. */
  readonly arrivals?: Arrivals;
}

export const callerOutput = (
  name: OutputName,
  { whenReaderLeaves = 'close', users = 1, arrivals = countArrivals(Date.now) }: CallerOutputOptions = {},
): ObservableOutput => {
  const closes = whenReaderLeaves === 'close';
  const store = byteStore();
  const writes: Write[] = [];
  const pulls: Pull[] = [];
  let open = users;
  let observer: OutputObserver | undefined;
  /** The chunks on their way to the observer, and the writes that wait until it has them. */
  let observed = 0;
  const unobserved = new Set<() => void>();
  let claimed = false;
  let reader: 'none' | 'reads' | 'left' = 'none';
  let written = false;
  let exited = false;
  let awaited = false;
  let dropped = false;
  let thrown = false;
  let ended: { readonly error?: unknown } | undefined;
  // Made when asked for: ten thousand of these may be idle.
  let leaving: PromiseWithResolvers | undefined;

  const isUnreadAndAwaited = (): boolean => awaited && reader === 'none';

  const capacity = (): number => {
    if (isUnreadAndAwaited()) return KEPT_UNREAD;
    return exited ? KEPT_AFTER_EXIT : KEPT_WHILE_RUNNING;
  };

  const flow = (): void => {
    if (observer !== undefined) return flowTo(observer);
    for (let write = writes[0]; write !== undefined; write = writes[0]) {
      const pull = pulls.shift();
      // A reader that waits gets the bytes as they come, past the store, which is empty then.
      const length = pull === undefined ? Math.max(0, capacity() - store.size) : write.rest.length;
      if (pull !== undefined) pull.resolve({ done: false, value: Buffer.from(write.rest) });
      else store.add(write.rest.subarray(0, length), arrivals.stamp(name));
      write.rest = write.rest.subarray(length);
      if (write.rest.length > 0) {
        if (!isUnreadAndAwaited()) return;
        dropped = true;
        for (const { resolve } of writes.splice(0)) resolve();
        return;
      }
      writes.shift();
      write.resolve();
    }
    if (ended !== undefined) for (const pull of pulls.splice(0)) settle(pull);
  };

  const flowTo = ({ next, end }: OutputObserver): void => {
    for (const { rest, resolve } of writes.splice(0)) {
      observed += rest.length;
      const taken = (): void => {
        observed -= rest.length;
        unobserved.delete(resolve);
        resolve();
      };
      unobserved.add(resolve);
      next({ stream: name, bytes: Buffer.from(rest), at: arrivals.stamp(name).at }).then(taken, taken);
    }
    // As for one reader: what was written before the exit is kept.
    if (exited && observed <= KEPT_AFTER_EXIT) for (const resolve of unobserved) resolve();
    if (ended === undefined || thrown) return;
    thrown = true;
    end(dropped ? unreadError(name) : ended.error);
  };

  /** The answer to a pull after the last byte. An error is thrown once, as by a generator. */
  const settle = ({ resolve, reject }: Pull): void => {
    const error = dropped ? unreadError(name) : ended?.error;
    if (error === undefined || thrown) return resolve(END);
    thrown = true;
    reject(error);
  };

  const write = (chunk: Uint8Array): Promise<void> => {
    if (ended !== undefined) return Promise.reject(closedError());
    written = true;
    if (reader === 'left' && closes) return Promise.reject(leftError('the caller'));
    if (reader === 'left' || dropped || chunk.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (writes.push({ rest: chunk, resolve, reject }) === 1) flow();
    });
  };

  const finish = (): void => {
    ended ??= {};
    flow();
  };

  const end = (): void => {
    open -= 1;
    if (open === 0) finish();
  };

  const fail = (error: unknown): void => {
    if (ended !== undefined) return;
    for (const { reject } of writes.splice(0)) reject(closedError());
    ended = { error };
    flow();
  };

  const leave = (): void => {
    if (reader === 'left') return;
    reader = 'left';
    // Before writes are refused: who waits for both sees why.
    leaving?.resolve();
    store.clear();
    for (const { resolve, reject } of writes.splice(0)) closes ? reject(leftError('the caller')) : resolve();
    for (const { resolve } of pulls.splice(0)) resolve(END);
  };

  const next = (): Promise<Result> => {
    if (reader === 'left') return Promise.resolve(END);
    reader = 'reads';
    const value = store.take()?.bytes;
    if (value !== undefined) {
      flow();
      return Promise.resolve({ done: false, value });
    }
    return new Promise((resolve, reject) => {
      const pull = { resolve, reject };
      if (dropped || ended !== undefined) settle(pull);
      else pulls.push(pull);
    });
  };

  const iterator = {
    next,
    return: (): Promise<Result> => {
      leave();
      return Promise.resolve(END);
    },
  };

  const claim = (): void => {
    if (claimed) throw takenError(name);
    claimed = true;
  };

  const observe: ObservableOutput['observe'] = () => {
    claim();
    reader = 'reads';
    const stored: StoredOutput[] = [];
    for (let block = store.take(); block !== undefined; block = store.take())
      stored.push({
        turn: block.stamp.turn,
        chunk: { stream: name, bytes: block.bytes, at: block.stamp.at },
      });
    const begin = (by: OutputObserver): void => {
      observer = by;
      flow();
    };
    return { stored, begin };
  };

  const processExited = (): void => {
    exited = true;
    flow();
  };

  const whenLeft = (): Promise<void> => {
    leaving ??= withResolvers();
    if (reader === 'left') leaving.resolve();
    return leaving.promise;
  };

  const sink = { write, end, fail, processExited };
  return {
    sink: closes ? new ClosingSink(sink, whenLeft) : sink,
    observe,
    caller: {
      [Symbol.asyncIterator]: () => {
        claim();
        return iterator;
      },
    },
    passOn: (to) => {
      claimed = true;
      reader = 'reads';
      const passed: Promise<void>[] = [];
      for (let block = store.take(); block !== undefined; block = store.take())
        passed.push(to.write(block.bytes));
      for (const { rest, resolve, reject } of writes.splice(0)) to.write(rest).then(resolve, reject);
      return Promise.allSettled(passed);
    },
    awaited: () => {
      awaited = true;
      flow();
    },
    unread: () => ({ names: reader === 'none' && (dropped || store.size > 0) ? [name] : [], dropped }),
    // Kept output outlives the exec, for a late reader.
    close: () => {
      if (!written) finish();
      else if (ended === undefined) fail(closedEarlyError(name));
    },
  };
};

type CallerSink = Required<Pick<ByteSink, 'write' | 'end' | 'fail' | 'processExited'>>;

// A class, since V8 makes a shape of its own for every object whose literal has a getter.
class ClosingSink implements ByteSink {
  readonly #whenLeft: () => Promise<void>;
  readonly write: CallerSink['write'];
  readonly end: CallerSink['end'];
  readonly fail: CallerSink['fail'];
  readonly processExited: CallerSink['processExited'];

  constructor({ write, end, fail, processExited }: CallerSink, whenLeft: () => Promise<void>) {
    this.#whenLeft = whenLeft;
    this.write = write;
    this.end = end;
    this.fail = fail;
    this.processExited = processExited;
  }

  get closed(): Promise<void> {
    return this.#whenLeft();
  }
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  resolve(): void;
}

const withResolvers = (): PromiseWithResolvers => {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
};

const takenError = (name: OutputName): RxshimError =>
  new RxshimError('failedPrecondition', `${name} has one reader, and has or had it already`);

const unreadError = (name: OutputName): RxshimError =>
  new RxshimError(
    'truncated',
    `${name} was truncated: more than ${KEPT_UNREAD} bytes were buffered with no reader`,
  );

const closedEarlyError = (name: OutputName): RxshimError =>
  new RxshimError('truncated', `${name} was truncated: it was closed before its end`);
