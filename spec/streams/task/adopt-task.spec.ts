/** A task adopted from what its system has found: running, waiting for its start, or ended meanwhile. */
import { describe, expect, it } from '@jest/globals';
import { defer, EMPTY, finalize, NEVER, type Observable, of, throwError, VirtualTimeScheduler } from 'rxjs';
import type { AdoptedProcess, AdoptedSystem, AdoptRequest } from '../../../src/hcs/contract/adoption.js';
import type { ComputeSystem } from '../../../src/hcs/contract/compute-system.js';
import { RxshimError } from '../../../src/hcs/failures/errors.js';
import { memoryPipe } from '../../../src/hcs/simulated/memory-pipe.js';
import { type ScriptedSystem, scriptedSystem } from '../../../src/hcs/simulated/scripted-system.js';
import type { AdoptTaskOptions } from '../../../src/streams/task/adopt-task.js';
import { adoptTask } from '../../../src/streams/task/adopt-task.js';
import type { Task } from '../../../src/streams/task/interface.js';
import { createTask } from '../../../src/streams/task/task.js';
import { someProcess } from '../exec/some-ports.js';
import { nameOf } from './task-harness.js';

const running = (id: string, more: Partial<AdoptedProcess> = {}, pid = 7): AdoptedProcess => ({
  id,
  phase: 'started',
  terminal: false,
  process: someProcess({ pid }),
  ...more,
});

const systemWith = (
  adopted: Partial<AdoptedSystem>,
  more: Partial<ComputeSystem> = {},
): ComputeSystem & Pick<ScriptedSystem, 'exit'> & { readonly requests: AdoptRequest[] } => {
  const requests: AdoptRequest[] = [];
  const scripted = scriptedSystem({ obedient: true, createsFirst: true });
  return {
    ...scripted,
    requests,
    adopt: (request = {}): Observable<AdoptedSystem> =>
      defer(() => {
        requests.push(request);
        return of({ init: running(''), execs: [], labels: {}, ...adopted });
      }),
    ...more,
  };
};

const play = (system: ComputeSystem, options: Partial<AdoptTaskOptions> = {}) => {
  const scheduler = new VirtualTimeScheduler();
  const events: string[] = [];
  let task: Task | undefined;
  let error: unknown;
  const subscription = adoptTask({ id: 't', system, scheduler, ...options }).subscribe({
    next: (made) => {
      task = made;
      made.events$.subscribe((event) => events.push(nameOf(event)));
    },
    error: (why: unknown) => (error = why),
  });
  return { scheduler, events, task: () => task as Task, error: () => error, subscription };
};

