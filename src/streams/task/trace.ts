/** The spans of a task besides those of its commands: the wait for its init, and the publication of each event. */
import { type Context, context, type Tracer } from '@opentelemetry/api';
import { defer, type Observable } from 'rxjs';
import type { Publish } from '../publisher.js';
import { tracedCommand } from '../traced-command.js';

export interface Tracing {
  readonly tracer: Tracer;
  /** The parent of the task's spans. The context that is active when they begin does not matter. */
  readonly parent: Context;
}

/** From the making of the task to the release of its init. */
export const traceInitExit = (
  { tracer, parent }: Tracing,
  taskId: string,
  released$: Observable<unknown>,
): void => {
  const span = tracer.startSpan('hcsTask::waitInitExit', undefined, parent);
  if (!span.isRecording()) return;
  // The container of a task is its own: there is no utility VM around it here.
  span.setAttributes({ tid: taskId, host: false, ownsHost: false });
  released$.subscribe({ complete: () => span.end() });
};

/** One span for each attempt to publish. */
export const tracedPublish =
  ({ tracer, parent }: Tracing, publish: Publish): Publish =>
  (event) => {
    const attributes = () => ({ topic: event.topic, event: event.type });
    const published$ = defer(() => publish(event));
    return context.with(parent, () =>
      tracedCommand({ tracer, name: 'publishEvent', attributes }, published$, undefined),
    );
  };
