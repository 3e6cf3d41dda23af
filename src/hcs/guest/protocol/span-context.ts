/**
 * The trace context of a request in W3C form, present only if there is an active span.
 */
import { context, isSpanContextValid, trace } from '@opentelemetry/api';

/** The trace context of the active span, if any. */
export interface CarriedSpan {
  readonly otsc?: { readonly traceparent: string; readonly tracestate?: string };
}

const none: CarriedSpan = {};

export const spanContext = (): CarriedSpan => {
  const span = trace.getSpan(context.active())?.spanContext();
  if (span === undefined || !isSpanContextValid(span)) return none;
  const { traceId, spanId, traceFlags, traceState } = span;
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  const tracestate = traceState?.serialize();
  return { otsc: { traceparent, ...(tracestate && { tracestate }) } };
};
