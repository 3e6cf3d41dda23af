/**
 * Traces for an OTLP endpoint. The SDK takes half a second to load, so it is loaded only where an endpoint is
 * configured, and before anything asks for a tracer that records.
 */
import { messageOf } from '../../hcs/errors.js';
import { within } from './events-file.js';

export interface Telemetry {
  /** Does the work under a span of its own, the root of all others. */
  trace<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Sends what is left, but does not wait for ever for somebody to take it. */
  end(): Promise<void>;
}

const patience = 3_000;

const off: Telemetry = { trace: (_, work) => work(), end: async () => undefined };

/** @param otlp the endpoint; without it, the one that OpenTelemetry's own environment variables name, if any. */
export const telemetryFor = async (
  otlp: string | undefined,
  warn: (line: string) => void,
): Promise<Telemetry> => {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SDK_DISABLED } = process.env;
  const configured = otlp || OTEL_EXPORTER_OTLP_ENDPOINT || OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (!configured || (!otlp && OTEL_SDK_DISABLED === 'true')) return off;
  const [{ NodeSDK }, { OTLPTraceExporter }, { context, trace }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/api'),
  ]);
  const traceExporter = new OTLPTraceExporter(otlp === undefined ? {} : { url: tracesUrl(otlp) });
  const sdk = new NodeSDK({
    serviceName: process.env['OTEL_SERVICE_NAME'] ?? 'rxshim',
    traceExporter,
    // Nothing but traces, and nobody is asked about the host.
    metricReaders: [],
    logRecordProcessors: [],
    autoDetectResources: false,
  });
  sdk.start();
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
      const sent = sdk.shutdown().catch((error) => warn(`--otlp: ${configured}: ${messageOf(error)}`));
      if (!(await within(patience, sent))) warn(`--otlp: ${configured} did not take the traces in time`);
    },
  };
};

/** An endpoint without a path is a base, as in OTEL_EXPORTER_OTLP_ENDPOINT. */
const tracesUrl = (otlp: string): string => {
  const url = new URL(otlp);
  if (url.pathname === '/') url.pathname = '/v1/traces';
  return url.href;
};
