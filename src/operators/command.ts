/**
 * A command: a cold Observable that can also be awaited.
 *
 * Nothing is asked of anybody before somebody subscribes or awaits. Losing interest (unsubscribing, an aborted
 * `AbortSignal`) takes a command back while it waits for its turn; once under way it goes on, because the life of what
 * it acts on is not bound to that of a request.
 */
import { lastValueFrom, Observable, type Subscriber, type TeardownLogic } from 'rxjs';

export interface CommandOptions {
  /** Gives up waiting for the command's answer; the command then fails with the signal's reason. */
  readonly abortSignal?: AbortSignal;
}

export class Command<T> extends Observable<T> implements PromiseLike<T> {
  /** Like any promise it settles once, however often it is awaited. Each subscription asks anew. */
  #awaited: Promise<T> | undefined;

  // biome-ignore lint/suspicious/noThenProperty: awaiting a command is the point of it
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#settled().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#settled().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#settled().finally(onFinally);
  }

  #settled(): Promise<T> {
    this.#awaited ??= lastValueFrom(this, { defaultValue: undefined as T });
    return this.#awaited;
  }
}

/** Makes a command from what it does on subscription, bound to the caller's `AbortSignal` if there is one. */
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

/** A command that does what an Observable does. */
export const commanded = <T>(work: Observable<T>): Command<T> =>
  new Command((listener) => work.subscribe(listener));
