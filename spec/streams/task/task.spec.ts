/** The rules of a task: which events, in what order, and what may be asked of it when. */
import { describe, expect, it } from '@jest/globals';
import { finalize, NEVER, type Observable, of, Subject, throwError, timer } from 'rxjs';
import type { Delivery } from '../../../src/hcs/contract/compute-process.js';
import { RxshimError } from '../../../src/hcs/failures/errors.js';
import { scriptedSystem } from '../../../src/hcs/simulated/scripted-system.js';
import type { TaskEvent } from '../../../src/streams/events.js';
import { createTask } from '../../../src/streams/task/task.js';
import { inMarbles } from '../../support/marbles.js';
import { hang, type Reply, refuse, slow } from '../exec/harness.js';
import { freshTask, nameOf, runningTask, type TaskHarness, type TaskScript } from './task-harness.js';

const spec = { args: ['true'] };
const eventsOf = ({ events }: TaskHarness): readonly string[] => events.map(nameOf);
const from = (log: readonly string[], line: string): readonly string[] => log.slice(log.indexOf(line));

describe('a new task', () => {
  it('is published with its bundle, its stdio and no pid, and does not touch its container', () => {
    const { events, log, task } = freshTask({}, () => undefined);
    expect(events).toEqual([
      {
        type: 'TaskCreate',
        topic: '/tasks/create',
        containerId: 't',
        bundle: '/bundle',
        io: { stdin: '', stdout: '', stderr: '', terminal: false },
        pid: 0,
      },
    ]);
    expect(log).toEqual(['0 TaskCreate']);
    expect(task).toMatchObject({ id: 't', bundle: '/bundle', execs: [] });
    expect(task.init).toMatchObject({ id: 't', taskId: 't', state: 'created' });
  });

  it('whose TaskCreate cannot be published leaves nothing behind and publishes no exit: its container is shut down and closed', () => {
    const { log } = freshTask({ replies: { TaskCreate: refuse() } }, () => undefined);
    expect(log).toEqual(['0 TaskCreate', '0 container.shutdown', '0 container.close', '0 create: Error: no']);
  });
});

describe('the events of a task', () => {
  it('report its whole life in order', () => {
    const harness = runningTask({}, ({ exec, process, task, at }) => {
      exec('a');
      at(5, () => process(1).exit(3));
      at(6, () => task.delete('a').subscribe());
      at(7, () => process(0).exit(0));
      at(8, () => task.delete().subscribe());
    });
    const published = [
      'TaskCreate',
      'TaskStart',
      'TaskExecAdded a',
      'TaskExecStarted a',
      'TaskExit a 3',
      'TaskDelete a 3',
      'TaskExit t 0',
      'TaskDelete (init) 0',
    ];
    expect(eventsOf(harness)).toEqual(published);
    const late: string[] = [];
    harness.task.events$.subscribe({
      next: (event) => late.push(nameOf(event)),
      complete: () => late.push('|'),
    });
    expect(late).toEqual([...published, '|']);
  });

  it('publish the exit of the init after all other exits, whichever exec still runs when it ends', () => {
    const harness = runningTask({}, ({ exec, process, at }) => {
      exec('a');
      exec('b');
      at(5, () => process(0).exit(0));
      at(9, () => process(2).exit(137));
      at(12, () => process(1).exit(137));
    });
    expect(from(harness.log, '5 container.shutdown')).toEqual([
      '5 container.shutdown',
      '5 process.kill',
      '5 process.kill',
      '9 process.close',
      '9 TaskExit b 137',
      '12 process.close',
      '12 TaskExit a 137',
      '12 container.close',
      '12 TaskExit t 0',
    ]);
  });

  it('report the exit of the init also when an exec outlives everything', () => {
    const harness = runningTask({}, ({ exec, process, at }) => {
      exec('a');
      at(5, () => process(0).exit(0));
    });
    expect(eventsOf(harness).slice(-2)).toEqual(['TaskExit a 255', 'TaskExit t 0']);
  });

  it('include no exit of an exec that never ran', () => {
    const harness = runningTask({}, ({ task, process }) => {
      task.createExec({ id: 'a', spec }).subscribe();
      process(0).exit(0);
    });
    expect(eventsOf(harness)).toEqual(['TaskCreate', 'TaskStart', 'TaskExecAdded a', 'TaskExit t 0']);
    expect(harness.task.exec('a').state).toBe('exited');
  });

  it('include its exit also when its container exited while TaskCreate was being published', () => {
    const events: string[] = [];
    inMarbles(({ scheduler, flush }) => {
      const system = scriptedSystem();
      const publish = (event: TaskEvent) =>
        event.type === 'TaskCreate'
          ? timer(5).pipe(finalize(() => events.push(nameOf(event))))
          : of(events.push(nameOf(event)));
      createTask({ id: 't', system, spec, scheduler, publish }).subscribe();
      system.exit();
      flush();
    });
    expect(events).toEqual(['TaskCreate', 'TaskExit t 1']);
  });
});

