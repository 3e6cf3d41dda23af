/** The rules of a task: which events, in what order, and what may be asked of it when. */
import { describe, expect, it } from '@jest/globals';
import { finalize, NEVER, type Observable, of, Subject, throwError, timer } from 'rxjs';
import type { Delivery } from '../../../src/hcs/contract/compute-process.js';
import { RxshimError } from '../../../src/hcs/failures/errors.js';
import { scriptedSystem } from '../../../src/hcs/simulated/scripted-system.js';
import type { TaskEvent } from '../../../src/streams/events.js';
import { createTask } from '../../../src/streams/task/task.js';
import { inMarbles } from '../../support/marbles.js';
import { hang, type Reply, refuse, slow } from '../exec/stage.js';
import { nameOf, playRunning, playTask, type TaskScript, type TaskStage } from './task-stage.js';

const spec = { args: ['true'] };
const eventsOf = ({ events }: TaskStage): readonly string[] => events.map(nameOf);
const from = (story: readonly string[], line: string): readonly string[] => story.slice(story.indexOf(line));

describe('a new task', () => {
  it('is published with its bundle, its stdio and no pid, and does not touch its container', () => {
    const { events, story, task } = playTask({}, () => undefined);
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
    expect(story).toEqual(['0 TaskCreate']);
    expect(task).toMatchObject({ id: 't', bundle: '/bundle', execs: [] });
    expect(task.init).toMatchObject({ id: 't', taskId: 't', state: 'created' });
  });

  it('whose TaskCreate cannot be published leaves nothing behind and publishes no exit: its container is shut down and closed', () => {
    const { story } = playTask({ replies: { TaskCreate: refuse() } }, () => undefined);
    expect(story).toEqual([
      '0 TaskCreate',
      '0 container.shutdown',
      '0 container.close',
      '0 create: Error: no',
    ]);
  });
});

