import { describe, expect, test } from '@jest/globals';
import { defer, EMPTY, NEVER, of, Subject, throwError } from 'rxjs';
import { signaled } from '../../../src/hcs/contract/exit-code.js';
import { scriptedSystem } from '../../../src/hcs/simulated/scripted-system.js';
import { createTask } from '../../../src/streams/task/task.js';
import { inMarbles } from '../../support/marbles.js';
import { playTask, type TaskScript } from './task-stage.js';

const hanging = () => NEVER;
const failing = () => throwError(() => new Error('device busy'));
const twoPhase: TaskScript = { systemOptions: { createsFirst: true } };

const calls = (story: readonly string[]): string[] =>
  story.map((line) => line.replace(/^\d+ /, '')).filter((line) => line.startsWith('container.'));

describe('a container that exists before it is started', () => {
  test('has the process id of its init while it is created, in the create event too', () => {
    const { task, events } = playTask(twoPhase, () => undefined);
    expect(task.init.status()).toMatchObject({ status: 'CREATED', pid: 1 });
    expect(events[0]).toMatchObject({ type: 'TaskCreate', pid: 1 });
  });

  test('is let go by the start, which makes no second process', () => {
    const { task, story, events } = playTask(twoPhase, (stage) => {
      stage.record('start', stage.task.init.start());
      stage.at(5, () => stage.process(0).exit(3));
    });
    expect(calls(story).slice(0, 2)).toEqual(['container.create', 'container.start']);
    expect(story).not.toContain('0 container.createProcess');
    expect(events.map(({ type }) => type)).toEqual(['TaskCreate', 'TaskStart', 'TaskExit']);
    expect(task.init.status()).toMatchObject({ status: 'STOPPED', exitStatus: 3, pid: 1 });
  });

  test('passes a signal on to its init while that is created, and tells how it ended', () => {
    const { task, events, story } = playTask(twoPhase, (stage) => {
      stage.record('kill', stage.task.init.kill('SIGKILL'));
      stage.at(5, () => stage.process(0).exit(signaled(9)));
    });
    expect(story).toContain('0 process.signal');
    expect(task.init.status()).toMatchObject({ status: 'STOPPED', exitStatus: 137 });
    expect(events.map(({ type }) => type)).toEqual(['TaskCreate', 'TaskExit']);
  });

  test('is stopped when its init ends before it was started, and cannot be started then', () => {
    const { task, story } = playTask(twoPhase, (stage) => {
      stage.at(5, () => stage.process(0).exit(signaled(9)));
      stage.at(10_000, () => stage.record('start', stage.task.init.start()));
    });
    expect(task.init.status()).toMatchObject({ status: 'STOPPED', exitStatus: 137 });
    expect(story).toContain('5 process.close');
    expect(story.some((line) => line.startsWith('10000 start: failedPrecondition'))).toBe(true);
  });

  test('that ends while it is being started is running first, and then exited', () => {
    const { events } = playTask(twoPhase, (stage) => {
      const slow = new Subject<never>();
      Object.assign(stage.system, { start: () => slow });
      stage.record('start', stage.task.init.start());
      stage.at(1, () => stage.process(0).exit(0));
      stage.at(1, () => stage.system.exit());
      stage.at(2, () => slow.complete());
    });
    expect(events.map(({ type }) => type)).toEqual(['TaskCreate', 'TaskStart', 'TaskExit']);
    expect(events[2]).toMatchObject({ exitStatus: 0 });
  });

  test('whose start fails is ended, and its process released', () => {
    const replies = { 'container.start': () => throwError(() => new Error('no such file')) };
    const { story, task } = playTask({ ...twoPhase, replies }, (stage) => {
      stage.record('start', stage.task.init.start());
    });
    expect(story).toContain('0 process.close');
    expect(calls(story)).toContain('container.shutdown');
    expect(task.init.status()).toMatchObject({ status: 'STOPPED', exitStatus: 1 });
  });

  test('is ended and removed by a delete without a start', () => {
    const { story, events } = playTask(twoPhase, (stage) => {
      stage.record('delete', stage.task.delete());
    });
    expect(calls(story)).toEqual([
      'container.create',
      'container.shutdown',
      'container.close',
      'container.delete',
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'TaskDelete', pid: 1 });
  });

  test('stays when what is left of it cannot be removed, so that the delete can be asked for again', () => {
    let failures = 1;
    const replies = {
      'container.delete': () =>
        defer(() => (failures-- > 0 ? throwError(() => new Error('device busy')) : EMPTY)),
    };
    const { events, story } = playTask({ ...twoPhase, replies }, (stage) => {
      stage.record('first', stage.task.delete());
      stage.at(1_000, () => stage.record('second', stage.task.delete()));
    });
    expect(
      story.filter((line) => /(first|second):/.test(line)).map((line) => line.replace(/^\d+ /, '')),
    ).toEqual(['first: Error: device busy', expect.stringMatching(/^second/)]);
    expect(events.filter(({ type }) => type === 'TaskDelete')).toHaveLength(1);
  });

  test('ends with its init while a signal hangs: a start that waits behind that comes too late', () => {
    const replies = { 'process.signal': hanging, 'container.start': hanging };
    const { task, story } = playTask({ ...twoPhase, replies }, (stage) => {
      stage.task.init.kill('SIGTERM').subscribe({ error: () => undefined });
      stage.record('start', stage.task.init.start());
      stage.at(5, () => stage.process(0).exit(signaled(9)));
      stage.at(6, () => stage.system.exit());
    });
    expect(task.init.status()).toMatchObject({ status: 'STOPPED', exitStatus: 137 });
    expect(story).toContain('5 start: failedPrecondition');
  });

  test('takes a further exec before it is started', () => {
    const { events } = playTask(twoPhase, (stage) => {
      stage.record('exec', stage.task.createExec({ id: 'e', spec: { args: ['true'] } }));
    });
    expect(events.map(({ type }) => type)).toEqual(['TaskCreate', 'TaskExecAdded']);
  });
});