describe('O7: init released, container down, its exit published, and only then the waiters of the task', () => {
  it('holds', () => {
    const replies = { 'container.shutdown': slow(1), 'container.close': slow(1), TaskExit: slow(1) };
    const { log } = runningTask({ replies }, ({ task, process, record, note }) => {
      task.init.released$.subscribe(() => note('init released'));
      record('wait', task.wait());
      record('init wait', task.init.wait());
      process(0).exit(3);
    });
    expect(from(log, '0 process.close')).toEqual([
      '0 process.close',
      // The task was the first to wait for its init; the others hear of it at the same moment.
      '0 container.shutdown',
      '0 init released',
      '0 init wait: done',
      '1 container.close',
      '2 TaskExit t 3',
      '3 wait: done',
    ]);
  });

  it('reports the waiters of the task how its init ended', () => {
    const outcomes: unknown[] = [];
    const harness = runningTask({}, ({ task, process }) => {
      task.wait().subscribe((outcome) => outcomes.push(outcome));
      process(0).exit(3);
    });
    harness.task.closed$.subscribe((outcome) => outcomes.push(outcome));
    expect(outcomes).toEqual(
      Array(2).fill({
        kind: 'exited',
        code: 3,
        status: 3,
        at: 0,
        forced: false,
        ioErrors: [],
        truncated: false,
      }),
    );
  });
});

describe('a container', () => {
  const end = (replies: Record<string, (normal: Observable<unknown>) => never>) =>
    from(runningTask({ replies } as never, ({ process }) => process(0).exit(0)).log, '0 container.shutdown');

  it('that does not shut down in half a minute is terminated', () => {
    expect(end({ 'container.shutdown': () => of(1) as never })).toEqual([
      '0 container.shutdown',
      '30000 container.terminate',
      '30000 container.close',
      '30000 TaskExit t 0',
    ]);
  });

  it('that refuses to shut down gets as long, and is terminated', () => {
    expect(end({ 'container.shutdown': refuse() as never })[1]).toMatch(/container\.terminate$/);
  });

  it('that never ends keeps the exit of its init no longer than its bounds', () => {
    const log = end({
      'container.shutdown': hang as never,
      'container.terminate': hang as never,
      'container.close': hang as never,
    });
    expect(log).toEqual([
      '0 container.shutdown',
      '15000 container.terminate',
      '30000 container.close',
      '45000 TaskExit t 0',
    ]);
  });

  it('waits for an exec whose own bounds are longer than its own, so that the exit of its init is published last', () => {
    const script = {
      replies: { 'process.close': slow(20_000) },
      policies: { endTimeout: 10_000, closeTimeout: 30_000 },
    };
    const harness = runningTask(script, ({ exec, process, at }) => {
      exec('a');
      at(5, () => process(0).exit(0));
      at(20_006, () => process(1).exit(137));
    });
    expect(harness.log.filter((line) => /TaskExit|container.close/.test(line))).toEqual([
      '40006 TaskExit a 137',
      '40006 container.close',
      '40006 TaskExit t 0',
    ]);
  });

  it('that can neither be ended nor says that it has ended is not left before its execs were seen to their end', () => {
    const replies = { 'container.shutdown': hang, 'container.terminate': hang };
    const policies = { endTimeout: 1_000, closeTimeout: 1_000 };
    const harness = runningTask({ replies, policies }, ({ exec, process }) => {
      exec('a');
      process(0).exit(0);
    });
    expect(from(harness.log, '3000 process.kill')).toEqual([
      '3000 process.kill',
      '8000 process.close',
      '8000 TaskExit a 137',
      '8000 container.close',
      '8000 TaskExit t 0',
    ]);
  });

  it('that is gone by itself takes init and execs with it, and is only closed', () => {
    const harness = runningTask({}, ({ exec, system, process, at }) => {
      exec('a');
      at(5, () => system.exit());
      at(6, () => process(1).exit(137));
      at(7, () => process(0).exit(137));
    });
    expect(from(harness.log, '5 process.kill')).toEqual([
      '5 process.kill',
      '5 process.kill',
      '6 process.close',
      '6 TaskExit a 137',
      '7 process.close',
      '7 container.close',
      '7 TaskExit t 137',
    ]);
  });
});

