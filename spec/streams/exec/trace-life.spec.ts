/** Spans, with the names and attributes that users of the original know; and none of it where no SDK listens. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { node, tracing } from '@opentelemetry/sdk-node';
import { NEVER } from 'rxjs';
import { type Harness, hang, play, refuse, type Script } from './harness.js';

const exporter = new tracing.InMemorySpanExporter();
const provider = new node.NodeTracerProvider({ spanProcessors: [new tracing.SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer('spec');

// Registers a context manager, without which no span has a parent.
beforeAll(() => provider.register());
beforeEach(() => exporter.reset());
afterAll(() => provider.shutdown());

const spansOf = (script: Script, act: (harness: Harness) => void) => {
  play({ ...script, more: { tracer } }, act);
  return exporter.getFinishedSpans();
};
const lived = (harness: Harness) => {
  harness.exec.start().subscribe();
  harness.at(5, () => harness.process.exit(3));
};
const named = (spans: ReturnType<typeof spansOf>, name: string) => {
  const found = spans.filter((span) => span.name === name);
  expect(found).toHaveLength(1);
  return found[0] as (typeof found)[0];
};

describe('the life of an exec', () => {
  it('is two waits, for the container until there is an exit and for the exit from running on', () => {
    const spans = spansOf({}, lived);
    expect(spans.map(({ name }) => name).sort()).toEqual([
      'Start',
      'hcsExec::waitForContainerExit',
      'hcsExec::waitForExit',
    ]);
    for (const span of spans) expect(span.attributes).toEqual({ tid: 't', eid: 'e' });
  });

  it('has an event for each transition, in the span that was open then', () => {
    const spans = spansOf({}, lived);
    const events = (name: string) =>
      named(spans, name).events.map((event) => [event.name, event.attributes?.via]);
    expect(events('hcsExec::waitForContainerExit')).toEqual([
      ['created', undefined],
      ['starting', 'start'],
      ['announcing', 'launched'],
    ]);
    expect(events('hcsExec::waitForExit')).toEqual([
      ['running', 'announced'],
      ['draining', 'processExited'],
      ['releasing', 'drained'],
      ['released', 'released'],
    ]);
  });

  it('is fine when it ended with a code, also with one that is not zero', () => {
    expect(named(spansOf({}, lived), 'hcsExec::waitForExit').status.code).toBe(SpanStatusCode.UNSET);
  });

  it('is an error when its end could not be learnt', () => {
    const spans = spansOf({ processExit$: refuse(new Error('gone'))({} as never) }, ({ exec }) =>
      exec.start().subscribe(),
    );
    expect(named(spans, 'hcsExec::waitForExit').status).toEqual({
      code: SpanStatusCode.ERROR,
      message: 'gone',
    });
  });

  it('leaves no span open, however it ends', () => {
    const ends: Record<string, [Script, (harness: Harness) => void]> = {
      discarded: [{}, ({ exec }) => exec.kill(9).subscribe()],
      failed: [
        { replies: { 'container.createProcess': refuse() } },
        ({ exec }) => exec.start().subscribe({ error: () => undefined }),
      ],
      unpublished: [
        { processExit$: NEVER, replies: { 'publish TaskExecStarted': refuse() } },
        ({ exec }) => exec.start().subscribe({ error: () => undefined }),
      ],
      gone: [
        {},
        ({ exec, system }) => {
          exec.start().subscribe();
          system.exit();
        },
      ],
    };
    for (const [name, [script, act]] of Object.entries(ends)) {
      exporter.reset();
      const opened: string[] = [];
      const counting = {
        startSpan: (...args: Parameters<typeof tracer.startSpan>) => {
          opened.push(args[0]);
          return tracer.startSpan(...args);
        },
      };
      play({ ...script, more: { tracer: counting as never } }, act);
      expect([
        name,
        exporter
          .getFinishedSpans()
          .map((span) => span.name)
          .sort(),
      ]).toEqual([name, opened.sort()]);
    }
  });
});

describe('a command', () => {
  it.each<[string, Record<string, unknown>, (harness: Harness) => void]>([
    ['Start', {}, ({ exec }) => exec.start().subscribe()],
    ['Kill', { signal: 15 }, ({ exec }) => exec.kill(15).subscribe()],
    [
      'ResizePty',
      { width: 80, height: 25 },
      ({ exec }) => exec.resizePty({ width: 80, height: 25 }).subscribe({ error: () => undefined }),
    ],
    ['CloseIO', { stdin: true }, ({ exec }) => exec.closeIo().subscribe()],
    ['ForceExit', { status: 7 }, ({ exec }) => exec.forceExit(7).subscribe()],
    [
      'Wait',
      {},
      ({ exec }) => {
        exec.kill(9).subscribe();
        exec.wait().subscribe();
      },
    ],
    ['Stop', {}, ({ exec }) => exec.stop().subscribe()],
  ])('is a span: %s', (name, attributes, act) => {
    expect(named(spansOf({}, act), name).attributes).toEqual({ tid: 't', eid: 'e', ...attributes });
  });

  it('that fails is an error, with what it said', () => {
    const spans = spansOf(
      { replies: { 'container.createProcess': refuse(new Error('no room')) } },
      ({ exec }) => exec.start().subscribe({ error: () => undefined }),
    );
    expect(named(spans, 'Start').status).toEqual({ code: SpanStatusCode.ERROR, message: 'no room' });
  });

  it('that its caller gave up ends its span then', () => {
    const spans = spansOf({ replies: { 'process.signal': hang } }, ({ exec }) => {
      exec.start().subscribe();
      exec.kill(15).subscribe().unsubscribe();
    });
    expect(named(spans, 'Kill').status.code).toBe(SpanStatusCode.UNSET);
  });

  it('is a child of the span that was active where it was called, not where it was subscribed to', () => {
    const parent = tracer.startSpan('caller');
    const spans = spansOf({}, ({ exec }) => {
      const start = context.with(trace.setSpan(context.active(), parent), () => exec.start());
      start.subscribe();
    });
    expect(named(spans, 'Start').parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
    exporter.reset();
    expect(named(spansOf({}, lived), 'Start').parentSpanContext).toBeUndefined();
  });
});

describe('without a listening SDK', () => {
  it('no attribute is made, and no event', () => {
    const off = trace.wrapSpanContext({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 });
    const touched: string[] = [];
    const guarded = new Proxy(off, {
      get: (target, key) => {
        if (key !== 'isRecording') touched.push(String(key));
        return Reflect.get(target, key) as unknown;
      },
    });
    play({ more: { tracer: { startSpan: () => guarded } as never } }, lived);
    expect(touched).toEqual([]);
  });
});
