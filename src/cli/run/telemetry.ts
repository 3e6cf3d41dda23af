/** The traces of one run of the command, where an endpoint is configured. */
import { messageOf } from '../../hcs/failures/errors.js';
import { startOtlp } from '../../telemetry/otlp.js';

export interface Telemetry {
  /** Does the work under a span of its own, the root of all others. */
  trace<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Sends what is left, but does not wait for ever for somebody to take it. */
  end(): Promise<void>;
}

const off: Telemetry = { trace: (_, work) => work(), end: async () => undefined };

/** @param endpoint without it, the one that OpenTelemetry's own environment variables name, if any. */
export const telemetryFor = async (
  endpoint: string | undefined,
  warn: (line: string) => void,
): Promise<Telemetry> => {
  const otlp = await startOtlp('rxshim', endpoint);
  if (otlp === undefined) return off;
  const { context, trace } = await import('@opentelemetry/api');
  return {
    trace: async (name, work) => {
      const span = trace.getTracer('rxshim').startSpan(name);
      try {
        return await context.with(trace.setSpan(context.active(), span), work);
      } finally {
        span.end();
      }
    },
    end: async () => {
      const trouble = await otlp.end();
      if (trouble !== undefined) warn(`--otlp: ${otlp.endpoint}: ${messageOf(trouble)}`);
    },
  };
};