describe('a further exec', () => {
  const kindOfAdding = (id: unknown, before: (harness: TaskHarness) => void = () => undefined) => {
    const harness = runningTask({}, (running) => {
      before(running);
      running.record('add', running.task.createExec({ id: id as string, spec }));
    });
    return harness.log.at(-1)?.replace(/^\d+ add: /, '');
  };

  it('is published when it exists, before it can be started', () => {
    const { log, task } = runningTask({ replies: { TaskExecAdded: slow(5) } }, ({ task: running, record }) =>
      record('add', running.createExec({ id: 'a', spec })),
    );
    expect(log.slice(-2)).toEqual(['0 TaskExecAdded a', '5 add: done']);
    expect(task.exec('a')).toMatchObject({ id: 'a', taskId: 't', bundle: '/bundle', state: 'created' });
    expect(task.execs).toEqual([task.exec('a')]);
  });

  it('needs an id of its own', () => {
    expect(kindOfAdding('')).toBe('alreadyExists');
    expect(kindOfAdding('t')).toBe('alreadyExists');
    expect(kindOfAdding('a', ({ exec }) => exec('a'))).toBe('alreadyExists');
    expect(
      kindOfAdding('a', ({ exec, process }) => {
        exec('a');
        process(1).exit(0);
      }),
    ).toBe('alreadyExists');
    expect(kindOfAdding('../a')).toBe('invalidArgument');
  });

  it('needs a running init', () => {
    const add = ({ task, record }: TaskHarness) => record('add', task.createExec({ id: 'a', spec }));
    expect(freshTask({}, add).log.at(-1)).toBe('0 add: failedPrecondition');
    const { log } = runningTask({}, (harness) => {
      harness.process(0).exit(0);
      add(harness);
    });
    expect(log.at(-1)).toBe('0 add: failedPrecondition');
  });

  it('can have an id again that was deleted', () => {
    expect(
      kindOfAdding('a', ({ exec, process, task }) => {
        exec('a');
        process(1).exit(0);
        task.delete('a').subscribe();
      }),
    ).toBe('done');
  });

  it('whose TaskExecAdded cannot be published does not exist, and releases its id', () => {
    let down = true;
    const reply = (normal: Observable<unknown>) => (down ? refuse()(normal) : normal);
    const { log, task } = runningTask({ replies: { TaskExecAdded: reply } }, (harness) => {
      harness.record('add', harness.task.createExec({ id: 'a', spec }));
      expect(harness.task.execs).toEqual([]);
      expect(() => harness.task.exec('a')).toThrow('not found');
      down = false;
      harness.record('add', harness.task.createExec({ id: 'a', spec }));
    });
    expect(log.filter((line) => line.includes('add:'))).toEqual(['0 add: Error: no', '0 add: done']);
    expect(task.execs).toHaveLength(1);
  });

  it('whose TaskExecAdded failed although it runs already keeps its id, and its container waits for it', () => {
    const slowly: Reply = (normal) => slow(5)(refuse()(normal));
    const { log } = runningTask(
      { replies: { TaskExecAdded: slowly } },
      ({ task, record, at, note, process }) => {
        record('add', task.createExec({ id: 'a', spec }));
        const exec = task.exec('a');
        exec.released$.subscribe(() => note('a is released'));
        exec.start().subscribe();
        at(6, () => {
          record('same id', task.createExec({ id: 'a', spec }));
          process(0).exit(0);
        });
        at(20, () => process(1).exit(0));
      },
    );
    expect(log).toContain('6 same id: alreadyExists');
    const order = log.filter((line) => /a is released|add:|TaskExit/.test(line));
    expect(order).toEqual(['20 TaskExit a 0', '20 a is released', '20 add: Error: no', '20 TaskExit t 0']);
  });

  it('is one, of two that ask for the same id at the same moment', () => {
    const { log, events } = runningTask({ replies: { TaskExecAdded: slow(5) } }, ({ task, record }) => {
      record('first', task.createExec({ id: 'a', spec }));
      record('second', task.createExec({ id: 'a', spec }));
    });
    expect(log.slice(-2)).toEqual(['0 second: alreadyExists', '5 first: done']);
    expect(events.filter(({ type }) => type === 'TaskExecAdded')).toHaveLength(1);
  });

  it('cannot be started when its container is gone', () => {
    const { log } = runningTask({}, ({ task, system, record }) => {
      task.createExec({ id: 'a', spec }).subscribe();
      system.exit();
      record('start', task.exec('a').start());
    });
    expect(log).toContain('0 start: failedPrecondition');
  });

  it('is found by its id, the init by none; its own id is not the id of an exec', () => {
    const { task } = runningTask({}, ({ exec }) => exec('a'));
    expect(task.exec('')).toBe(task.init);
    expect(task.exec('a').id).toBe('a');
    for (const id of ['t', 'b']) {
      expect(() => task.exec(id)).toThrow(`exec: '${id}' in task: 't' not found: not found`);
    }
  });

  it('is among execs$, for early and late subscribers', () => {
    const early: string[] = [];
    const late: string[] = [];
    const { task } = runningTask({}, (harness) => {
      harness.task.execs$.subscribe(({ id }) => early.push(id));
      harness.exec('a');
      harness.exec('b');
    });
    task.execs$.subscribe(({ id }) => late.push(id));
    expect(early).toEqual(['t', 'a', 'b']);
    expect(late).toEqual(early);
  });
});

