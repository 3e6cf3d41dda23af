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
const { nameOf, playRunning } = await import('./task-stage.js');

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
    const { story, task } = playRunning({}, (stage) => {
      slowly();
      stage.record('first', stage.task.createExec({ id: 'a', spec }));
      stage.record('second', stage.task.createExec({ id: 'a', spec }));
      expect(stage.task.execs).toEqual([]);
      expect(() => stage.task.exec('a')).toThrow('not found');
      stage.record('kill all', stage.task.kill(15, { all: true }));
    });
    expect(story.slice(-3)).toEqual(['0 second: alreadyExists', '0 process.signal', '0 kill all: done']);
    expect(task.execs).toEqual([]);
  });

  it('the init may exit: then there is no such exec, what was opened is closed, and nothing was published', () => {
    const { story, task, events } = playRunning({}, (stage) => {
      const stdio = slowly();
      stage.record('add', stage.task.createExec({ id: 'a', spec }));
      stage.at(5, () => stage.process(0).exit(0));
      stage.at(9, stdio.open);
    });
    expect(story.at(-1)).toBe('9 add: failedPrecondition');
    expect(closed).toBe(1);
    expect(task.execs).toEqual([]);
    expect(events.map(nameOf)).toEqual(['TaskCreate', 'TaskStart', 'TaskExit t 0']);
  });

  it('its opening may fail: then the id is free again', () => {
    const { story } = playRunning({}, (stage) => {
      opening = throwError(() => new Error('no such pipe'));
      stage.record('add', stage.task.createExec({ id: 'a', spec }));
      opening = undefined;
      stage.record('add', stage.task.createExec({ id: 'a', spec }));
    });
    expect(story.slice(-3)).toEqual(['0 add: Error: no such pipe', '0 TaskExecAdded a', '0 add: done']);
  });

  it('the caller may unsubscribe: then the opening is cancelled, and the id free again', () => {
    playRunning({}, (stage) => {
      const slow = slowly();
      const asking = stage.task.createExec({ id: 'a', spec }).subscribe();
      stage.at(5, () => {
        asking.unsubscribe();
        expect(slow.left()).toBe(true);
        opening = undefined;
        stage.record('add', stage.task.createExec({ id: 'a', spec }));
      });
      stage.at(6, () => expect(stage.story.at(-1)).toBe('5 add: done'));
    });
    expect.assertions(2);
  });

  it('the task may be deleted: it does not wait for what is not there yet', () => {
    const { story } = playRunning({}, (stage) => {
      opening = NEVER;
      stage.task.createExec({ id: 'a', spec }).subscribe();
      stage.process(0).exit(0);
      stage.record('delete', stage.task.delete());
    });
    expect(story.at(-1)).toBe('0 delete: done');
  });
});
