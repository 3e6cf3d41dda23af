/** Events that containerd refuses, or cannot be reached for: what is kept, what is dropped, and who waits for whom. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { defer, EMPTY, NEVER, type Observable, tap, throwError, VirtualTimeScheduler } from 'rxjs';
import { type EventQueue, eventQueue, maxEvents } from '../../../src/shim/events/event-queue.js';
import type { EncodedEvent } from '../../../src/shim/events/forward.js';
import { TtrpcError } from '../../../src/shim/ttrpc/index.js';
import { type TaskEvent, taskEvent } from '../../../src/streams/events.js';

const unreachable = () => throwError(() => new TtrpcError('closed', 'connect ECONNREFUSED'));
const refused = () => throwError(() => new TtrpcError('invalidArgument', 'no such namespace'));

let scheduler: VirtualTimeScheduler;
let errors: { readonly message: string; readonly [field: string]: unknown }[];
/** Each attempt, with its time in seconds. */
let attempts: string[];
let taken: string[];
let answer: (name: string) => Observable<never>;
let queue: EventQueue;

beforeEach(() => {
  scheduler = new VirtualTimeScheduler();
  [errors, attempts, taken] = [[], [], []];
  answer = () => EMPTY;
  const forward = (event: EncodedEvent) =>
    defer(() => {
      const name = nameOf(event);
      attempts.push(`${scheduler.frame / 1_000} ${name}`);
      return answer(name).pipe(tap({ complete: () => taken.push(name) }));
    });
  const none = () => undefined;
  const error = (fields: object, message = '') => void errors.push({ ...fields, message });
  const log = { trace: none, debug: none, info: none, warn: none, error, isLevelEnabled: () => true };
  queue = eventQueue({ forward, close: none }, scheduler, { ...log, child: () => undefined as never });
});

/** `web start`, `web exec-started e1`, `web exit e1`. */
const nameOf = (event: TaskEvent): string =>
  [
    event.containerId,
    event.topic.slice('/tasks/'.length),
    'execId' in event && event.execId,
    'id' in event && event.id,
  ]
    .filter(Boolean)
    .join(' ');

const start = (id: string): TaskEvent => taskEvent('TaskStart', id, { pid: 1 });
const execStarted = (id: string, execId: string): TaskEvent =>
  taskEvent('TaskExecStarted', id, { execId, pid: 2 });
const exit = (id: string, of = id): TaskEvent =>
  taskEvent('TaskExit', id, { id: of, pid: 1, exitStatus: 0, exitedAt: new Date(0) });

const until = (seconds: number): void => {
  scheduler.maxFrames = seconds * 1_000;
  scheduler.flush();
};

describe('an event that containerd refuses', () => {
  test('is tried five times, then dropped with a line in the log, and what comes after it goes out', () => {
    answer = (name) => (name === 'web start' ? refused() : EMPTY);
    for (const event of [start('web'), exit('web')]) queue.publish(event);
    until(3_600);
    expect(attempts).toEqual([
      ...['0 web start', '1 web start', '3 web start', '6 web start', '10 web start'],
      '10 web exit web',
    ]);
    expect(errors).toEqual([
      {
        message: 'event dropped: it was refused',
        topic: '/tasks/start',
        refusals: 5,
        err: 'no such namespace',
      },
    ]);
    expect(queue.waiting).toBe(0);
  });

  test('is out when it is taken after all', () => {
    answer = () => (attempts.length < 4 ? refused() : EMPTY);
    queue.publish(start('web'));
    until(3_600);
    expect(taken).toEqual(['web start']);
    expect(errors).toEqual([]);
  });

  test('does not delay the events of other containers', () => {
    answer = (name) => (name.startsWith('web ') ? refused() : EMPTY);
    for (const event of [start('web'), start('db'), exit('web'), exit('db')]) queue.publish(event);
    until(0);
    expect(taken).toEqual(['db start', 'db exit db']);
  });
});

describe('a containerd that cannot be reached', () => {
  test.each([
    ['refuses connections', unreachable],
    ['does not answer', () => NEVER],
    ['answers too late', () => throwError(() => new TtrpcError('deadlineExceeded', 'no answer'))],
  ])('and %s gets every event when it is back after an hour, in order for each container', (_what, away) => {
    const hour = 3_600;
    answer = () => (scheduler.frame < hour * 1_000 ? away() : EMPTY);
    const events = [start('web'), start('db'), execStarted('web', 'e1'), exit('db'), exit('web', 'e1')];
    for (const event of [...events, exit('web')]) queue.publish(event);
    until(hour + 10);
    const of = (id: string) => taken.filter((name) => name.startsWith(id));
    expect(of('web')).toEqual(['web start', 'web exec-started e1', 'web exit e1', 'web exit web']);
    expect(of('db')).toEqual(['db start', 'db exit db']);
    expect(errors).toEqual([]);
  });

  test('counts as no refusal, however often it happens between refusals', () => {
    const answers = [refused, unreachable, refused, unreachable, refused, unreachable, refused, unreachable];
    answer = () => (answers.shift() ?? (() => EMPTY))();
    queue.publish(exit('web'));
    until(3_600);
    expect(taken).toEqual(['web exit web']);
  });

  test('is spared more events than fit: of execs and the oldest first, counted and said', () => {
    let isBack = false;
    answer = () => (isBack ? EMPTY : unreachable());
    queue.publish(start('db'));
    queue.publish(start('web'));
    for (let number = 0; number < maxEvents + 1_500; number += 1)
      queue.publish(execStarted('web', `e${number}`));
    queue.publish(exit('web'));
    queue.publish(exit('db'));
    expect(queue.waiting).toBe(maxEvents);
    const overflowed = 1_500 + 4;
    expect(queue.overflowed).toBe(overflowed);
    expect(errors).toEqual(
      [1, 1_001].map((count) => ({
        message: 'event dropped: too many wait for containerd',
        topic: '/tasks/exec-started',
        overflowed: count,
      })),
    );
    isBack = true;
    until(10);
    const web = taken.filter((name) => name.startsWith('web'));
    expect(web.slice(0, 2)).toEqual(['web start', `web exec-started e${overflowed}`]);
    expect(web.at(-1)).toBe('web exit web');
    expect(taken.filter((name) => name.startsWith('db'))).toEqual(['db start', 'db exit db']);
    expect(taken).toHaveLength(maxEvents);
    expect(queue.waiting).toBe(0);
  });

  test('leaves a daemon that ends a bounded time, and the log says what was lost', async () => {
    answer = unreachable;
    for (const event of [start('web'), exit('web'), start('db')]) queue.publish(event);
    const closed = queue.close(5_000);
    until(5);
    await closed;
    expect(errors.map(({ topic, message }) => `${topic} ${message}`)).toEqual([
      '/tasks/start event not published: outbox is closed',
      '/tasks/exit event not published: outbox is closed',
      '/tasks/start event not published: outbox is closed',
    ]);
    queue.publish(exit('db'));
    expect(errors).toHaveLength(4);
  });
});

test('An event that cannot be encoded is a line in the log, and those after it go out', () => {
  queue.publish({ ...exit('web'), exitedAt: 'never' } as unknown as TaskEvent);
  queue.publish(exit('web', 'e1'));
  until(1);
  expect(errors).toHaveLength(1);
  expect(taken).toEqual(['web exit e1']);
});
