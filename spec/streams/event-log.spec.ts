/** Late subscribers to the events of a task get what the early ones got. */
import { describe, expect, it } from '@jest/globals';
import { take, toArray } from 'rxjs';
import { eventLog } from '../../src/streams/event-log.js';
import { type TaskEvent, taskEvent } from '../../src/streams/events.js';

const exitedAt = new Date(0);
const added = (execId: string): TaskEvent => taskEvent('TaskExecAdded', 't', { execId });
const started = (execId: string): TaskEvent => taskEvent('TaskExecStarted', 't', { execId, pid: 1 });
const exit = (id: string): TaskEvent => taskEvent('TaskExit', 't', { id, pid: 1, exitStatus: 0, exitedAt });
const deleted = (id: string): TaskEvent =>
  taskEvent('TaskDelete', 't', { id, pid: 1, exitStatus: 0, exitedAt });
const first = taskEvent('TaskStart', 't', { pid: 1 });

const received = (log: ReturnType<typeof eventLog>): TaskEvent[] => {
  const events: TaskEvent[] = [];
  log.events$.subscribe((event) => events.push(event)).unsubscribe();
  return events;
};

describe('the log of events', () => {
  it('has all events of a task for a late subscriber, however many there are', () => {
    const log = eventLog();
    const all: TaskEvent[] = [first];
    for (let exec = 0; exec < 2_000; exec += 1) all.push(added(`e${exec}`), started(`e${exec}`));
    for (const event of all) log.add(event);
    expect(received(log)).toEqual(all);
  });

  it('forgets the events of execs that were deleted long ago, and no others', () => {
    const log = eventLog();
    log.add(first);
    log.add(added('kept'));
    for (let exec = 0; exec < 5_000; exec += 1) {
      for (const event of [added('job'), started('job'), exit('job'), deleted('job')]) log.add(event);
    }
    log.add(started('kept'));
    const events = received(log);
    expect(events.slice(0, 2)).toEqual([first, added('kept')]);
    expect(events.at(-1)).toEqual(started('kept'));
    expect(events.length).toBeGreaterThan(1_024);
    expect(events.length).toBeLessThan(2 * 1_024 + 10);
  });

  it('goes on from the past to the present in order, also when a subscriber brings about the next event', () => {
    const log = eventLog();
    log.add(added('a'));
    log.add(added('b'));
    const events: TaskEvent[] = [];
    log.events$.subscribe((event) => {
      events.push(event);
      if (events.length === 1) log.add(added('c'));
    });
    log.add(added('d'));
    expect(events).toEqual(['a', 'b', 'c', 'd'].map(added));
  });

  it('ends for early and late subscribers', () => {
    const log = eventLog();
    const ends: string[] = [];
    log.events$.pipe(toArray()).subscribe((events) => ends.push(`early ${events.length}`));
    log.add(first);
    log.add(deleted(''));
    log.complete();
    log.events$.pipe(toArray()).subscribe((events) => ends.push(`late ${events.length}`));
    log.events$.pipe(take(1), toArray()).subscribe((events) => ends.push(`brief ${events.length}`));
    expect(ends).toEqual(['early 2', 'late 2', 'brief 1']);
  });
});