describe('the events of a task', () => {
  it('tell its whole life in order', () => {
    const stage = playRunning({}, ({ exec, process, task, at }) => {
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
    expect(eventsOf(stage)).toEqual(published);
    const late: string[] = [];
    stage.task.events$.subscribe({
      next: (event) => late.push(nameOf(event)),
      complete: () => late.push('|'),
    });
    expect(late).toEqual([...published, '|']);
  });

  it('publish the exit of the init after all other exits, whichever exec still runs when it ends', () => {
    const stage = playRunning({}, ({ exec, process, at }) => {
      exec('a');
      exec('b');
      at(5, () => process(0).exit(0));
      at(9, () => process(2).exit(137));
      at(12, () => process(1).exit(137));
    });
    expect(from(stage.story, '5 container.shutdown')).toEqual([
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

  it('tell the exit of the init also when an exec outlives everything', () => {
    const stage = playRunning({}, ({ exec, process, at }) => {
      exec('a');
      at(5, () => process(0).exit(0));
    });
    expect(eventsOf(stage).slice(-2)).toEqual(['TaskExit a 255', 'TaskExit t 0']);
  });

  it('include no exit of an exec that never ran', () => {
    const stage = playRunning({}, ({ task, process }) => {
      task.createExec({ id: 'a', spec }).subscribe();
      process(0).exit(0);
    });
    expect(eventsOf(stage)).toEqual(['TaskCreate', 'TaskStart', 'TaskExecAdded a', 'TaskExit t 0']);
    expect(stage.task.exec('a').state).toBe('exited');
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
    const { story } = playRunning({ replies }, ({ task, process, record, note }) => {
      task.init.released$.subscribe(() => note('init released'));
      record('wait', task.wait());
      record('init wait', task.init.wait());
      process(0).exit(3);
    });
    expect(from(story, '0 process.close')).toEqual([
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

  it('tells the waiters of the task how its init ended', () => {
    const outcomes: unknown[] = [];
    const stage = playRunning({}, ({ task, process }) => {
      task.wait().subscribe((outcome) => outcomes.push(outcome));
      process(0).exit(3);
    });
    stage.task.closed$.subscribe((outcome) => outcomes.push(outcome));
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
  const end = (replies: Record<string, (usual: Observable<unknown>) => never>) =>
    from(
      playRunning({ replies } as never, ({ process }) => process(0).exit(0)).story,
      '0 container.shutdown',
    );

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
    const story = end({
      'container.shutdown': hang as never,
      'container.terminate': hang as never,
      'container.close': hang as never,
    });
    expect(story).toEqual([
      '0 container.shutdown',
      '45000 container.terminate',
      '90000 container.close',
      '105000 TaskExit t 0',
    ]);
  });

  it('waits for an exec whose own bounds are longer than its own, so that the exit of its init is published last', () => {
    const script = {
      replies: { 'process.close': slow(20_000) },
      policies: { endTimeout: 10_000, closeTimeout: 30_000 },
    };
    const stage = playRunning(script, ({ exec, process, at }) => {
      exec('a');
      at(5, () => process(0).exit(0));
      at(20_006, () => process(1).exit(137));
    });
    expect(stage.story.filter((line) => /TaskExit|container.close/.test(line))).toEqual([
      '40006 TaskExit a 137',
      '40006 container.close',
      '40006 TaskExit t 0',
    ]);
  });

  it('that can neither be ended nor says that it has ended is not left before its execs were seen to their end', () => {
    const replies = { 'container.shutdown': hang, 'container.terminate': hang };
    const policies = { endTimeout: 1_000, closeTimeout: 1_000 };
    const stage = playRunning({ replies, policies }, ({ exec, process }) => {
      exec('a');
      process(0).exit(0);
    });
    expect(from(stage.story, '5000 process.kill')).toEqual([
      '5000 process.kill',
      '10000 process.close',
      '10000 TaskExit a 137',
      '10000 container.close',
      '10000 TaskExit t 0',
    ]);
  });

  it('that is gone by itself takes init and execs with it, and is only closed', () => {
    const stage = playRunning({}, ({ exec, system, process, at }) => {
      exec('a');
      at(5, () => system.exit());
      at(6, () => process(1).exit(137));
      at(7, () => process(0).exit(137));
    });
    expect(from(stage.story, '5 process.kill')).toEqual([
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
  const kindOfAdding = (id: unknown, before: (stage: TaskStage) => void = () => undefined) => {
    const stage = playRunning({}, (running) => {
      before(running);
      running.record('add', running.task.createExec({ id: id as string, spec }));
    });
    return stage.story.at(-1)?.replace(/^\d+ add: /, '');
  };

  it('is published when it exists, before it can be started', () => {
    const { story, task } = playRunning(
      { replies: { TaskExecAdded: slow(5) } },
      ({ task: running, record }) => record('add', running.createExec({ id: 'a', spec })),
    );
    expect(story.slice(-2)).toEqual(['0 TaskExecAdded a', '5 add: done']);
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
    const add = ({ task, record }: TaskStage) => record('add', task.createExec({ id: 'a', spec }));
    expect(playTask({}, add).story.at(-1)).toBe('0 add: failedPrecondition');
    const { story } = playRunning({}, (stage) => {
      stage.process(0).exit(0);
      add(stage);
    });
    expect(story.at(-1)).toBe('0 add: failedPrecondition');
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
    const reply = (usual: Observable<unknown>) => (down ? refuse()(usual) : usual);
    const { story, task } = playRunning({ replies: { TaskExecAdded: reply } }, (stage) => {
      stage.record('add', stage.task.createExec({ id: 'a', spec }));
      expect(stage.task.execs).toEqual([]);
      expect(() => stage.task.exec('a')).toThrow('not found');
      down = false;
      stage.record('add', stage.task.createExec({ id: 'a', spec }));
    });
    expect(story.filter((line) => line.includes('add:'))).toEqual(['0 add: Error: no', '0 add: done']);
    expect(task.execs).toHaveLength(1);
  });

  it('whose TaskExecAdded failed although it runs already keeps its id, and its container waits for it', () => {
    const slowly: Reply = (usual) => slow(5)(refuse()(usual));
    const { story } = playRunning(
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
    expect(story).toContain('6 same id: alreadyExists');
    const order = story.filter((line) => /a is released|add:|TaskExit/.test(line));
    expect(order).toEqual(['20 TaskExit a 0', '20 a is released', '20 add: Error: no', '20 TaskExit t 0']);
  });

  it('is one, of two that ask for the same id at the same moment', () => {
    const { story, events } = playRunning({ replies: { TaskExecAdded: slow(5) } }, ({ task, record }) => {
      record('first', task.createExec({ id: 'a', spec }));
      record('second', task.createExec({ id: 'a', spec }));
    });
    expect(story.slice(-2)).toEqual(['0 second: alreadyExists', '5 first: done']);
    expect(events.filter(({ type }) => type === 'TaskExecAdded')).toHaveLength(1);
  });

  it('cannot be started when its container is gone', () => {
    const { story } = playRunning({}, ({ task, system, record }) => {
      task.createExec({ id: 'a', spec }).subscribe();
      system.exit();
      record('start', task.exec('a').start());
    });
    expect(story).toContain('0 start: failedPrecondition');
  });

  it('is found by its id, the init by none; its own id is not the id of an exec', () => {
    const { task } = playRunning({}, ({ exec }) => exec('a'));
    expect(task.exec('')).toBe(task.init);
    expect(task.exec('a').id).toBe('a');
    for (const id of ['t', 'b']) {
      expect(() => task.exec(id)).toThrow(`exec: '${id}' in task: 't' not found: not found`);
    }
  });

  it('is among execs$, for early and late subscribers', () => {
    const early: string[] = [];
    const late: string[] = [];
    const { task } = playRunning({}, (stage) => {
      stage.task.execs$.subscribe(({ id }) => early.push(id));
      stage.exec('a');
      stage.exec('b');
    });
    task.execs$.subscribe(({ id }) => late.push(id));
    expect(early).toEqual(['t', 'a', 'b']);
    expect(late).toEqual(early);
  });
});

describe('deleting an exec', () => {
  const deleted = (act: (stage: TaskStage) => void, script = {}) =>
    playRunning(script, (stage) => {
      act(stage);
      stage.task.delete('a').subscribe({
        next: ({ pid, exitStatus }) => stage.note(`deleted: pid ${pid}, status ${exitStatus}`),
        error: (error) => stage.note(`delete: ${error.kind}`),
      });
    });

  it('that never ran gives status 0', () => {
    const { story, task } = deleted(({ task: running }) => running.createExec({ id: 'a', spec }).subscribe());
    expect(story.slice(-2)).toEqual(['0 TaskDelete a 0', '0 deleted: pid 0, status 0']);
    expect(task.execs).toEqual([]);
  });

  it('that runs is refused', () => {
    const { story, task } = deleted(({ exec }) => exec('a'));
    expect(story.at(-1)).toBe('0 delete: failedPrecondition');
    expect(task.execs).toHaveLength(1);
  });

  it('that has exited gives its pid and status', () => {
    const { story } = deleted(({ exec, process }) => {
      exec('a');
      process(1).exit(3);
    });
    expect(story.slice(-2)).toEqual(['0 TaskDelete a 3', '0 deleted: pid 2, status 3']);
  });

  it('of an exec that is still closing waits until its exit is published: no delete overtakes an exit', () => {
    const { story } = deleted(
      ({ exec, process }) => {
        exec('a');
        process(1).exit(3);
      },
      { replies: { TaskExit: slow(20) } },
    );
    expect(story.slice(-3)).toEqual(['0 TaskExit a 3', '20 TaskDelete a 3', '20 deleted: pid 2, status 3']);
  });

  it('that is being started is refused like one that runs, and starts all the same', () => {
    let made = 0;
    const slowly = (usual: Observable<unknown>) => (made++ === 0 ? usual : slow(20)(usual));
    const { story } = deleted(
      ({ exec, at, process }) => {
        exec('a');
        at(30, () => process(1).exit(137));
      },
      { replies: { 'container.createProcess': slowly } },
    );
    expect(story.slice(-4)).toEqual([
      '0 delete: failedPrecondition',
      '20 TaskExecStarted a',
      '30 process.close',
      '30 TaskExit a 137',
    ]);
  });

  it('that is unknown is not found', () => {
    expect(deleted(() => undefined).story.at(-1)).toBe('0 delete: notFound');
  });

  it('is published once, however often it is requested', () => {
    const { story } = playRunning({ replies: { TaskExit: slow(20) } }, ({ exec, process, task, record }) => {
      exec('a');
      process(1).exit(3);
      record('first', task.delete('a'));
      record('second', task.delete('a'));
    });
    expect(story.filter((line) => line.includes('TaskDelete'))).toEqual(['20 TaskDelete a 3']);
    expect(story.slice(-2)).toEqual(['20 first: done', '20 second: notFound']);
  });
});

describe('deleting the task', () => {
  it('waits for its container, ends every other exec, and completes its events', () => {
    const stage = playRunning(
      { replies: { 'container.shutdown': slow(5) } },
      ({ exec, process, task, record, note }) => {
        exec('a');
        task.events$.subscribe({ complete: () => note('no more events') });
        process(0).exit(3);
        record('delete', task.delete());
      },
    );
    expect(stage.story.slice(-4)).toEqual([
      '5000 TaskExit t 3',
      '5000 TaskDelete (init) 3',
      '5000 no more events',
      '5000 delete: done',
    ]);
    expect(eventsOf(stage)).toContain('TaskExit a 1');
    expect(stage.task.execs).toEqual([]);
  });

  it('that runs is refused, and leaves its execs alone', () => {
    const { story, task } = playRunning({}, ({ exec, task: running, record }) => {
      exec('a');
      record('delete', running.delete());
    });
    expect(story.at(-1)).toBe('0 delete: failedPrecondition');
    expect(task.exec('a').state).toBe('running');
  });

  it('that never ran gives status 0', () => {
    const { story } = playTask({}, ({ task, record }) => record('delete', task.delete()));
    expect(story.slice(-2)).toEqual(['0 TaskDelete (init) 0', '0 delete: done']);
  });

  it('takes as long as its container may take to end, and no longer', () => {
    const { story } = playRunning(
      { replies: { 'container.shutdown': hang } },
      ({ process, task, record }) => {
        process(0).exit(3);
        record('delete', task.delete());
      },
    );
    expect(story.slice(-2)).toEqual(['45000 TaskDelete (init) 3', '45000 delete: done']);
  });

  it('is published once, however often it is requested', () => {
    const { story } = playRunning({}, ({ process, task, record }) => {
      process(0).exit(3);
      record('first', task.delete());
      record('second', task.delete());
    });
    expect(story.filter((line) => line.includes('TaskDelete'))).toHaveLength(1);
    expect(story.slice(-2)).toEqual(['0 first: done', '0 second: notFound']);
  });
});

describe('killing', () => {
  const signals = ({ story }: TaskStage) =>
    story.filter((line) => / process\.(signal|kill)| kill:/.test(line));

  it('reaches the init, or the exec that was named', () => {
    expect(signals(playRunning({}, ({ task, record }) => record('kill', task.kill(15))))).toEqual([
      '0 process.signal',
      '0 kill: done',
    ]);
    const { task } = playRunning({}, (stage) => {
      stage.exec('a');
      stage.task.kill(15, { execId: 'a' }).subscribe();
      stage.process(1).exit(143);
    });
    expect(task.init.state).toBe('running');
  });

  it('reaches every exec and then the init, when all are meant', () => {
    const killed: number[] = [];
    playRunning({}, ({ exec, task, system }) => {
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
      const reply = (usual: Observable<unknown>) => (calls++ === 0 ? fault(usual) : usual);
      const stage = playRunning({ replies: { 'process.signal': reply } }, ({ exec, task }) => {
        exec('a');
        task.kill(15, { all: true }).subscribe();
      });
      expect(signals(stage)).toEqual(['0 process.signal', '0 process.signal']);
    }
  });

  describe('all of a system that can signal all of its processes', () => {
    const ofAll = (answer: Observable<Delivery>, signal: number | string, script: TaskScript = {}) => {
      const asked: number[] = [];
      const stage = playRunning(script, ({ exec, task, system, record }) => {
        exec('a');
        Object.assign(system, {
          signalAll: (number: number) => {
            asked.push(number);
            return answer;
          },
        });
        record('kill', task.kill(signal, { all: true }));
      });
      return { asked, signals: signals(stage), stage };
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
      expect(ofAll(of('delivered'), 9).stage.story).toContain('30000 container.terminate');
      expect(ofAll(NEVER, 9).stage.story).toContain('30000 container.terminate');
    });
  });

  it('finds only what is there, and means all only without an id', () => {
    const { story } = playRunning({}, ({ exec, task, record }) => {
      exec('a');
      record('unknown', task.kill(9, { execId: 'b' }));
      record('unknown and all', task.kill(9, { execId: 'b', all: true }));
      record('one and all', task.kill(9, { execId: 'a', all: true }));
    });
    expect(story.slice(-3)).toEqual([
      '0 unknown: notFound',
      '0 unknown and all: notFound',
      '0 one and all: failedPrecondition',
    ]);
  });

  it('terminates the container of an init that survives SIGKILL for half a minute', () => {
    for (const signal of [9, 'KILL']) {
      const { story } = playRunning({}, ({ task }) => task.kill(signal).subscribe());
      expect(story).toContain('30000 container.terminate');
    }
    const obedient = playRunning({}, ({ task, at, process }) => {
      task.kill(9).subscribe();
      at(29_000, () => process(0).exit(137));
    });
    expect(obedient.story.filter((line) => line.includes('terminate'))).toEqual([]);
    const slowToEnd = playRunning(
      { replies: { 'container.shutdown': slow(5_000) } },
      ({ task, at, process }) => {
        task.kill(9).subscribe();
        at(29_000, () => process(0).exit(137));
      },
    );
    expect(slowToEnd.story.filter((line) => line.includes('terminate'))).toEqual([]);
    const asked = playRunning({}, ({ task }) => task.kill(15).subscribe());
    expect(asked.story.filter((line) => line.includes('terminate'))).toEqual([]);
  });

  it('of a task that never ran ends it, and its container', () => {
    const stage = playTask({}, ({ task, record }) => record('kill', task.kill(9)));
    expect(eventsOf(stage)).toEqual(['TaskCreate', 'TaskExit t 1']);
    expect(stage.story).toContain('0 container.close');
  });
});

describe('pids', () => {
  it('tell the processes inside, each with its exec, the init with none', () => {
    const published: unknown[] = [];
    playRunning({ systemOptions: {} }, ({ exec, task, system }) => {
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
    const { story } = playRunning(
      { replies: { 'container.close': slow(5) } },
      ({ task, at, process, note }) => {
        task.stop({ grace: 100 }).subscribe(({ by, status }) => note(`stopped by ${by} → ${status}`));
        at(30, () => process(0).exit(143));
      },
    );
    expect(story.slice(-2)).toEqual(['35 TaskExit t 143', '35 stopped by signal → 143']);
  });
});

describe('leaving the scope of a task', () => {
  it('ends and deletes it', async () => {
    const stage = playRunning({}, ({ task, process, at }) => {
      void task[Symbol.asyncDispose]();
      at(1, () => process(0).exit(137));
    });
    // Promises are not part of virtual time: what is under way goes on after it.
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
    expect(eventsOf(stage).at(-1)).toBe('TaskDelete (init) 137');
  });

  it('does not fail when another caller deletes it at the same time', async () => {
    const removals: Subject<never>[] = [];
    const { task } = playRunning(
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
    const { task } = playRunning({}, ({ process, task: running }) => {
      process(0).exit(0);
      running.delete().subscribe();
    });
    await expect(task[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});
