/** The spans of a task beside those of its commands: the wait for its init, and each event on its way out. */
import { context, type Tracer } from '@opentelemetry/api';
import { defer, type Observable } from 'rxjs';
import type { Publish } from '../publisher.js';
import { tracedCommand } from '../traced-command.js';

/** From the making of the task to the release of its init. */
export const traceInitExit = (tracer: Tracer, taskId: string, released$: Observable<unknown>): void => {
  const span = tracer.startSpan('hcsTask::waitInitExit', undefined, context.active());
  if (!span.isRecording()) return;
  // The container of a task is its own: there is no utility VM around it here.
  span.setAttributes({ tid: taskId, host: false, ownsHost: false });
  released$.subscribe({ complete: () => span.end() });
};

/** One span for each attempt to publish. */
export const tracedPublish =
  (tracer: Tracer, publish: Publish): Publish =>
  (event) => {
    const attributes = () => ({ topic: event.topic, event: event.type });
    return tracedCommand(
      { tracer, name: 'publishEvent', attributes },
      defer(() => publish(event)),
      undefined,
    );
  };
