/** What may happen to a task while the stdio of an exec is being opened, which may take as long as a logger does. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { EMPTY, NEVER, Observable, of, type Subscriber, throwError } from 'rxjs';
import type { UpstreamIo } from '../../../src/streams/stdio/upstream.js';

let opening: Observable<UpstreamIo> | undefined;
let closed = 0;
const upstream: UpstreamIo = {
  stdinPath: '',
  stdoutPath: '',
  stderrPath: '',
  terminal: false,
  closeStdin: () => EMPTY,
  close: () => {
    closed += 1;
    return EMPTY;
  },
};

jest.unstable_mockModule('../../../src/streams/stdio/upstream/open-upstream.js', () => ({
  openUpstream: () => opening ?? of({ ...upstream, close: () => EMPTY }),
}));
const { nameOf, runningTask } = await import('./task-harness.js');

const spec = { args: ['true'] };
afterEach(() => {
  opening = undefined;
  closed = 0;
});

/** Stdio that opens on request. */
const slowly = () => {
  let listener: Subscriber<UpstreamIo> | undefined;
  let left = false;
  opening = new Observable((subscriber) => {
    listener = subscriber;
    subscriber.add(() => {
      left = true;
    });
  });
  return {
    open: () => {
      listener?.next(upstream);
      listener?.complete();
    },
    left: () => left,
  };
};

describe('while the stdio of an exec is being opened', () => {
  it('its id is taken, but there is no such exec', () => {
    const { log, task } = runningTask({}, (harness) => {
      slowly();
      harness.record('first', harness.task.createExec({ id: 'a', spec }));
      harness.record('second', harness.task.createExec({ id: 'a', spec }));
      expect(harness.task.execs).toEqual([]);
      expect(() => harness.task.exec('a')).toThrow('not found');
      harness.record('kill all', harness.task.kill(15, { all: true }));
    });
    expect(log.slice(-3)).toEqual(['0 second: alreadyExists', '0 process.signal', '0 kill all: done']);
    expect(task.execs).toEqual([]);
  });

  it('the init may exit: then there is no such exec, what was opened is closed, and nothing was published', () => {
    const { log, task, events } = runningTask({}, (harness) => {
      const stdio = slowly();
      harness.record('add', harness.task.createExec({ id: 'a', spec }));
      harness.at(5, () => harness.process(0).exit(0));
      harness.at(9, stdio.open);
    });
    expect(log.at(-1)).toBe('9 add: failedPrecondition');
    expect(closed).toBe(1);
    expect(task.execs).toEqual([]);
    expect(events.map(nameOf)).toEqual(['TaskCreate', 'TaskStart', 'TaskExit t 0']);
  });

  it('its opening may fail: then the id is free again', () => {
    const { log } = runningTask({}, (harness) => {
      opening = throwError(() => new Error('no such pipe'));
      harness.record('add', harness.task.createExec({ id: 'a', spec }));
      opening = undefined;
      harness.record('add', harness.task.createExec({ id: 'a', spec }));
    });
    expect(log.slice(-3)).toEqual(['0 add: Error: no such pipe', '0 TaskExecAdded a', '0 add: done']);
  });

  it('the caller may unsubscribe: then the opening is cancelled, and the id free again', () => {
    runningTask({}, (harness) => {
      const slow = slowly();
      const asking = harness.task.createExec({ id: 'a', spec }).subscribe();
      harness.at(5, () => {
        asking.unsubscribe();
        expect(slow.left()).toBe(true);
        opening = undefined;
        harness.record('add', harness.task.createExec({ id: 'a', spec }));
      });
      harness.at(6, () => expect(harness.log.at(-1)).toBe('5 add: done'));
    });
    expect.assertions(2);
  });

  it('the task may be deleted: it does not wait for what is not there yet', () => {
    const { log } = runningTask({}, (harness) => {
      opening = NEVER;
      harness.task.createExec({ id: 'a', spec }).subscribe();
      harness.process(0).exit(0);
      harness.record('delete', harness.task.delete());
    });
    expect(log.at(-1)).toBe('0 delete: done');
  });
});
