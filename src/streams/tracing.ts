/**
 * Spans. Without an OpenTelemetry SDK no span records, and then nothing is subscribed to and no attribute is made.
 */
import { type Attributes, context, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { Observable } from 'rxjs';
import { messageOf } from '../hcs/errors.js';
import type { ExecContext } from './exec-context.js';
import { states } from './exec-source.js';

/** The API's tracer stands in for the SDK's, whenever one is started. */
export const defaultTracer: Tracer = trace.getTracer('rxshim');

/**
 * A span around what an Observable does, from subscription to its end. The parent is the context that was active when
 * this was called: the caller's.
 */
export const traced = <T>(
  tracer: Tracer,
  name: string,
  attributes: () => Attributes,
  work: Observable<T>,
): Observable<T> => {
  const parent = context.active();
  return new Observable((listener) => {
    const span = tracer.startSpan(name, undefined, parent);
    if (!span.isRecording()) return work.subscribe(listener);
    span.setAttributes(attributes());
    listener.add(() => span.end());
    return context.with(trace.setSpan(parent, span), () =>
      work.subscribe({
        next: (value) => listener.next(value),
        error: (error) => {
          fail(span, error);
          listener.error(error);
        },
        complete: () => listener.complete(),
      }),
    );
  });
};

/** The two waits of an exec as spans, with an event for each transition. */
export const traceLife = (exec: ExecContext): void => {
  const { taskId, id, tracer = defaultTracer } = exec.options;
  const parent = context.active();
  const containerWait = tracer.startSpan('hcsExec::waitForContainerExit', undefined, parent);
  if (!containerWait.isRecording()) return;
  const attributes = { tid: taskId, eid: id };
  containerWait.setAttributes(attributes);
  let exitWait: Span | undefined;
  states(exec).subscribe((now) => {
    if (now.phase === 'running')
      exitWait ??= tracer.startSpan('hcsExec::waitForExit', { attributes }, parent);
    (exitWait ?? containerWait).addEvent(now.phase, now.via === undefined ? {} : { via: now.via });
    if (now.state === 'exited' && containerWait.isRecording()) containerWait.end();
    if (now.phase !== 'released') return;
    if (now.exit?.kind === 'lost')
      exitWait?.setStatus({ code: SpanStatusCode.ERROR, message: now.exit.reason });
    exitWait?.end();
  });
};

const fail = (span: Span, error: unknown): void => {
  span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
};
