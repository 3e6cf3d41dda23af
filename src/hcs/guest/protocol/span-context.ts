/**
 * The caller's span, as it travels in a request: the W3C form, present only where there is a span.
 */
import { context, isSpanContextValid, trace } from '@opentelemetry/api';

/** What a request carries of the span that is active; nothing without one. */
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
