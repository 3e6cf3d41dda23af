/**
 * A command: a cold Observable that can also be awaited.
 *
 * It does nothing before it is subscribed to or awaited. Cancelling it (by unsubscribing or an aborted `AbortSignal`)
 * removes a queued command from the queue. A command in progress runs to its end, because the process it acts on
 * outlives the request.
 */
import { lastValueFrom, Observable, type Subscriber, type TeardownLogic } from 'rxjs';

/** Options of every command. */
export interface CommandOptions {
  /** Cancels the wait for the answer. The command then fails with the signal's reason. */
  readonly abortSignal?: AbortSignal;
}

/** A command of an exec or task: a cold Observable that can be awaited. It does nothing before either. */
export class Command<T> extends Observable<T> implements Promise<T> {
  /** Like any promise it settles once. Each subscription runs the command again. */
  #awaited: Promise<T> | undefined;

  // biome-ignore lint/suspicious/noThenProperty: awaiting a command is the point of it
  then<A = T, B = never, E = unknown>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: E) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#settled().then(onFulfilled, onRejected);
  }

  catch<B = never, E = unknown>(onRejected?: ((reason: E) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#settled().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#settled().finally(onFinally);
  }

  /** With it, its type is that of a promise, for functions that take one. */
  get [Symbol.toStringTag](): string {
    return 'Command';
  }

  #settled(): Promise<T> {
    this.#awaited ??= lastValueFrom(this, { defaultValue: undefined as T });
    return this.#awaited;
  }
}

/** Creates a command from the function to run on subscription, and binds it to the caller's `AbortSignal`, if any. */
export const command = <T>(
  begin: (listener: Subscriber<T>) => TeardownLogic,
  { abortSignal }: CommandOptions = {},
): Command<T> =>
  new Command((listener) => {
    if (abortSignal !== undefined) {
      if (abortSignal.aborted) {
        listener.error(abortSignal.reason);
        return undefined;
      }
      const abort = (): void => listener.error(abortSignal.reason);
      abortSignal.addEventListener('abort', abort);
      listener.add(() => abortSignal.removeEventListener('abort', abort));
    }
    return begin(listener);
  });

/** A command that subscribes to an Observable. */
export const commanded = <T>(work: Observable<T>): Command<T> =>
  new Command((listener) => work.subscribe(listener));