describe('an exec by its id', () => {
  it('is refused by name where the id is none, such as the request of a new exec', () => {
    const { task } = runningTask({}, () => undefined);
    const request = { id: 'a', spec } as unknown as string;
    expect(() => task.exec(request)).toThrow(
      'execId: expected the id of an exec (createExec makes one), got an object',
    );
    expect(() => task.exec('a')).toThrow("exec: 'a' in task: 't' not found");
  });
});

describe('deleting an exec', () => {
  const deleted = (act: (harness: TaskHarness) => void, script = {}) =>
    runningTask(script, (harness) => {
      act(harness);
      harness.task.delete('a').subscribe({
        next: ({ pid, exitStatus }) => harness.note(`deleted: pid ${pid}, status ${exitStatus}`),
        error: (error) => harness.note(`delete: ${error.kind}`),
      });
    });

  it('that never ran gives status 0', () => {
    const { log, task } = deleted(({ task: running }) => running.createExec({ id: 'a', spec }).subscribe());
    expect(log.slice(-2)).toEqual(['0 TaskDelete a 0', '0 deleted: pid 0, status 0']);
    expect(task.execs).toEqual([]);
  });

  it('that runs is refused', () => {
    const { log, task } = deleted(({ exec }) => exec('a'));
    expect(log.at(-1)).toBe('0 delete: failedPrecondition');
    expect(task.execs).toHaveLength(1);
  });

  it('that has exited gives its pid and status', () => {
    const { log } = deleted(({ exec, process }) => {
      exec('a');
      process(1).exit(3);
    });
    expect(log.slice(-2)).toEqual(['0 TaskDelete a 3', '0 deleted: pid 2, status 3']);
  });

  it('of an exec that is still closing waits until its exit is published: no delete overtakes an exit', () => {
    const { log } = deleted(
      ({ exec, process }) => {
        exec('a');
        process(1).exit(3);
      },
      { replies: { TaskExit: slow(20) } },
    );
    expect(log.slice(-3)).toEqual(['0 TaskExit a 3', '20 TaskDelete a 3', '20 deleted: pid 2, status 3']);
  });

  it('that is being started is refused like one that runs, and starts all the same', () => {
    let made = 0;
    const slowly = (normal: Observable<unknown>) => (made++ === 0 ? normal : slow(20)(normal));
    const { log } = deleted(
      ({ exec, at, process }) => {
        exec('a');
        at(30, () => process(1).exit(137));
      },
      { replies: { 'container.createProcess': slowly } },
    );
    expect(log.slice(-4)).toEqual([
      '0 delete: failedPrecondition',
      '20 TaskExecStarted a',
      '30 process.close',
      '30 TaskExit a 137',
    ]);
  });

  it('that is unknown is not found', () => {
    expect(deleted(() => undefined).log.at(-1)).toBe('0 delete: notFound');
  });

  it('is published once, however often it is requested', () => {
    const { log } = runningTask({ replies: { TaskExit: slow(20) } }, ({ exec, process, task, record }) => {
      exec('a');
      process(1).exit(3);
      record('first', task.delete('a'));
      record('second', task.delete('a'));
    });
    expect(log.filter((line) => line.includes('TaskDelete'))).toEqual(['20 TaskDelete a 3']);
    expect(log.slice(-2)).toEqual(['20 first: done', '20 second: notFound']);
  });
});

