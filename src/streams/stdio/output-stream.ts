/**
 * Output as an Observable that can also be iterated: subscribers are pushed to, and loops pull.
 */
import { Observable } from 'rxjs';

/** A piece of what a process wrote. Its bytes are the subscriber's, who shares them with the others. */
export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
  /** When it came, in milliseconds since the epoch. */
  readonly at: number;
}

/** Somebody who takes chunks. */
export interface OutputConsumer {
  /** A promise when it wants no more until that settles. */
  next(chunk: OutputChunk): Promise<void> | undefined;
  /** With the failure, if there was one. */
  end(error: unknown): void;
}

type Result = IteratorResult<OutputChunk, undefined>;

const END: Result = { done: true, value: undefined };

/** The output of an exec for several readers. */
export class OutputStream extends Observable<OutputChunk> implements AsyncIterable<OutputChunk> {
  readonly #attach: (consumer: OutputConsumer) => () => void;

  /** `attach` adds a consumer, and returns a function that removes it. */
  constructor(attach: (consumer: OutputConsumer) => () => void) {
    super((listener) =>
      attach({
        next: (chunk) => void listener.next(chunk),
        end: (error) => (error === undefined ? listener.complete() : listener.error(error)),
      }),
    );
    this.#attach = attach;
  }

  /** A loop sets the pace: the process is read as fast as the slowest one takes chunks. */
  [Symbol.asyncIterator](): AsyncIterator<OutputChunk, undefined> {
    const chunks: { readonly chunk: OutputChunk; taken(): void }[] = [];
    const pulls: { resolve(result: Result): void; reject(error: unknown): void }[] = [];
    let over: { error: unknown } | undefined;
    let detach: (() => void) | undefined;

    const settle = ({ resolve, reject }: (typeof pulls)[number]): void => {
      const error = over?.error;
      over = { error: undefined };
      if (error === undefined) resolve(END);
      else reject(error);
    };
    const consumer: OutputConsumer = {
      next: (chunk) => {
        const pull = pulls.shift();
        if (pull !== undefined) return void pull.resolve({ done: false, value: chunk });
        return new Promise((taken) => chunks.push({ chunk, taken }));
      },
      end: (error) => {
        over = { error };
        for (const pull of pulls.splice(0)) settle(pull);
      },
    };
    const leave = (): void => {
      detach?.();
      over = { error: undefined };
      for (const { taken } of chunks.splice(0)) taken();
      for (const pull of pulls.splice(0)) settle(pull);
    };
    return {
      next: () => {
        detach ??= this.#attach(consumer);
        const first = chunks.shift();
        if (first !== undefined) {
          first.taken();
          return Promise.resolve({ done: false, value: first.chunk });
        }
        return new Promise((resolve, reject) => {
          const pull = { resolve, reject };
          if (over === undefined) pulls.push(pull);
          else settle(pull);
        });
      },
      return: () => {
        leave();
        return Promise.resolve(END);
      },
    };
  }
}
