/**
 * The trace context of a request, present only if there is an active span, in both forms: `otsc` (W3C) for agents since
 * v0.15.0-rc.4, `ocsc` (OpenCensus) for those before. Each ignores the other.
 */
import { context, isSpanContextValid, type TraceState, trace } from '@opentelemetry/api';

/** The trace context of the active span, if any. */
export interface CarriedSpan {
  readonly ocsc?: {
    readonly TraceID: string;
    readonly SpanID: string;
    readonly TraceOptions?: number;
    readonly Tracestate?: string;
  };
  readonly otsc?: { readonly traceparent: string; readonly tracestate?: string };
}

const none: CarriedSpan = {};

export const spanContext = (): CarriedSpan => {
  const span = trace.getSpan(context.active())?.spanContext();
  if (span === undefined || !isSpanContextValid(span)) return none;
  const { traceId, spanId, traceFlags, traceState } = span;
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  const tracestate = traceState?.serialize();
  const entries = entriesOf(traceState);
  return {
    // Zero values are left out, as the original host does.
    ocsc: {
      TraceID: traceId,
      SpanID: spanId,
      ...(traceFlags !== 0 && { TraceOptions: traceFlags }),
      ...(entries && { Tracestate: entries }),
    },
    otsc: { traceparent, ...(tracestate && { tracestate }) },
  };
};

/** The entries of a trace state as Base64 of a JSON list. `undefined` if there are none. */
const entriesOf = (state: TraceState | undefined): string | undefined => {
  const text = state?.serialize();
  if (!text) return undefined;
  const entries = text.split(',').map((entry) => {
    const at = entry.indexOf('=');
    return { Key: entry.slice(0, at).trim(), Value: entry.slice(at + 1) };
  });
  return Buffer.from(JSON.stringify(entries)).toString('base64');
};
