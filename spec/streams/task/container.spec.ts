import { describe, expect, test } from '@jest/globals';
import { defer, EMPTY, NEVER, of, Subject, throwError } from 'rxjs';
import { signaled } from '../../../src/hcs/contract/exit-code.js';
import { scriptedSystem } from '../../../src/hcs/simulated/scripted-system.js';
import { createTask } from '../../../src/streams/task/task.js';
import { inMarbles } from '../../support/marbles.js';
import { freshTask, type TaskScript } from './task-harness.js';

const hanging = () => NEVER;
const failing = () => throwError(() => new Error('device busy'));
const twoPhase: TaskScript = { systemOptions: { createsFirst: true } };

const calls = (log: readonly string[]): string[] =>
  log.map((line) => line.replace(/^\d+ /, '')).filter((line) => line.startsWith('container.'));

describe('a container that exists before it is started', () => {
  test('has the process id of its init while it is created, in the create event too', () => {
    const { task, events } = freshTask(twoPhase, () => undefined);
    expect(task.init.status()).toMatchObject({ status: 'CREATED', pid: 1 });
    expect(events[0]).toMatchObject({ type: 'TaskCreate', pid: 1 });
  });

  test('is let go by the start, which makes no second process', () => {
    const { task, log, events } = freshTask(twoPhase, (harness) => {
      harness.record('start', harness.task.init.start());
      harness.at(5, () => harness.process(0).exit(3));
    });
    expect(calls(log).slice(0, 2)).toEqual(['container.create', 'container.start']);
    expect(log).not.toContain('0 container.createProcess');
    expect(events.map(({ type }) => type)).toEqual(['TaskCreate', 'TaskStart', 'TaskExit']);
    expect(task.init.status()).toMatchObject({ status: 'STOPPED', exitStatus: 3, pid: 1 });
  });

  test('passes a signal on to its init while that is created, and reports how it ended', () => {
    const { task, events, log } = freshTask(twoPhase, (harness) => {
      harness.record('kill', harness.task.init.kill('SIGKILL'));
      harness.at(5, () => harness.process(0).exit(signaled(9)));
    });
    expect(log).toContain('0 process.signal');
    expect(task.init.status()).toMatchObject({ status: 'STOPPED', exitStatus: 137 });
    expect(events.map(({ type }) => type)).toEqual(['TaskCreate', 'TaskExit']);
  });

  test('is stopped when its init ends before it was started, and cannot be started then', () => {
    const { task, log } = freshTask(twoPhase, (harness) => {
      harness.at(5, () => harness.process(0).exit(signaled(9)));
      harness.at(10_000, () => harness.record('start', harness.task.init.start()));
    });
    expect(task.init.status()).toMatchObject({ status: 'STOPPED', exitStatus: 137 });
    expect(log).toContain('5 process.close');
    expect(log.some((line) => line.startsWith('10000 start: failedPrecondition'))).toBe(true);
  });

  test('that ends while it is being started is running first, and then exited', () => {
    const { events } = freshTask(twoPhase, (harness) => {
      const slow = new Subject<never>();
      Object.assign(harness.system, { start: () => slow });
      harness.record('start', harness.task.init.start());
      harness.at(1, () => harness.process(0).exit(0));
      harness.at(1, () => harness.system.exit());
      harness.at(2, () => slow.complete());
    });
    expect(events.map(({ type }) => type)).toEqual(['TaskCreate', 'TaskStart', 'TaskExit']);
    expect(events[2]).toMatchObject({ exitStatus: 0 });
  });

  test('whose start fails is ended, and its process released', () => {
    const replies = { 'container.start': () => throwError(() => new Error('no such file')) };
    const { log, task } = freshTask({ ...twoPhase, replies }, (harness) => {
      harness.record('start', harness.task.init.start());
    });
    expect(log).toContain('0 process.close');
    expect(calls(log)).toContain('container.shutdown');
    expect(task.init.status()).toMatchObject({ status: 'STOPPED', exitStatus: 1 });
  });

  test('is ended and removed by a delete without a start', () => {
    const { log, events } = freshTask(twoPhase, (harness) => {
      harness.record('delete', harness.task.delete());
    });
    expect(calls(log)).toEqual([
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
    const { events, log } = freshTask({ ...twoPhase, replies }, (harness) => {
      harness.record('first', harness.task.delete());
      harness.at(1_000, () => harness.record('second', harness.task.delete()));
    });
    expect(
      log.filter((line) => /(first|second):/.test(line)).map((line) => line.replace(/^\d+ /, '')),
    ).toEqual(['first: Error: device busy', expect.stringMatching(/^second/)]);
    expect(events.filter(({ type }) => type === 'TaskDelete')).toHaveLength(1);
  });

  test('ends with its init while a signal hangs: a start that waits behind that comes too late', () => {
    const replies = { 'process.signal': hanging, 'container.start': hanging };
    const { task, log } = freshTask({ ...twoPhase, replies }, (harness) => {
      harness.task.init.kill('SIGTERM').subscribe({ error: () => undefined });
      harness.record('start', harness.task.init.start());
      harness.at(5, () => harness.process(0).exit(signaled(9)));
      harness.at(6, () => harness.system.exit());
    });
    expect(task.init.status()).toMatchObject({ status: 'STOPPED', exitStatus: 137 });
    expect(log).toContain('5 start: failedPrecondition');
  });

  test('takes a further exec before it is started', () => {
    const { events } = freshTask(twoPhase, (harness) => {
      harness.record('exec', harness.task.createExec({ id: 'e', spec: { args: ['true'] } }));
    });
    expect(events.map(({ type }) => type)).toEqual(['TaskCreate', 'TaskExecAdded']);
  });
});

describe('what a container leaves with its runtime', () => {
  test('keeps its delete no longer than a container may take to end, and can be deleted again', () => {
    let hangs = true;
    const replies = { 'container.delete': () => (hangs ? NEVER : EMPTY) };
    const { log } = freshTask({ ...twoPhase, replies }, (harness) => {
      harness.record('first', harness.task.delete());
      harness.at(40_000, () => {
        hangs = false;
        harness.record('second', harness.task.delete());
      });
    });
    expect(log).toContain('30000 first: unavailable');
    expect(log).toContain('40000 second: done');
  });

  test('is removed once for a task whose creation could not be published', () => {
    const replies = { TaskCreate: failing };
    const { log, events } = freshTask({ ...twoPhase, replies }, () => undefined);
    expect(calls(log)).toEqual([
      'container.create',
      'container.shutdown',
      'container.close',
      'container.delete',
    ]);
    expect(events.map(({ type }) => type)).toEqual(['TaskCreate']);
  });

  test('and cannot be removed is no unhandled error: the caller gets why the task was not created', () => {
    const replies = { TaskCreate: failing, 'container.delete': () => throwError(() => new Error('in use')) };
    const { log } = freshTask({ ...twoPhase, replies }, () => undefined);
    expect(log.at(-1)).toBe('0 create: Error: device busy');
  });

  test('is removed although the container would not end before: the delete terminates it again', () => {
    let stubborn = true;
    const system = scriptedSystem({
      createsFirst: true,
      answer: (call, _args, normal) => {
        if (call === 'container.shutdown') return stubborn ? failing() : normal;
        if (call !== 'container.terminate') return normal;
        return defer(() => {
          if (stubborn) return failing();
          system.exit();
          return normal;
        });
      },
    });
    const { log } = freshTask({ system }, (harness) => {
      harness.task.init.forceExit(9).subscribe();
      harness.at(100_000, () => {
        stubborn = false;
        harness.record('delete', harness.task.delete());
      });
    });
    expect(log.at(-1)).toBe('100000 delete: done');
  });

  test('is gone with the task: its process ids are not asked of a runtime that has forgotten it', () => {
    const { log } = freshTask(twoPhase, (harness) => {
      harness.task.delete().subscribe();
      harness.record('pids', harness.task.pids());
    });
    expect(log.at(-1)).toBe('0 pids: notFound');
  });
});

describe('a container that is started with its first process', () => {
  test('is closed once, although its launch failed and ending it took longer than its task waited', () => {
    const replies = {
      'container.createProcess': () => throwError(() => new Error('no such file')),
      'container.terminate': hanging,
    };
    const { log } = freshTask({ replies }, (harness) => {
      harness.record('start', harness.task.init.start());
      harness.at(1, () => harness.system.exit());
    });
    expect(calls(log).filter((call) => call === 'container.close')).toHaveLength(1);
  });
});

describe('a container that cannot be made', () => {
  test('is no task: the error of the system is that of the command, and nothing was published', () => {
    const replies = { 'container.create': () => throwError(() => new Error('no cgroup')) };
    const { events, log } = freshTask({ ...twoPhase, replies }, () => undefined);
    expect(events).toEqual([]);
    expect(log).toContain('0 create: Error: no cgroup');
  });

  test('and is created after all, when the caller has unsubscribed, is ended and removed', () => {
    const log: string[] = [];
    const made = new Subject<never>();
    const system = scriptedSystem({
      createsFirst: true,
      obedient: true,
      answer: (call, _args, normal) => {
        log.push(call);
        return call === 'container.create' ? (made as typeof normal) : normal;
      },
    });
    createTask({ id: 't', system }).subscribe().unsubscribe();
    made.next(system.processes[0] as never);
    expect(log).toEqual([
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
      answer: (call, _args, normal) => (call === 'container.create' ? NEVER : normal),
    });
    const created = createTask({ id: 't', system }).subscribe();
    created.unsubscribe();
    expect(created.closed).toBe(true);
  });

  test('and is created after all is abandoned in the end, even if it ignores every request', () => {
    inMarbles(({ scheduler, flush }) => {
      const log: string[] = [];
      const made = new Subject<never>();
      const system = scriptedSystem({
        createsFirst: true,
        answer: (call, _args, normal) => {
          log.push(`${scheduler.now()} ${call}`);
          if (call === 'container.create') return made as typeof normal;
          return call === 'container.delete' ? throwError(() => new Error('in use')) : NEVER;
        },
      });
      createTask({ id: 't', system, scheduler }).subscribe().unsubscribe();
      made.next(system.processes[0] as never);
      flush();
      expect(log).toEqual([
        '0 container.create',
        '0 container.terminate',
        '45000 process.close',
        '60000 container.close',
        '75000 container.delete',
      ]);
    });
  });

  test('but something that is no process is refused, and the stdio closed that was opened for it', () => {
    const { log } = freshTask(
      { ...twoPhase, replies: { 'container.create': () => of({}) } },
      () => undefined,
    );
    expect(log).toEqual(['0 container.create', '0 create: unknown']);
  });
});
