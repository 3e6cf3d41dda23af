import { connect, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, Observable, of, throwError } from 'rxjs';
import { RxshimError } from '../../../src/hcs/failures/errors.js';
import type { Any } from '../../../src/shim/messages/index.js';
import { metadataOf, serviceClient, TtrpcError, ttrpcClient } from '../../../src/shim/ttrpc/index.js';
import { TestDefinition } from './definition.js';
import { aWhile, cleanly, never, serve, type TestHandlers, text, until } from './harness.js';

const task = async (handlers: TestHandlers = {}) => {
  const harness = await serve(handlers);
  const client = harness.client();
  return { ...harness, client, ...serviceClient(client, TestDefinition) };
};

/** Numbers that look random and are the same in every run. */
const scattered = (count: number): number[] => {
  let state = 12_345;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state;
  });
};

describe('a call', () => {
  it('is answered', async () => {
    const { echo } = await task();
    expect(await echo(text('hello'))).toEqual(text('hello'));
  });

  it('carries empty messages, and long ones unharmed', async () => {
    const { echo } = await task();
    expect(await echo(text(''))).toEqual(text(''));
    const value = Buffer.alloc(3_000_000, 'abcdefg');
    const { value: back } = await echo({ typeUrl: '', value });
    expect(value.equals(back)).toBe(true);
  });

  it('gives its handler metadata with names in lower case, and the deadline', async () => {
    let seen: unknown;
    const { echo } = await task({
      echo: async (request, { metadata, deadline }) => {
        seen = [Object.fromEntries(metadata), (deadline as number) - Date.now() > 50_000];
        return request;
      },
    });
    const metadata = metadataOf({ 'Containerd-Namespace-TTRPC': 'default', trace: ['a', 'b'] });
    await echo(text(''), { metadata, timeout: 60_000 });
    expect(seen).toEqual([{ 'containerd-namespace-ttrpc': ['default'], trace: ['a', 'b'] }, true]);
  });

  it('has no deadline unless it is given one', async () => {
    let seen: unknown = 'nothing';
    const { echo } = await task({
      echo: async (request, { deadline }) => {
        seen = deadline;
        return request;
      },
    });
    await echo(text(''));
    expect(seen).toBeUndefined();
  });

  it('waits as long as it takes while others on the same connection come and go', async () => {
    let release: (value: Any) => void = () => {};
    const { echo, hold } = await task({ hold: () => new Promise((resolve) => (release = resolve)) });
    const held = hold(text('wait'));
    for (let turn = 0; turn < 50; turn += 1) await echo(text(String(turn)));
    release(text('exited'));
    expect(await held).toEqual(text('exited'));
  });

  it('gets its own answer among a thousand, in whatever order they come', async () => {
    const order = scattered(1_000);
    const waiting: { at: number; answer: () => void }[] = [];
    const { hold } = await task({
      hold: (request) =>
        new Promise((resolve) => {
          waiting.push({ at: order[waiting.length] as number, answer: () => resolve(request) });
          if (waiting.length < 1_000) return;
          for (const { answer } of waiting.sort((a, b) => a.at - b.at)) answer();
        }),
    });
    const names = Array.from({ length: 1_000 }, (_, index) => text(`call ${index}`));
    expect(await Promise.all(names.map((name) => hold(name)))).toEqual(names);
  });

  it('leaves nothing behind', async () => {
    const seen: AbortSignal[] = [];
    const { echo, client, server } = await task({
      echo: async (request, { signal }) => {
        seen.push(signal);
        return request;
      },
    });
    await echo(text(''));
    client.close();
    await until(() => server.connections === 0);
    expect(seen.map(({ aborted }) => aborted)).toEqual([false]);
  });
});

describe('an Observable as the answer', () => {
  const answering = (echo$: Observable<Any>) => task({ echo: () => echo$ });

  it('answers with its first value', async () => {
    const { echo } = await answering(of(text('first'), text('second')));
    expect(await echo(text(''))).toEqual(text('first'));
  });

  it('answers with the empty message when it completes without one', async () => {
    const { echo } = await answering(EMPTY);
    expect(await echo(text('given'))).toEqual(text(''));
  });

  it('answers with its error', async () => {
    const { echo } = await answering(throwError(() => new RxshimError('notFound', 'exec a')));
    await expect(echo(text(''))).rejects.toMatchObject({ kind: 'notFound', message: 'exec a' });
  });

  it('is left once it has answered, when the time is over, and when the caller is gone', async () => {
    const left: string[] = [];
    let asked = 0;
    const noting = (name: string, source$: Observable<Any>) =>
      new Observable<Any>((subscriber) => {
        asked += 1;
        const subscription = source$.subscribe(subscriber);
        return () => {
          left.push(name);
          subscription.unsubscribe();
        };
      });
    const { echo, client } = await task({
      echo: ({ typeUrl }) => noting(typeUrl, typeUrl === 'now' ? of(text('')) : NEVER),
    });
    await echo(text('now'));
    await expect(echo(text('late'), { timeout: 10 })).rejects.toMatchObject({ kind: 'deadlineExceeded' });
    await until(() => left.length === 2);
    expect(left).toEqual(['now', 'late']);
    const lost = echo(text('gone'));
    await until(() => asked === 3);
    client.close();
    await expect(lost).rejects.toMatchObject({ kind: 'closed' });
    await until(() => left.length === 3);
    expect(left).toEqual(['now', 'late', 'gone']);
  });
});