describe('deleting the task', () => {
  it('waits for its container, ends every other exec, and completes its events', () => {
    const harness = runningTask(
      { replies: { 'container.shutdown': slow(5) } },
      ({ exec, process, task, record, note }) => {
        exec('a');
        task.events$.subscribe({ complete: () => note('no more events') });
        process(0).exit(3);
        record('delete', task.delete());
      },
    );
    expect(harness.log.slice(-4)).toEqual([
      '5000 TaskExit t 3',
      '5000 TaskDelete (init) 3',
      '5000 no more events',
      '5000 delete: done',
    ]);
    expect(eventsOf(harness)).toContain('TaskExit a 1');
    expect(harness.task.execs).toEqual([]);
  });

  it('that runs is refused, and leaves its execs alone', () => {
    const { log, task } = runningTask({}, ({ exec, task: running, record }) => {
      exec('a');
      record('delete', running.delete());
    });
    expect(log.at(-1)).toBe('0 delete: failedPrecondition');
    expect(task.exec('a').state).toBe('running');
  });

  it('that never ran gives status 0', () => {
    const { log } = freshTask({}, ({ task, record }) => record('delete', task.delete()));
    expect(log.slice(-2)).toEqual(['0 TaskDelete (init) 0', '0 delete: done']);
  });

  it('takes as long as its container may take to end, and no longer', () => {
    const { log } = runningTask({ replies: { 'container.shutdown': hang } }, ({ process, task, record }) => {
      process(0).exit(3);
      record('delete', task.delete());
    });
    expect(log.slice(-2)).toEqual(['15000 TaskDelete (init) 3', '15000 delete: done']);
  });

  it('is published once, however often it is requested', () => {
    const { log } = runningTask({}, ({ process, task, record }) => {
      process(0).exit(3);
      record('first', task.delete());
      record('second', task.delete());
    });
    expect(log.filter((line) => line.includes('TaskDelete'))).toHaveLength(1);
    expect(log.slice(-2)).toEqual(['0 first: done', '0 second: notFound']);
  });
});