describe('what a container leaves with its runtime', () => {
  test('keeps its delete no longer than a container may take to end, and can be deleted again', () => {
    let hangs = true;
    const replies = { 'container.delete': () => (hangs ? NEVER : EMPTY) };
    const { story } = playTask({ ...twoPhase, replies }, (stage) => {
      stage.record('first', stage.task.delete());
      stage.at(40_000, () => {
        hangs = false;
        stage.record('second', stage.task.delete());
      });
    });
    expect(story).toContain('30000 first: unavailable');
    expect(story).toContain('40000 second: done');
  });

  test('is removed once for a task whose creation could not be published', () => {
    const replies = { TaskCreate: failing };
    const { story, events } = playTask({ ...twoPhase, replies }, () => undefined);
    expect(calls(story)).toEqual([
      'container.create',
      'container.shutdown',
      'container.close',
      'container.delete',
    ]);
    expect(events.map(({ type }) => type)).toEqual(['TaskCreate']);
  });

  test('and cannot be removed is no unhandled error: the caller gets why the task was not created', () => {
    const replies = { TaskCreate: failing, 'container.delete': () => throwError(() => new Error('in use')) };
    const { story } = playTask({ ...twoPhase, replies }, () => undefined);
    expect(story.at(-1)).toBe('0 create: Error: device busy');
  });

  test('is removed although the container would not end before: the delete tells it to once more', () => {
    let stubborn = true;
    const system = scriptedSystem({
      createsFirst: true,
      answer: (call, _args, usual) => {
        if (call === 'container.shutdown') return stubborn ? failing() : usual;
        if (call !== 'container.terminate') return usual;
        return defer(() => {
          if (stubborn) return failing();
          system.exit();
          return usual;
        });
      },
    });
    const { story } = playTask({ system }, (stage) => {
      stage.task.init.forceExit(9).subscribe();
      stage.at(100_000, () => {
        stubborn = false;
        stage.record('delete', stage.task.delete());
      });
    });
    expect(story.at(-1)).toBe('100000 delete: done');
  });

  test('is gone with the task: its process ids are not asked of a runtime that has forgotten it', () => {
    const { story } = playTask(twoPhase, (stage) => {
      stage.task.delete().subscribe();
      stage.record('pids', stage.task.pids());
    });
    expect(story.at(-1)).toBe('0 pids: notFound');
  });
});

describe('a container that is started with its first process', () => {
  test('is closed once, although its launch failed and ending it took longer than its task waited', () => {
    const replies = {
      'container.createProcess': () => throwError(() => new Error('no such file')),
      'container.terminate': hanging,
    };
    const { story } = playTask({ replies }, (stage) => {
      stage.record('start', stage.task.init.start());
      stage.at(1, () => stage.system.exit());
    });
    expect(calls(story).filter((call) => call === 'container.close')).toHaveLength(1);
  });
});

describe('a container that cannot be made', () => {
  test('is no task: the error of the system is that of the command, and nothing was published', () => {
    const replies = { 'container.create': () => throwError(() => new Error('no cgroup')) };
    const { events, story } = playTask({ ...twoPhase, replies }, () => undefined);
    expect(events).toEqual([]);
    expect(story).toContain('0 create: Error: no cgroup');
  });

  test('and is created after all, when the caller has unsubscribed, is ended and removed', () => {
    const story: string[] = [];
    const made = new Subject<never>();
    const system = scriptedSystem({
      createsFirst: true,
      obedient: true,
      answer: (call, _args, usual) => {
        story.push(call);
        return call === 'container.create' ? (made as typeof usual) : usual;
      },
    });
    createTask({ id: 't', system }).subscribe().unsubscribe();
    made.next(system.processes[0] as never);
    expect(story).toEqual([
      'container.create',
      'container.terminate',
      'process.close',
      'container.close',
      'container.delete',
    ]);
  });

  test('does not wait for a container that is never created', () => {
    const system = scriptedSystem({
      createsFirst: true,
      answer: (call, _args, usual) => (call === 'container.create' ? NEVER : usual),
    });
    const created = createTask({ id: 't', system }).subscribe();
    created.unsubscribe();
    expect(created.closed).toBe(true);
  });

  test('and is created after all is abandoned in the end, even if it ignores every request', () => {
    inMarbles(({ scheduler, flush }) => {
      const story: string[] = [];
      const made = new Subject<never>();
      const system = scriptedSystem({
        createsFirst: true,
        answer: (call, _args, usual) => {
          story.push(`${scheduler.now()} ${call}`);
          if (call === 'container.create') return made as typeof usual;
          return call === 'container.delete' ? throwError(() => new Error('in use')) : NEVER;
        },
      });
      createTask({ id: 't', system, scheduler }).subscribe().unsubscribe();
      made.next(system.processes[0] as never);
      flush();
      expect(story).toEqual([
        '0 container.create',
        '0 container.terminate',
        '45000 process.close',
        '60000 container.close',
        '75000 container.delete',
      ]);
    });
  });

  test('but something that is no process is refused, and the stdio closed that was opened for it', () => {
    const { story } = playTask(
      { ...twoPhase, replies: { 'container.create': () => of({}) } },
      () => undefined,
    );
    expect(story).toEqual(['0 container.create', '0 create: unknown']);
  });
});
