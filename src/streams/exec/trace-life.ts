/**
 * The spans of an exec's life. Without an OpenTelemetry SDK no span records, and then nothing is subscribed to.
 */
import { context, type Span, SpanStatusCode } from '@opentelemetry/api';
import { defaultTracer } from '../traced-command.js';
import type { ExecLoop } from './machine.js';
import { publicStates } from './source.js';

/** The two waits of an exec as spans, with an event for each transition. */
export const traceLife = (exec: ExecLoop): void => {
  const { taskId, id, tracer = defaultTracer, context: parent = context.active() } = exec.ports.options;
  const containerWait = tracer.startSpan('hcsExec::waitForContainerExit', undefined, parent);
  if (!containerWait.isRecording()) return;
  const attributes = { tid: taskId, eid: id };
  containerWait.setAttributes(attributes);
  let exitWait: Span | undefined;
  publicStates(exec).subscribe((now) => {
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
