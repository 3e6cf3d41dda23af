/** Observability switched on: every span sampled and kept, debug logs formatted and written to nowhere. */
import { BasicTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { pino } from 'pino';
import type { ExecPorts } from '../../src/streams/exec/options.js';

const swallow: SpanExporter = {
  export: (_spans, done) => done({ code: 0 }),
  shutdown: () => Promise.resolve(),
};

const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(swallow)] });
const tracer = provider.getTracer('bench');
const log = pino({ level: 'debug' }, { write: () => undefined });

export const observed = (): Pick<ExecPorts, 'tracer' | 'log'> => ({ tracer, log });