describe('an Observable that fails as it is left', () => {
  it('is heard of in the log, and nowhere else', async () => {
    const logged: unknown[] = [];
    const failing = new Observable<Any>((subscriber) => {
      subscriber.next(text('answer'));
      return () => {
        throw new Error('cannot stop');
      };
    });
    const harness = await serve(
      { echo: () => failing },
      { log: (message, error) => logged.push(message, error) },
    );
    const { echo } = serviceClient(harness.client(), TestDefinition);
    expect(await echo(text(''))).toEqual(text('answer'));
    expect(await echo(text(''))).toEqual(text('answer'));
    expect(logged[0]).toBe('Echo failed as it was stopped');
    expect(String(logged[1])).toContain('cannot stop');
  });
});

describe('a failing call', () => {
  const failing = async (error: unknown) => {
    const { echo } = await task({
      echo: async () => {
        throw error;
      },
    });
    return echo(text('')).catch((thrown: unknown) => thrown);
  };

  it.each([
    ['notFound', 5],
    ['alreadyExists', 6],
    ['failedPrecondition', 9],
    ['invalidArgument', 3],
    ['unavailable', 14],
    ['notImplemented', 12],
    ['unknown', 2],
  ] as const)('of kind %s arrives as code %i, without the text of its class', async (kind, code) => {
    const message = 'process already finished';
    expect(await failing(new RxshimError(kind, message))).toMatchObject({
      name: 'TtrpcError',
      kind,
      code,
      message,
    });
  });

  it.each([
    ['canceled', 1],
    ['deadlineExceeded', 4],
    ['permissionDenied', 7],
    ['resourceExhausted', 8],
    ['aborted', 10],
    ['outOfRange', 11],
    ['internal', 13],
    ['dataLoss', 15],
    ['unauthenticated', 16],
  ] as const)('of kind %s, from any module, arrives as code %i', async (kind, code) => {
    expect(await failing(Object.assign(new Error('x'), { kind }))).toMatchObject({
      kind,
      code,
      message: 'x',
    });
  });

  it('is unknown when it says nothing of its kind, or something that is none', async () => {
    expect(await failing(new Error('boom'))).toMatchObject({ kind: 'unknown', code: 2, message: 'boom' });
    expect(await failing('boom')).toMatchObject({ kind: 'unknown', message: 'boom' });
    for (const kind of ['ok', 'toString', 'strange', 5]) {
      expect(await failing(Object.assign(new Error('x'), { kind }))).toMatchObject({
        kind: 'unknown',
        code: 2,
      });
    }
  });

  it('is canceled or out of time when an abort signal ended it', async () => {
    expect(await failing(new DOMException('given up', 'AbortError'))).toMatchObject({ kind: 'canceled' });
    expect(await failing(new DOMException('late', 'TimeoutError'))).toMatchObject({
      kind: 'deadlineExceeded',
    });
  });

  it('fails also when the handler throws before it has begun', async () => {
    const { echo } = await task({
      echo: () => {
        throw new RxshimError('notFound', 'task');
      },
    });
    await expect(echo(text(''))).rejects.toMatchObject({ kind: 'notFound' });
  });

  it('is internal when the answer cannot be encoded', async () => {
    const { echo } = await task({ echo: async () => ({ typeUrl: 'x', value: 5 as unknown as Uint8Array }) });
    await expect(echo(text(''))).rejects.toMatchObject({ kind: 'internal' });
  });

  it('is not implemented for a method without handler, a method unknown and a service unknown', async () => {
    const { missing, client } = await task();
    await expect(missing(text(''))).rejects.toMatchObject({
      kind: 'notImplemented',
      message: 'method test.v1.Test/Missing',
    });
    const bytes = new Uint8Array(0);
    await expect(client.call('test.v1.Test', 'toString', bytes)).rejects.toMatchObject({ code: 12 });
    await expect(client.call('containerd.task.v3.Task', 'State', bytes)).rejects.toMatchObject({
      code: 12,
      message: 'service containerd.task.v3.Task',
    });
  });

  it('reports that an answer is too long, instead of sending it', async () => {
    const { echo, hold } = await task({
      hold: async () => ({ typeUrl: '', value: Buffer.alloc(4 * 1024 * 1024) }),
    });
    await expect(hold(text(''))).rejects.toMatchObject({ kind: 'resourceExhausted', code: 8 });
    expect(await echo(text('still here'))).toEqual(text('still here'));
  });

  it('never leaves when its request is too long', async () => {
    const { echo } = await task();
    const value = Buffer.alloc(4 * 1024 * 1024);
    await expect(echo({ typeUrl: '', value })).rejects.toMatchObject({ kind: 'resourceExhausted' });
    expect(await echo(text('still here'))).toEqual(text('still here'));
  });
});

