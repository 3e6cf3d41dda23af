/**
 * The outputs of an exec as one stream of chunks, for any number of subscribers: what `exec.output$` is made of.
 *
 * Before the first subscriber nothing is read: the process waits once its pipes are full. From then on each chunk goes to
 * all subscribers, and the next one of a stream is read when all have taken it: subscribers when their `next` returns,
 * loops when they ask again. So memory is bounded by one chunk for each stream, and the slowest loop slows the process.
 * When all have left, the rest is read and dropped, as by /dev/null.
 */
import { RxshimError } from '../../../hcs/failures/errors.js';
import { type OutputChunk, type OutputConsumer, OutputStream } from '../output-stream.js';
import type { OpenedOutput } from '../upstream/opened.js';

/** Takes chunks as they come; the promise settles when it wants more. */
export interface OutputObserver {
  next(chunk: OutputChunk): Promise<void>;
  end(error: unknown): void;
}

/** The output from before the first observer. */
export interface StoredOutput {
  readonly turn: number;
  readonly chunk: OutputChunk;
}

export interface ObservableOutput extends OpenedOutput {
  /**
   * Takes the place of its reader.
   * @throws RxshimError `failedPrecondition` when it has or had one.
   */
  observe(): { readonly stored: readonly StoredOutput[]; begin(observer: OutputObserver): void };
}

export const observedOutput = (outputs: readonly ObservableOutput[]): OutputStream => {
  const consumers = new Set<OutputConsumer>();
  let state: 'idle' | 'observing' | { readonly error: unknown } = 'idle';
  /** Chunks go out one after the other, whichever stream they came by. */
  let last: Promise<void> | undefined;
  let open = outputs.length;
  let failure: unknown;

  const emit = (chunk: OutputChunk): Promise<void> | undefined => {
    let busy: Promise<unknown>[] | undefined;
    for (const consumer of [...consumers]) {
      const taking = consumer.next(chunk);
      if (taking !== undefined) busy = [...(busy ?? []), taking];
    }
    return busy === undefined ? undefined : Promise.all(busy).then(() => undefined);
  };

  const pass = (chunk: OutputChunk): Promise<void> => {
    if (last === undefined) {
      const taking = emit(chunk);
      if (taking === undefined) return taken;
      return following(taking);
    }
    return following(last.then(() => emit(chunk)));
  };

  const following = (work: Promise<void>): Promise<void> => {
    const mine = work.finally(() => {
      if (last === mine) last = undefined;
    });
    last = mine;
    return mine;
  };

  const endOne = (error: unknown): void => {
    failure ??= error;
    open -= 1;
    if (open > 0) return;
    const over = (): void => {
      state = { error: failure };
      for (const consumer of consumers) consumer.end(failure);
      consumers.clear();
    };
    if (last === undefined) over();
    else void last.then(over);
  };

  const begin = (): void => {
    const started = outputs.map((output) => output.observe());
    state = 'observing';
    const stored = started.flatMap((one) => one.stored).sort((one, other) => one.turn - other.turn);
    for (const { chunk } of stored) void pass(chunk);
    for (const one of started) one.begin({ next: pass, end: endOne });
  };

  return new OutputStream((consumer) => {
    if (outputs.length === 0) consumer.end(nothingToObserve());
    else if (typeof state === 'object') consumer.end(state.error);
    else {
      consumers.add(consumer);
      try {
        if (state === 'idle') begin();
      } catch (error) {
        consumers.delete(consumer);
        consumer.end(error);
      }
    }
    return () => void consumers.delete(consumer);
  });
};

/** For an exec that has nothing to observe: subscribers get an error. */
export const noOutput = observedOutput([]);

const taken = Promise.resolve();

const nothingToObserve = (): RxshimError =>
  new RxshimError('failedPrecondition', "output$: no output is asked for as 'pipe' in stdio");