describe('killing', () => {
  const signals = ({ log }: TaskHarness) => log.filter((line) => / process\.(signal|kill)| kill:/.test(line));

  it('reaches the init, or the exec that was named', () => {
    expect(signals(runningTask({}, ({ task, record }) => record('kill', task.kill(15))))).toEqual([
      '0 process.signal',
      '0 kill: done',
    ]);
    const { task } = runningTask({}, (harness) => {
      harness.exec('a');
      harness.task.kill(15, { execId: 'a' }).subscribe();
      harness.process(1).exit(143);
    });
    expect(task.init.state).toBe('running');
  });

  it('reaches every exec and then the init, when all are meant', () => {
    const killed: number[] = [];
    runningTask({}, ({ exec, task, system }) => {
      exec('a');
      exec('b');
      for (const process of system.processes) {
        const { signal } = process;
        Object.assign(process, {
          signal: (options: never) => {
            killed.push(process.pid);
            return signal(options);
          },
        });
      }
      task.kill(15, { all: true }).subscribe();
    });
    expect(killed).toEqual([2, 3, 1]);
  });

  it('reaches the init although an exec cannot be signalled, or its signal hangs', () => {
    for (const fault of [refuse(), hang]) {
      let calls = 0;
      const reply = (normal: Observable<unknown>) => (calls++ === 0 ? fault(normal) : normal);
      const harness = runningTask({ replies: { 'process.signal': reply } }, ({ exec, task }) => {
        exec('a');
        task.kill(15, { all: true }).subscribe();
      });
      expect(signals(harness)).toEqual(['0 process.signal', '0 process.signal']);
    }
  });

  describe('all of a system that can signal all of its processes', () => {
    const ofAll = (answer: Observable<Delivery>, signal: number | string, script: TaskScript = {}) => {
      const asked: number[] = [];
      const harness = runningTask(script, ({ exec, task, system, record }) => {
        exec('a');
        Object.assign(system, {
          signalAll: (number: number) => {
            asked.push(number);
            return answer;
          },
        });
        record('kill', task.kill(signal, { all: true }));
      });
      return { asked, signals: signals(harness), harness };
    };

    it('is left to the system, and none is signalled twice', () => {
      expect(ofAll(of('delivered'), 15)).toMatchObject({ asked: [15], signals: ['0 kill: done'] });
      expect(ofAll(of('delivered'), 'USR1')).toMatchObject({ asked: [10], signals: ['0 kill: done'] });
    });

    it('finds nothing where the system finds nothing', () => {
      expect(ofAll(of('notDelivered'), 15).signals).toEqual(['0 kill: notFound']);
    });

    it('fails where the system cannot, save for SIGKILL, which each of them then gets', () => {
      const failing = throwError(() => new RxshimError('unknown', 'no freezer'));
      expect(ofAll(failing, 15).signals).toEqual(['0 kill: unknown']);
      const killed = ofAll(failing, 9).signals.slice(0, 3);
      expect(killed).toEqual(['0 process.signal', '0 process.signal', '0 kill: done']);
    });

    it('ends with the container where the init survives SIGKILL', () => {
      expect(ofAll(of('delivered'), 9).harness.log).toContain('30000 container.terminate');
      expect(ofAll(NEVER, 9).harness.log).toContain('30000 container.terminate');
    });
  });

  it('finds only what is there, and means all only without an id', () => {
    const { log } = runningTask({}, ({ exec, task, record }) => {
      exec('a');
      record('unknown', task.kill(9, { execId: 'b' }));
      record('unknown and all', task.kill(9, { execId: 'b', all: true }));
      record('one and all', task.kill(9, { execId: 'a', all: true }));
    });
    expect(log.slice(-3)).toEqual([
      '0 unknown: notFound',
      '0 unknown and all: notFound',
      '0 one and all: failedPrecondition',
    ]);
  });

  it('terminates the container of an init that survives SIGKILL for half a minute', () => {
    for (const signal of [9, 'KILL']) {
      const { log } = runningTask({}, ({ task }) => task.kill(signal).subscribe());
      expect(log).toContain('30000 container.terminate');
    }
    const obedient = runningTask({}, ({ task, at, process }) => {
      task.kill(9).subscribe();
      at(29_000, () => process(0).exit(137));
    });
    expect(obedient.log.filter((line) => line.includes('terminate'))).toEqual([]);
    const slowToEnd = runningTask(
      { replies: { 'container.shutdown': slow(5_000) } },
      ({ task, at, process }) => {
        task.kill(9).subscribe();
        at(29_000, () => process(0).exit(137));
      },
    );
    expect(slowToEnd.log.filter((line) => line.includes('terminate'))).toEqual([]);
    const asked = runningTask({}, ({ task }) => task.kill(15).subscribe());
    expect(asked.log.filter((line) => line.includes('terminate'))).toEqual([]);
  });

  it('of a task that never ran ends it, and its container', () => {
    const harness = freshTask({}, ({ task, record }) => record('kill', task.kill(9)));
    expect(eventsOf(harness)).toEqual(['TaskCreate', 'TaskExit t 1']);
    expect(harness.log).toContain('0 container.close');
  });
});

