/**
 * Observability as deployed: every span is sampled, and exported as a line of the log; debug logs are formatted. The lines go
 * nowhere. The original exports its spans in the same way, so both sides format as much.
 */
import {
  BasicTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { pino } from 'pino';
import type { ExecPorts } from '../../src/streams/exec/options.js';

const log = pino({ level: 'debug' }, { write: () => undefined });

const dateOf = ([seconds, nanoseconds]: ReadableSpan['startTime']): Date =>
  new Date(seconds * 1e3 + nanoseconds / 1e6);

const lineOf = (span: ReadableSpan): void => {
  const { traceId, spanId } = span.spanContext();
  const [seconds, nanoseconds] = span.duration;
  log.info(
    {
      traceID: traceId,
      spanID: spanId,
      parentSpanID: span.parentSpanContext?.spanId,
      startTime: dateOf(span.startTime),
      endTime: dateOf(span.endTime),
      duration: `${seconds * 1e3 + nanoseconds / 1e6}ms`,
      ...span.attributes,
    },
    `Span: ${span.name}`,
  );
};

const exporter: SpanExporter = {
  export: (spans, done) => {
    for (const span of spans) lineOf(span);
    done({ code: 0 });
  },
  shutdown: () => Promise.resolve(),
};

const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer('bench');

export const observed = (): Pick<ExecPorts, 'tracer' | 'log'> => ({ tracer, log });