describe('giving a call up', () => {
  it('happens after the timeout, at both ends, and the late answer is ignored', async () => {
    let aborted: unknown;
    let release: (value: Any) => void = () => {};
    const { hold, echo } = await task({
      hold: (_, { signal }) => {
        signal.addEventListener('abort', () => (aborted = signal.reason));
        return new Promise((resolve) => (release = resolve));
      },
    });
    await expect(hold(text(''), { timeout: 30 })).rejects.toMatchObject({
      kind: 'deadlineExceeded',
      code: 4,
    });
    await until(() => aborted !== undefined);
    expect(aborted).toMatchObject({ kind: 'deadlineExceeded' });
    release(text('too late'));
    expect(await echo(text('next'))).toEqual(text('next'));
  });

  it('happens when its signal aborts, before or after it is sent', async () => {
    let asked = 0;
    const { hold, echo } = await task({
      hold: () => {
        asked += 1;
        return never();
      },
    });
    const early = hold(text(''), { signal: AbortSignal.abort('early') });
    await expect(early).rejects.toMatchObject({ kind: 'canceled', cause: 'early' });
    const controller = new AbortController();
    const late = hold(text(''), { signal: controller.signal });
    await until(() => asked === 1);
    controller.abort('late');
    await expect(late).rejects.toMatchObject({ kind: 'canceled', cause: 'late' });
    expect(asked).toBe(1);
    expect(await echo(text('next'))).toEqual(text('next'));
  });

  it('does not happen to a call with a limit of months', async () => {
    const { hold } = await task({ hold: async () => aWhile(30).then(() => text('done')) });
    expect(await hold(text(''), { timeout: 90 * 86_400_000 })).toEqual(text('done'));
  });
});

describe('a connection that drops', () => {
  it('fails every call that waits, and all later ones, as closed', async () => {
    const { hold, echo, client, listener } = await task({ hold: () => never() });
    const sockets: Socket[] = [];
    listener.on('connection', (socket: Socket) => sockets.push(socket));
    await echo(text('first'));
    const waiting = [hold(text('')), hold(text('')), hold(text(''), { timeout: 60_000 })];
    await aWhile();
    client.close();
    for (const call of waiting) await expect(call).rejects.toMatchObject({ kind: 'closed', code: 14 });
    await expect(echo(text('later'))).rejects.toBeInstanceOf(TtrpcError);
    expect((await client.closed).kind).toBe('closed');
  });

  it('says why when there was no listener', async () => {
    const client = ttrpcClient(() => connect('/nowhere/s'));
    const call = client.call('s', 'm', new Uint8Array(0));
    await expect(call).rejects.toMatchObject({ kind: 'closed', cause: { code: 'ENOENT' } });
    await expect(call).rejects.toThrow('ENOENT');
    await client.closed;
  });

  it('is made again by the caller, with a server that has restarted at the same place', async () => {
    const first = await serve({ hold: () => never() });
    const one = first.client();
    const waiting = serviceClient(one, TestDefinition).hold(text(''));
    await aWhile();
    const closed = first.server.close({ within: 0 });
    await expect(waiting).rejects.toMatchObject({ kind: 'closed' });
    await closed;
    const second = await serve({}, {}, first.path);
    expect(await serviceClient(second.client(), TestDefinition).echo(text('again'))).toEqual(text('again'));
  });

  it('does not keep calls that were given up', async () => {
    const { client } = await task();
    cleanly(() => client.close());
    client.close();
    client.close();
    await expect(client.call('s', 'm', new Uint8Array(0))).rejects.toMatchObject({ kind: 'closed' });
  });
});
