/** The traces of one run of the command, if an endpoint is configured. */
import { kindOf, messageOf } from '../../hcs/failures/errors.js';
import { startOtlp } from '../../telemetry/otlp.js';

export interface Telemetry {
  /** Runs `work` in the root span. */
  trace<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Flushes within a timeout; warns on failure. */
  end(): Promise<void>;
}

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
  const otlp = await startOtlp('rxshim', endpoint).catch((error) => {
    if (endpoint !== undefined || kindOf(error) !== 'unavailable') throw error;
    warn(messageOf(error));
    return undefined;
  });
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
      const failure = await otlp.end();
      if (failure !== undefined) warn(`--otlp: ${otlp.endpoint}: ${messageOf(failure)}`);
    },
  };
};
