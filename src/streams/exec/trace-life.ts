/**
 * The spans of an exec's life. Without an OpenTelemetry SDK no span records, and then nothing is subscribed to.
 */
import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';
import type { Subscription } from 'rxjs';
import { defaultTracer } from '../traced-command.js';
import type { ExecLoop } from './machine.js';
import { isShown } from './state/public-state.js';
import type { State } from './state/state.js';

/** The two waits of an exec as spans, with an event for each transition. */
export const traceLife = (exec: ExecLoop): void => {
  const { taskId, id, tracer = defaultTracer, context: parent = context.active() } = exec.ports.options;
  const containerWait = tracer.startSpan('hcsExec::waitForContainerExit', undefined, parent);
  if (!containerWait.isRecording()) return;
  const attributes = { tid: taskId, eid: id };
  containerWait.setAttributes(attributes);
  const spans = new LifeSpans(tracer, parent, attributes, containerWait);
  spans.next(exec.state);
  if (exec.state.phase !== 'released') spans.follow(exec);
};

// A class, because an exec that is traced has one of these: one object, with methods on a prototype.
class LifeSpans {
  readonly #tracer: Tracer;
  readonly #parent: Context;
  readonly #attributes: Attributes;
  readonly #containerWait: Span;
  #exitWait: Span | undefined;
  #shown: State | undefined;
  #subscription: Subscription | undefined;

  constructor(tracer: Tracer, parent: Context, attributes: Attributes, containerWait: Span) {
    this.#tracer = tracer;
    this.#parent = parent;
    this.#attributes = attributes;
    this.#containerWait = containerWait;
  }

  follow({ changes$ }: ExecLoop): void {
    this.#subscription = changes$.subscribe(this);
  }

  next(now: State): void {
    // As in its `state$`.
    if (isShown(now, this.#shown)) return;
    this.#shown = now;
    if (now.phase === 'running')
      this.#exitWait ??= this.#tracer.startSpan(
        'hcsExec::waitForExit',
        { attributes: this.#attributes },
        this.#parent,
      );
    const attributes = now.via === undefined ? undefined : { via: now.via };
    (this.#exitWait ?? this.#containerWait).addEvent(now.phase, attributes);
    if (now.state === 'exited' && this.#containerWait.isRecording()) this.#containerWait.end();
    if (now.phase === 'released') this.#end(now);
  }

  #end({ exit }: State): void {
    this.#subscription?.unsubscribe();
    if (exit?.kind === 'lost')
      this.#exitWait?.setStatus({ code: SpanStatusCode.ERROR, message: exit.reason });
    this.#exitWait?.end();
  }
}
