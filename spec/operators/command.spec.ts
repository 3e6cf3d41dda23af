import { describe, expect, it } from '@jest/globals';
import { EMPTY, of, Subject, throwError } from 'rxjs';
import { command } from '../../src/operators/command.js';
import { inMarbles } from '../support/marbles.js';

const reason = new Error('changed my mind');

/** An AbortController that counts who listens to it. */
const counted = () => {
  const controller = new AbortController();
  let listening = 0;
  const { signal } = controller;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listening += 1;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listening -= 1;
    removeEventListener.apply(signal, args);
  };
  return { controller, signal, listening: () => listening };
};

describe('a command', () => {
  it('asks nothing of anybody before it is subscribed to, and asks anew each time', () => {
    let asked = 0;
    const ask = command<void>((listener) => {
      asked += 1;
      listener.complete();
    });
    expect(asked).toBe(0);
    ask.subscribe();
    ask.subscribe();
    expect(asked).toBe(2);
  });

  it('is what its work is, as an Observable', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold('-a-b-|');
      const e1subs = ' ^----!';
      const expected = '-a-b-|';

      expectObservable(command<string>((listener) => e1.subscribe(listener))).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('leaves its work when its listener leaves', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold('-a-b-|');
      const e1subs = ' ^-!   ';
      const expected = '-a-   ';
      const unsub = '  --!   ';

      expectObservable(
        command<string>((listener) => e1.subscribe(listener)),
        unsub,
      ).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('can be awaited: for its last value, or for nothing', async () => {
    await expect(command<number>((listener) => of(1, 2).subscribe(listener))).resolves.toBe(2);
    await expect(command<void>((listener) => EMPTY.subscribe(listener))).resolves.toBeUndefined();
  });

  it('settles once, however often it is awaited', async () => {
    let asked = 0;
    const once = command<number>((listener) => {
      asked += 1;
      listener.next(asked);
      listener.complete();
    });
    expect([await once, await once, ...(await Promise.all([once, once]))]).toEqual([1, 1, 1, 1]);
  });

  it('rejects with its error, once, and only who awaits it', async () => {
    const failing = command<void>((listener) => throwError(() => reason).subscribe(listener));
    await expect(failing).rejects.toBe(reason);
    await expect(failing.then(() => 'fine', String)).resolves.toBe('Error: changed my mind');
  });

  it('works in Promise.all, which knows nothing of Observables', async () => {
    const three = command<number>((listener) => of(3).subscribe(listener));
    expect(await Promise.all([three, three])).toEqual([3, 3]);
  });

  it('asks nothing when its signal was aborted before', async () => {
    let asked = false;
    const begin = () => {
      asked = true;
    };
    await expect(command(begin, { abortSignal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(asked).toBe(false);
  });

  it('fails with the reason of a signal aborted while it waits, and leaves its work', () => {
    const { controller, signal, listening } = counted();
    const work$ = new Subject<string>();
    const seen: unknown[] = [];
    command<string>((listener) => work$.subscribe(listener), { abortSignal: signal }).subscribe({
      next: (value) => seen.push(value),
      error: (error) => seen.push(error),
    });
    work$.next('a');
    controller.abort(reason);
    work$.next('b');
    expect(seen).toEqual(['a', reason]);
    expect(work$.observed).toBe(false);
    expect(listening()).toBe(0);
  });

  it('does not mind a signal aborted after its end, and no longer listens to it', () => {
    const { controller, signal, listening } = counted();
    const seen: unknown[] = [];
    command<string>((listener) => of('a').subscribe(listener), { abortSignal: signal }).subscribe({
      next: (value) => seen.push(value),
      error: (error) => seen.push(error),
      complete: () => seen.push('|'),
    });
    expect(listening()).toBe(0);
    controller.abort(reason);
    expect(seen).toEqual(['a', '|']);
  });

  it('no longer listens to the signal of a command that failed, or was left', () => {
    const { signal, listening } = counted();
    command((listener) => throwError(() => reason).subscribe(listener), { abortSignal: signal }).subscribe({
      error: () => undefined,
    });
    command(() => undefined, { abortSignal: signal })
      .subscribe()
      .unsubscribe();
    expect(listening()).toBe(0);
  });

  it('takes one signal for many commands', () => {
    const { controller, signal, listening } = counted();
    const errors: unknown[] = [];
    for (let i = 0; i < 3; i += 1) {
      command(() => undefined, { abortSignal: signal }).subscribe({ error: (error) => errors.push(error) });
    }
    expect(listening()).toBe(3);
    controller.abort(reason);
    expect(errors).toEqual([reason, reason, reason]);
    expect(listening()).toBe(0);
  });

  it('refuses what is no signal, and names it', async () => {
    const abortSignal = 'soon' as unknown as AbortSignal;
    await expect(command(() => undefined, { abortSignal })).rejects.toMatchObject({
      name: 'TypeError',
      message: expect.stringContaining('abortSignal'),
    });
  });
});
