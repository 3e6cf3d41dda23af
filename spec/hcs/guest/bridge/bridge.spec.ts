import { afterEach, describe, expect, it } from '@jest/globals';
import { type Context, context, createTraceState, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { isAlreadyStopped, isNotExist } from '../../../../src/hcs/failures/classifiers.js';
import { kindOf, messageOf } from '../../../../src/hcs/failures/errors.js';
import { type Bridge, openBridge } from '../../../../src/hcs/guest/bridge/bridge.js';
import type { BridgeEnd } from '../../../../src/hcs/guest/bridge/failures.js';
import { inMarbles } from '../../../support/marbles.js';
import { type MemoryConnection, memoryConnection } from '../memory-connection.js';

interface Call {
  readonly value?: unknown;
  readonly error?: unknown;
  readonly state: 'waits' | 'answered' | 'failed';
}

const start = (bridge: Bridge, id = 'c1'): Call => {
  const call: { -readonly [K in keyof Call]: Call[K] } = { state: 'waits' };
  bridge.call('start', id, {}).subscribe({
    next: (value) => (call.value = value),
    error: (error) => Object.assign(call, { error, state: 'failed' }),
    complete: () => (call.state = 'answered'),
  });
  return call;
};

const bridges: Bridge[] = [];

// What waits for an answer would keep its timer for five minutes.
afterEach(() => {
  for (const bridge of bridges.splice(0)) bridge.close();
});

const firstId = 1n << 40n;

const opened = () => {
  const connection = memoryConnection();
  const strays: string[] = [];
  const bridge = openBridge(connection, { firstId, onStray: (what) => strays.push(what) });
  bridges.push(bridge);
  const ends: BridgeEnd[] = [];
  bridge.end$.subscribe((end) => ends.push(end));
  return { connection, bridge, ends, strays };
};

describe('a request', () => {
  it('is sent when it is subscribed to, with the next id, a newline at its end, and nothing that was not said', () => {
    const { connection, bridge } = opened();
    const call$ = bridge.call('waitForProcess', 'c1', { ProcessId: 7, TimeoutInMs: 0xffffffff });
    expect(connection.sent).toEqual([]);
    for (const _ of [1, 2]) call$.subscribe({ error: () => undefined });
    expect(connection.sent.map(({ id, type }) => [id, type])).toEqual([
      [firstId, 0x10100601],
      [firstId + 1n, 0x10100601],
    ]);
    expect(Buffer.from(connection.sent[0]!.body).toString()).toBe(
      '{"ContainerId":"c1","ActivityId":"00000000-0000-0000-0000-000000000000","ProcessId":7,"TimeoutInMs":4294967295}\n',
    );
  });

  it('gets its own answer, in whatever order they come, with a newline at the end or without', () => {
    const { connection, bridge } = opened();
    const calls = [start(bridge), start(bridge), start(bridge)];
    const [first, second, third] = connection.sent;
    connection.answer(third!);
    connection.frame(
      0x20100201,
      first!.id,
      '{"Result":0,"ActivityId":"00000000-0000-0000-0000-000000000000"}\n',
    );
    expect(calls.map(({ state }) => state)).toEqual(['answered', 'waits', 'answered']);
    connection.answer(second!);
    expect(calls[1]).toMatchObject({ state: 'answered' });
  });

  it.each([
    [-1070137074, 'notFound'],
    [-2147023728, 'notFound'],
    [-1070137073, 'alreadyExists'],
    [-1070137072, 'failedPrecondition'],
    [-2143878907, 'failedPrecondition'],
    [-1070137075, 'invalidArgument'],
    [-2147024809, 'invalidArgument'],
    [-2147467263, 'notImplemented'],
    [-1070137079, 'unavailable'],
    [-2147467259, 'unknown'],
  ])('that is refused with %i fails as %s, with what the guest said', (Result, kind) => {
    const { connection, bridge } = opened();
    const call = start(bridge);
    connection.answer(connection.sent[0]!, { Result, ErrorMessage: 'no such luck' });
    expect(call.state).toBe('failed');
    expect(kindOf(call.error)).toBe(kind);
    expect(messageOf(call.error)).toContain('start c1: guest RPC failure: no such luck');
  });

  it('that is refused is classed by its number as any failure of the compute service', () => {
    const { connection, bridge } = opened();
    const call = (Result: number): unknown => {
      const asked = start(bridge);
      connection.answer(connection.sent.at(-1)!, { Result });
      return asked.error;
    };
    expect(isNotExist(call(-1070137074))).toBe(true);
    expect(isAlreadyStopped(call(-1070137072))).toBe(true);
    expect(isAlreadyStopped(call(-2147467259))).toBe(false);
    expect(messageOf(call(-1070137074))).toContain('compute system does not exist (0xc037010e)');
  });

  it('whose caller has unsubscribed is answered all the same, without an error', () => {
    const { connection, bridge, ends } = opened();
    bridge.call('start', 'c1', {}).subscribe().unsubscribe();
    connection.answer(connection.sent[0]!);
    expect(ends).toEqual([]);
    expect(start(bridge).state).toBe('waits');
  });
});

describe('a request without an answer', () => {
  const within = (
    play: (world: { bridge: Bridge; connection: MemoryConnection }) => void,
    ms: number,
  ): unknown =>
    inMarbles(({ scheduler, flush, hot }) => {
      const connection = memoryConnection();
      const bridge = openBridge(connection, { scheduler });
      play({ bridge, connection });
      let ended: unknown;
      bridge.end$.subscribe(({ error }) => {
        ended ??= messageOf(error);
      });
      hot(`${ms}ms x`).subscribe(() => {
        ended ??= 'open';
      });
      flush();
      return ended;
    });

  it('for five minutes costs the whole bridge', () => {
    const ask = ({ bridge }: { bridge: Bridge }) =>
      void bridge.call('start', 'c1', {}).subscribe({ error: () => 0 });
    expect(within(ask, 299_999)).toBe('open');
    expect(within(ask, 300_001)).toBe(
      'the guest broke the protocol: no answer in time, to start c1: unavailable',
    );
  });

  it('costs nothing when it may take for ever, or was given up and may be', () => {
    const unbounded = { unbounded: true };
    const wait = { ProcessId: 1, TimeoutInMs: 0xffffffff };
    expect(
      within(({ bridge }) => void bridge.call('waitForProcess', 'c1', wait, unbounded).subscribe(), 900_000),
    ).toBe('open');
    expect(
      within(
        ({ bridge }) =>
          bridge.call('shutdownForced', 'c1', {}, { cancellable: true }).subscribe().unsubscribe(),
        900_000,
      ),
    ).toBe('open');
  });

  it('costs the bridge also when it was given up and may not be', () => {
    expect(
      within(
        ({ bridge }) => bridge.call('create', 'c1', { ContainerConfig: '{}' }).subscribe().unsubscribe(),
        900_000,
      ),
    ).toContain('create c1');
  });
});

describe('a guest that breaks the rules', () => {
  const broken: [string, string, (connection: MemoryConnection) => void][] = [
    [
      'answers what was not asked',
      `an answer to no request, with id ${firstId + 9n}`,
      (guest) => guest.frame(0x20100201, firstId + 9n, {}),
    ],
    [
      'answers twice',
      `an answer to no request, with id ${firstId}`,
      (guest) => {
        guest.answer(guest.sent[0]!);
        guest.answer(guest.sent[0]!);
      },
    ],
    ['asks', 'a message that no guest sends, start', (guest) => guest.frame(0x10100201, 0n, {})],
    ['sends an unknown kind', 'no guest sends, 0x40100201', (guest) => guest.frame(0x40100201, 0n, {})],
    [
      'notifies of something unknown',
      'unknown notification, 0x30100201',
      (guest) => guest.frame(0x30100201, 0n, {}),
    ],
    [
      'reports the end of a container twice',
      'does not run, c1',
      (guest) => {
        guest.notify('c1');
        guest.notify('c1');
      },
    ],
    ['names no container', 'ContainerId is 5', (guest) => guest.frame(0x30100101, 0n, { ContainerId: 5 })],
    ['sends no JSON', 'is no JSON', (guest) => guest.frame(0x20100201, firstId, '{"Result":')],
    ['sends an empty body', 'is no JSON', (guest) => guest.frame(0x20100201, firstId, '')],
    ['sends a list', 'the whole is []', (guest) => guest.frame(0x20100201, firstId, [])],
    [
      'sends a result that is none',
      'Result is 1.5',
      (guest) => guest.frame(0x20100201, firstId, { Result: 1.5 }),
    ],
    [
      'sends a result too big',
      'Result is 3224830222',
      (guest) => guest.frame(0x20100201, firstId, { Result: 0xc037010e }),
    ],
    [
      'names an activity that is none',
      'ActivityId is "x"',
      (guest) => guest.frame(0x20100201, firstId, { ActivityId: 'x' }),
    ],
    ['sends a size too small', 'invalid message size 15', (guest) => guest.arrive(sized(15))],
    ['sends a size too big', 'invalid message size 65537', (guest) => guest.arrive(sized(0x10001))],
    [
      'leaves within a message',
      'ended within a message',
      (guest) => {
        guest.arrive(sized(20));
        guest.end();
      },
    ],
    ['breaks down', 'reset by peer', (guest) => guest.fail(new Error('reset by peer'))],
  ];

  const sized = (size: number): Uint8Array => {
    const header = Buffer.alloc(16);
    header.writeUInt32LE(0x20100201, 0);
    header.writeUInt32LE(size, 4);
    return header;
  };

  it.each(broken)('%s: the connection is closed, and all pending requests get the reason', (_, why, act) => {
    const { connection, bridge, ends } = opened();
    const container = bridge.containerEnd('c1');
    const other = bridge.containerEnd('c2');
    const reports: string[] = [];
    container.ended$.subscribe({
      next: () => reports.push('c1 ended'),
      complete: () => reports.push('c1 done'),
    });
    other.ended$.subscribe({ next: () => reports.push('c2 ended'), complete: () => reports.push('c2 done') });
    const answered = start(bridge);
    const waits = start(bridge);
    act(connection);
    expect(connection.closed).toBe(true);
    expect(ends).toHaveLength(1);
    expect(ends[0]).toMatchObject({ by: 'error' });
    expect(answered.state).not.toBe('waits');
    expect(waits.state).toBe('failed');
    expect(messageOf(waits.error)).toMatch(/^the bridge to the guest has failed: /);
    expect(messageOf(waits.error)).toContain(why);
    expect(kindOf(waits.error)).toBe('unavailable');
    // Containers have ended without any error.
    expect(reports).toContain('c2 done');
    expect(reports).not.toContain('c2 ended');
    expect(messageOf(start(bridge).error)).toContain(why);
    expect(() => bridge.containerEnd('c3')).toThrow(why);
  });
});

describe('a message of an earlier connection is dropped and reported, and the bridge goes on', () => {
  it('when it answers a request that this connection has not sent', () => {
    const { connection, ends, strays, bridge } = opened();
    const waits = start(bridge);
    for (const id of [0n, 5n, firstId - 1n, firstId * 2n, (1n << 64n) - 1n])
      connection.frame(0x20100601, id, { ExitCode: 5 });
    expect(strays).toHaveLength(5);
    expect(strays[1]).toBe('an answer to request 5 of another connection');
    connection.answer(connection.sent[0]!);
    expect({ ends, state: waits.state }).toEqual({ ends: [], state: 'answered' });
  });

  it('when it is the end of a container that this connection has not created', () => {
    const { connection, ends, strays } = opened();
    connection.notify('c1');
    expect({ ends, strays }).toEqual({ ends: [], strays: ['the end of container c1 of another connection'] });
  });

  it('when the container has the same id, but was created by another request', () => {
    const { connection, bridge, ends, strays } = opened();
    const reports: string[] = [];
    const [mine, other] = ['6d2ca4b4-0a3f-4b7c-8c0e-0d5b5d5f2c11', '6d2ca4b4-0a3f-4b7c-8c0e-0d5b5d5f2c12'];
    bridge.containerEnd('c1', mine).ended$.subscribe(() => reports.push('ended'));
    const end = (ActivityId: string) => connection.frame(0x30100101, 0n, { ContainerId: 'c1', ActivityId });
    end(other);
    expect({ reports, strays: strays.length }).toEqual({ reports: [], strays: 1 });
    end(mine.toUpperCase());
    end(other);
    expect({ reports, strays: strays.length, ends }).toEqual({ reports: ['ended'], strays: 2, ends: [] });
  });
});

describe('the ids of requests', () => {
  it('of two connections never coincide, and those of the later one are greater, within 63 bits', () => {
    const ids = Array.from({ length: 1_000 }, () => {
      const connection = memoryConnection();
      const bridge = openBridge(connection);
      bridges.push(bridge);
      for (let n = 0; n < 3; n += 1) start(bridge);
      return connection.sent.map(({ id }) => id);
    }).flat();
    expect(new Set(ids).size).toBe(3_000);
    expect(ids).toEqual([...ids].sort((a, b) => (a < b ? -1 : 1)));
    expect(ids.every((id) => id > 0n && id < 1n << 63n)).toBe(true);
  });
});

describe('a bridge that ends', () => {
  it('by the guest, between two messages, is no failure but completes every waiting call', () => {
    const { connection, bridge, ends } = opened();
    const waits = start(bridge);
    connection.end();
    expect(ends).toEqual([{ by: 'guest' }]);
    expect(messageOf(waits.error)).toBe('the bridge to the guest was ended by the guest: unavailable');
  });

  it('by the host fails every waiting call, once, and sends no more', () => {
    const { connection, bridge, ends } = opened();
    const waits = start(bridge);
    bridge.close();
    bridge.close();
    connection.end();
    expect(ends).toEqual([{ by: 'host' }]);
    expect(messageOf(waits.error)).toBe('the bridge to the guest was closed: unavailable');
    expect(start(bridge).state).toBe('failed');
    expect(connection.sent).toHaveLength(1);
  });

  it('takes no notice of what came in one piece with what ended it', () => {
    const { connection, bridge, ends } = opened();
    const waits = start(bridge);
    connection.frame(0x30100201, 0n, {});
    connection.answer(connection.sent[0]!);
    expect(waits.state).toBe('failed');
    expect(ends).toHaveLength(1);
  });
});

describe('the name of a container', () => {
  it('is taken from the moment it is asked for, also after its end, until the guest has refused to make it', () => {
    const { connection, bridge } = opened();
    const watch = bridge.containerEnd('c1');
    expect(() => bridge.containerEnd('c1')).toThrow('container c1: already exists');
    watch.forget();
    bridge.containerEnd('c1');
    connection.notify('c1');
    expect(() => bridge.containerEnd('c1')).toThrow('container c1: already exists');
  });
});

describe('a span', () => {
  afterEach(() => context.disable());

  const sentWithin = (active: Context): Record<string, unknown> => {
    context.setGlobalContextManager({
      active: () => active,
      with: (_context, work, self, ...args) => work.call(self, ...args),
      bind: (_context, target) => target,
      enable: () => undefined as never,
      disable: () => undefined as never,
    });
    const { connection, bridge } = opened();
    start(bridge);
    return connection.sent[0]!.fields;
  };
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const spanId = 'b7ad6b7169203331';

  it('of the caller travels with the request, in the form of the W3C', () => {
    const span = trace.wrapSpanContext({ traceId, spanId, traceFlags: 1 });
    expect(sentWithin(trace.setSpan(ROOT_CONTEXT, span))['otsc']).toEqual({
      traceparent: `00-${traceId}-${spanId}-01`,
    });
  });

  it('travels in the form of older agents as well, which know no other', () => {
    const traceState = createTraceState('a=1,b=2');
    const span = trace.wrapSpanContext({ traceId, spanId, traceFlags: 1, traceState });
    const sent = sentWithin(trace.setSpan(ROOT_CONTEXT, span));
    const { Tracestate, ...ocsc } = sent['ocsc'] as Record<string, unknown>;
    expect(ocsc).toEqual({ TraceID: traceId, SpanID: spanId, TraceOptions: 1 });
    expect(JSON.parse(Buffer.from(String(Tracestate), 'base64').toString())).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ]);
    expect(sent['otsc']).toMatchObject({ tracestate: 'a=1,b=2' });
  });

  it('that is none does not', () => {
    expect(sentWithin(ROOT_CONTEXT)).not.toHaveProperty('otsc');
    const invalid = trace.wrapSpanContext({ traceId: '0'.repeat(32), spanId, traceFlags: 1 });
    expect(sentWithin(trace.setSpan(ROOT_CONTEXT, invalid))).not.toHaveProperty('otsc');
  });
});
