/** The spans of a task, with the names and attributes that users of the original know. */
import { describe, expect, it } from '@jest/globals';
import { SpanStatusCode } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { runningTask, type TaskScript } from './task-harness.js';

const spansOf = (script: TaskScript) => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  runningTask({ ...script, tracer: provider.getTracer('spec') }, ({ process, task }) => {
    process(0).exit(0);
    task.delete().subscribe({ error: () => undefined });
  });
  return exporter.getFinishedSpans();
};

describe('the spans of a task', () => {
  it('hold the wait for its init, to its release', () => {
    const waits = spansOf({}).filter(({ name }) => name === 'hcsTask::waitInitExit');
    expect(waits.map(({ attributes }) => attributes)).toEqual([{ tid: 't', host: false, ownsHost: false }]);
  });

  it('hold each event on its way out, with its topic', () => {
    const spans = spansOf({}).filter(({ name }) => name === 'publishEvent');
    expect(spans.map(({ attributes }) => attributes)).toEqual([
      { topic: '/tasks/create', event: 'TaskCreate' },
      { topic: '/tasks/start', event: 'TaskStart' },
      { topic: '/tasks/exit', event: 'TaskExit' },
      { topic: '/tasks/delete', event: 'TaskDelete' },
    ]);
  });

  it('say of an event that it could not be published', () => {
    let attempts = 0;
    const TaskExit = <T>(normal: T): T => {
      attempts += 1;
      if (attempts === 1) throw new Error('bus down');
      return normal;
    };
    const spans = spansOf({ replies: { TaskExit } }).filter(
      ({ attributes }) => attributes.event === 'TaskExit',
    );
    expect(spans.map(({ status }) => status)).toEqual([
      { code: SpanStatusCode.ERROR, message: 'bus down' },
      { code: SpanStatusCode.UNSET },
    ]);
  });
});