describe('pids', () => {
  it('report the processes inside, each with its exec, the init with none', () => {
    const published: unknown[] = [];
    runningTask({ systemOptions: {} }, ({ exec, task, system }) => {
      exec('a');
      Object.assign(system, { pids: () => of([1, 2, 77]) });
      task.pids().subscribe((pids) => published.push(pids));
    });
    expect(published).toEqual([
      [
        { pid: 1, execId: '' },
        { pid: 2, execId: 'a' },
        { pid: 77, execId: undefined },
      ],
    ]);
  });
});

describe('stopping a task', () => {
  it('stops the init gracefully, and waits for its container', () => {
    const { log } = runningTask(
      { replies: { 'container.close': slow(5) } },
      ({ task, at, process, note }) => {
        task.stop({ grace: 100 }).subscribe(({ by, status }) => note(`stopped by ${by} → ${status}`));
        at(30, () => process(0).exit(143));
      },
    );
    expect(log.slice(-2)).toEqual(['35 TaskExit t 143', '35 stopped by signal → 143']);
  });
});

describe('leaving the scope of a task', () => {
  it('ends and deletes it', async () => {
    const harness = runningTask({}, ({ task, process, at }) => {
      void task[Symbol.asyncDispose]();
      at(1, () => process(0).exit(137));
    });
    // Promises are not part of virtual time: what is under way goes on after it.
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
    expect(eventsOf(harness).at(-1)).toBe('TaskDelete (init) 137');
  });

  it('does not fail when another caller deletes it at the same time', async () => {
    const removals: Subject<never>[] = [];
    const { task } = runningTask(
      {
        systemOptions: { createsFirst: true },
        replies: {
          'container.delete': () => {
            removals.push(new Subject());
            return removals.at(-1) as Subject<never>;
          },
        },
      },
      ({ process }) => process(0).exit(0),
    );
    const deleted = task.delete().then(() => 'deleted');
    const left = task[Symbol.asyncDispose]();
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    for (const removal of removals) removal.complete();
    expect([await deleted, await left]).toEqual(['deleted', undefined]);
  });

  it('minds no task that was deleted already', async () => {
    const { task } = runningTask({}, ({ process, task: running }) => {
      process(0).exit(0);
      running.delete().subscribe();
    });
    await expect(task[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});