describe('an adopted task', () => {
  it('is running with the pids and the execs that the system has found, and publishes nothing about the past', () => {
    const adopted = play(systemWith({ bundle: '/b', execs: [running('one', {}, 8)] }));
    const task = adopted.task();
    expect([task.init.state, task.init.pid, task.bundle]).toEqual(['running', 7, '/b']);
    expect([task.exec('one').state, task.exec('one').pid]).toEqual(['running', 8]);
    expect(adopted.events).toEqual([]);
  });

  it('publishes the exits that happened meanwhile, that of the init last, and answers wait with them', () => {
    const system = systemWith({
      init: running('', { process: someProcess({ exit$: of({ kind: 'exited', code: 3, at: 1_234 }) }) }),
      execs: [running('one', { process: someProcess({ exit$: of({ kind: 'exited', code: 4 }) }) })],
    });
    system.exit();
    const { task, events, scheduler } = play(system);
    let status: unknown;
    task()
      .wait()
      .subscribe((outcome) => (status = outcome));
    scheduler.flush();
    expect(events).toEqual(['TaskExit one 4', 'TaskExit t 3']);
    expect(status).toMatchObject({ kind: 'exited', status: 3, at: 1_234 });
  });

  it('reports an exit that cannot be found out as lost, with the reason, and missing output as a gap', () => {
    const gaps = [{ stream: 'stdout', reason: 'its reader was killed', bytes: 12 }] as const;
    const process = someProcess({ exit$: of({ kind: 'unknown', reason: 'no parent recorded it' }), gaps });
    const system = systemWith({ init: running('', { process }) });
    system.exit();
    const { task, scheduler } = play(system);
    let outcome: unknown;
    task().closed$.subscribe((last) => (outcome = last));
    scheduler.flush();
    expect(outcome).toMatchObject({ kind: 'lost', status: 255, reason: 'no parent recorded it', gaps });
  });

  it('starts an init that was created and never started', () => {
    const system = systemWith({ init: running('', { phase: 'created' }) });
    const { task, events, scheduler } = play(system);
    expect(task().init.state).toBe('created');
    task().init.start().subscribe();
    scheduler.flush();
    expect(task().init.state).toBe('running');
    expect(events).toEqual(['TaskStart']);
  });

  it('goes on to copy output from where the system gives it', async () => {
    const stdout = memoryPipe();
    void stdout.write(Buffer.from('rest'));
    stdout.end();
    const init = running('', { process: someProcess({ stdio: { stdout } }) });
    const system = systemWith({ init });
    const { task } = play(system, { output: 'start', stdio: { stdout: 'pipe' } });
    expect(system.requests).toEqual([{ output: 'start' }]);
    const chunks: string[] = [];
    for await (const chunk of task().init.stdout ?? []) chunks.push(Buffer.from(chunk).toString());
    expect(chunks).toEqual(['rest']);
  });

  it('whose output cannot be copied has a gap, and goes on', () => {
    const process = someProcess({ exit$: of({ kind: 'exited', code: 3 }), stdio: { stdout: memoryPipe() } });
    const system = systemWith({ init: running('', { process }) });
    system.exit();
    const startRelay = () => {
      throw new Error('no descriptor is left');
    };
    const { task, scheduler } = play(system, { startRelay });
    let outcome: unknown;
    task().closed$.subscribe((last) => (outcome = last));
    scheduler.flush();
    const reason = 'its output cannot be copied: no descriptor is left';
    expect(outcome).toMatchObject({ status: 3, gaps: [{ stream: 'stdout', reason }] });
  });

  it('is stopped and deleted like any other, and takes further execs with ids that are free', () => {
    const system = systemWith({ execs: [running('one', {}, 8)] });
    const { task, events, scheduler } = play(system);
    const answered: string[] = [];
    const tell = (name: string, command: Observable<unknown>): void =>
      void command.subscribe({
        complete: () => answered.push(name),
        error: ({ kind }: RxshimError) => answered.push(`${name}: ${kind}`),
      });
    tell('again', task().createExec({ id: 'one', spec: { args: ['true'] } }));
    tell('two', task().createExec({ id: 'two', spec: { args: ['true'] } }));
    tell('stop', task().init.forceExit(137));
    scheduler.flush();
    tell('delete', task().delete());
    scheduler.flush();
    expect(answered).toEqual(['again: alreadyExists', 'two', 'stop', 'delete']);
    expect(events.at(-2)).toBe('TaskExit t 137');
    expect(events.at(-1)).toBe('TaskDelete (init) 137');
  });
});

describe('an adoption that fails', () => {
  it('says that the engine offers none', () => {
    expect(play(scriptedSystem()).error()).toMatchObject({ kind: 'notImplemented' });
  });

  it('has the error of the system', () => {
    const gone = new RxshimError('notFound', 'container t');
    const system = systemWith({}, { adopt: () => throwError(() => gone) });
    expect(play(system).error()).toBe(gone);
  });

  it('is refused for a system that belongs to another task', () => {
    const system = systemWith({});
    createTask({ id: 't', system, spec: { args: ['true'] } }).subscribe();
    expect(play(system).error()).toMatchObject({ kind: 'failedPrecondition' });
  });

  it('releases the handles and leaves the processes alone when stdio cannot be opened', () => {
    const calls: string[] = [];
    const noted = (call: string): Observable<never> =>
      defer(() => {
        calls.push(call);
        return EMPTY;
      });
    const process = someProcess({ close: () => noted('close'), kill: () => noted('kill') as never });
    const execs = [running('one', { process })];
    const system = systemWith({ init: running('', { process }), execs });
    const { error } = play(system, { execStdio: () => ({ stdout: { path: 'no such word' } }) });
    expect(error()).toMatchObject({ kind: 'invalidArgument' });
    expect(calls).toEqual(['close', 'close']);
  });

  it('is cancelled by its caller', () => {
    let isCancelled = false;
    const adopt = () => NEVER.pipe(finalize(() => (isCancelled = true)));
    play(systemWith({}, { adopt })).subscription.unsubscribe();
    expect(isCancelled).toBe(true);
  });
});
