/** The traces of one run of the command, if an endpoint is configured. */
import { kindOf, messageOf } from '../../hcs/failures/errors.js';
import { startOtlp } from '../../telemetry/otlp.js';
import type { Annotate } from './outlets.js';

export interface Telemetry {
  /** Runs `work` in the root span. */
  trace<T>(name: string, work: (annotate?: Annotate) => Promise<T>): Promise<T>;
  /** Flushes within a timeout; warns on failure. */
  end(): Promise<void>;
}

/** Below the time of the flush: the failure is then that of the connection, not that time was up. */
const sendTimeout = 2_000;

const off: Telemetry = { trace: (_, work) => work(), end: async () => undefined };

/**
 * @param endpoint defaults to the endpoint of OpenTelemetry's own environment variables.
 * @throws RxshimError `unavailable` if `endpoint` is given and the SDK is not installed. If only the environment asks for
 * traces, that is a warning: such variables are often set for a whole machine.
 */
export const telemetryFor = async (
  endpoint: string | undefined,
  warn: (line: string) => void,
): Promise<Telemetry> => {
  const otlp = await startOtlp('rxshim', endpoint, { timeout: sendTimeout }).catch((error) => {
    if (endpoint !== undefined || kindOf(error) !== 'unavailable') throw error;
    warn(messageOf(error));
    return undefined;
  });
  if (otlp === undefined) return off;
  const { context, SpanStatusCode, trace } = await import('@opentelemetry/api');
  return {
    trace: async (name, work) => {
      const span = trace.getTracer('rxshim').startSpan(name);
      try {
        const annotate: Annotate = (attributes, failure) => {
          for (const [key, value] of Object.entries(attributes))
            span.setAttribute(key, typeof value === 'object' ? [...value] : value);
          if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
        };
        return await context.with(trace.setSpan(context.active(), span), () => work(annotate));
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
        throw error;
      } finally {
        span.end();
      }
    },
    end: async () => {
      const failure = await otlp.end();
      if (failure !== undefined) warn(`--otlp: ${otlp.endpoint}: ${messageOf(failure)}`);
    },
  };
};
