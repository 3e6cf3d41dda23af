/**
 * Traces for an OTLP endpoint, in the programs of this package. The SDK takes half a second to load, so it is loaded
 * only where an endpoint is configured, and before anything asks for a tracer that records.
 */
import { within } from './within.js';

export interface Otlp {
  readonly endpoint: string;
  /** Sends what is left, but does not wait for ever for somebody to take it. Resolves with what went wrong, if anything did. */
  end(): Promise<unknown>;
}

const patience = 3_000;

/**
 * Resolves with `undefined` where no endpoint is configured.
 *
 * @param endpoint without it, the one that OpenTelemetry's own environment variables name, if any.
 */
export const startOtlp = async (service: string, endpoint?: string): Promise<Otlp | undefined> => {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SDK_DISABLED } = process.env;
  const configured = endpoint || OTEL_EXPORTER_OTLP_ENDPOINT || OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (!configured || (!endpoint && OTEL_SDK_DISABLED === 'true')) return undefined;
  const [{ NodeSDK }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/sdk-node').then(whole),
    import('@opentelemetry/exporter-trace-otlp-http').then(whole),
  ]);
  const traceExporter = new OTLPTraceExporter(endpoint === undefined ? {} : { url: tracesUrl(endpoint) });
  const sdk = new NodeSDK({
    serviceName: process.env['OTEL_SERVICE_NAME'] ?? service,
    traceExporter,
    // Nothing but traces, and nobody is asked about the host.
    metricReaders: [],
    logRecordProcessors: [],
    autoDetectResources: false,
  });
  sdk.start();
  return {
    endpoint: configured,
    end: async () => {
      let trouble: unknown;
      const sent = sdk.shutdown().catch((error) => {
        trouble = error;
      });
      return (await within(patience, sent)) ? trouble : new Error('it did not take the traces in time');
    },
  };
};

/** Of a CommonJS module a bundler gives the whole where Node gives names as well. */
const whole = <T extends object>(module: T & { readonly default?: T }): T => module.default ?? module;

/** An endpoint without a path is a base, as in OTEL_EXPORTER_OTLP_ENDPOINT. */
const tracesUrl = (otlp: string): string => {
  const url = new URL(otlp);
  if (url.pathname === '/') url.pathname = '/v1/traces';
  return url.href;
};
