/**
 * Exports traces to an OTLP endpoint, for the programs of this package. The SDK takes half a second to load and its 72
 * packages 70 MB, so it is an optional peer dependency, loaded only if an endpoint is configured, and before any tracer is
 * requested.
 */
import { createRequire } from 'node:module';
import type * as exporter from '@opentelemetry/exporter-trace-otlp-http';
import { RxshimError } from '../hcs/failures/errors.js';
import { within } from './within.js';

export interface Otlp {
  readonly endpoint: string;
  /** Flushes within a timeout. Resolves with the failure, if there was one. */
  end(): Promise<unknown>;
}

const flushTimeout = 3_000;

/**
 * Starts the SDK; resolves with `undefined` if no endpoint is configured.
 *
 * @param endpoint defaults to the endpoint of OpenTelemetry's own environment variables.
 * @param options `timeout`: milliseconds for sending, with retries. Default: that of the SDK, 10 s.
 * @throws RxshimError `unavailable` if the package `@opentelemetry/sdk-node` is not installed.
 */
export const startOtlp = async (
  service: string,
  endpoint?: string,
  { timeout }: { readonly timeout?: number } = {},
): Promise<Otlp | undefined> => {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SDK_DISABLED } = process.env;
  const configured = endpoint || OTEL_EXPORTER_OTLP_ENDPOINT || OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (!configured || (!endpoint && OTEL_SDK_DISABLED === 'true')) return undefined;
  const { NodeSDK, OTLPTraceExporter } = await loadSdk();
  const traceExporter = new OTLPTraceExporter({
    ...(endpoint !== undefined && { url: tracesUrl(endpoint) }),
    ...(timeout !== undefined &&
      process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] === undefined && { timeoutMillis: timeout }),
  });
  // The SDK reports it to a log of its own, and only that it failed to `shutdown`.
  let exportFailure: unknown;
  const send = traceExporter.export.bind(traceExporter);
  traceExporter.export = (spans, done) =>
    send(spans, (result) => {
      exportFailure ??= result.error;
      done(result);
    });
  const sdk = new NodeSDK({
    serviceName: process.env['OTEL_SERVICE_NAME'] ?? service,
    traceExporter,
    // Traces only, without attributes of the host.
    metricReaders: [],
    logRecordProcessors: [],
    autoDetectResources: false,
  });
  sdk.start();
  return {
    endpoint: configured,
    end: async () => {
      let failure: unknown;
      const sent = sdk.shutdown().catch((error) => {
        failure = error;
      });
      const isSent = await within(flushTimeout, sent);
      return exportFailure ?? (isSent ? failure : new Error('timed out sending the traces'));
    },
  };
};

const loadSdk = async () => {
  try {
    const [{ NodeSDK }, { OTLPTraceExporter }] = await Promise.all([
      import('@opentelemetry/sdk-node').then(whole),
      import('@opentelemetry/exporter-trace-otlp-http').then(whole).catch(exporterOfTheSdk),
    ]);
    return { NodeSDK, OTLPTraceExporter };
  } catch (cause) {
    const advice = 'npm install @opentelemetry/sdk-node';
    throw new RxshimError('unavailable', `tracing needs the package @opentelemetry/sdk-node (${advice})`, {
      cause,
    });
  }
};

/** The exporter is a dependency of the SDK, and package managers such as pnpm let only the SDK import it. */
const exporterOfTheSdk = (): typeof exporter => {
  const sdk = createRequire(import.meta.url).resolve('@opentelemetry/sdk-node');
  return createRequire(sdk)('@opentelemetry/exporter-trace-otlp-http');
};

/** Bundlers expose a CommonJS module only as its default export; Node also exposes named exports. */
const whole = <T extends object>(module: T & { readonly default?: T }): T => module.default ?? module;

/** An endpoint without a path is a base, as in OTEL_EXPORTER_OTLP_ENDPOINT. */
const tracesUrl = (otlp: string): string => {
  const url = new URL(otlp);
  if (url.pathname === '/') url.pathname = '/v1/traces';
  return url.href;
};
