/**
 * Those who use a simulated task: they command at their instants, some from within a notification, and
 * some of them give up waiting. What they commanded, and how that was answered, is recorded.
 */
import { concat, defer, EMPTY, type Observable } from 'rxjs';
import { kindOf } from '../../src/hcs/failures/errors.js';
import type { Exec, StopOutcome } from '../../src/streams/exec/interface.js';
import type { ExecState } from '../../src/streams/exec/state/state.js';
import type { StdioRequest } from '../../src/streams/stdio/upstream/stdio-request.js';
import type { CallerOutput } from '../../src/streams/stdio/upstream.js';
import type { Task } from '../../src/streams/task/interface.js';
import { execOf, exitedAtIn, pidOf, statusIn } from './event-facts.js';
import { loggedExit } from './logged-exit.js';
import { idOf, type Scenario, type SimEvent } from './scenario.js';
import type { SimScheduler } from './sim-scheduler.js';
import type { SimStreams } from './sim-streams.js';
import type { Entry } from './trace.js';

type CommandEvent = Extract<SimEvent, { kind: 'command' }>;

export interface SimUsers {
  readonly execs: ReadonlyMap<string, Exec>;
  /** They have the task from here on. */
  take(task: Task): void;
  /** Something is asked of the task, by somebody who waits for the answer until `unsubscribesAt`. */
  perform(
    exec: string,
    name: string,
    work: Observable<unknown>,
    asked?: { value?: number; unsubscribesAt?: number },
  ): void;
  /** What ends the task, whatever else was asked of it. */
  delete(): Observable<unknown>;
  stdioFor(exec: number): StdioRequest;
}

export interface UsersWorld {
  readonly scenario: Scenario;
  readonly scheduler: SimScheduler;
  readonly record: (entry: Entry) => void;
  readonly streams: SimStreams | undefined;
}

export const simUsers = ({ scenario, scheduler, record, streams }: UsersWorld): SimUsers => {
  const execs = new Map<string, Exec>();
  const deleted = new Set<string>();
  const reactions = new Map<string, CommandEvent>();
  let task: Task | undefined;
  let commands = 0;
  const now = (): number => scheduler.now();

  const perform: SimUsers['perform'] = (exec, name, work, { value = 0, unsubscribesAt } = {}) => {
    commands += 1;
    const number = commands;
    let open = true;
    record({ at: now(), exec, is: 'command', number, name, value });
    let by: string | undefined;
    const answer = (how: string): void => {
      open = false;
      record({ at: now(), exec, is: 'answer', number, how, by });
    };
    const waiting = work.subscribe({
      next: (value) => {
        if (name === 'stop' || name === 'stopLeader') ({ by } = value as StopOutcome);
      },
      error: (error) => answer(kindOf(error)),
      complete: () => answer('done'),
    });
    if (unsubscribesAt === undefined) return;
    scheduler.later(unsubscribesAt, () => {
      if (!open) return;
      record({ at: now(), exec, is: 'unsubscribed', number });
      waiting.unsubscribe();
    });
  };

  const watch = (exec: Exec): void => {
    const { id } = exec;
    execs.set(id, exec);
    const broken = (stream: string) => (): void => record({ at: now(), exec: id, is: 'broken', stream });
    // A subscriber that acts within a notification: other subscribers must still receive everything in order.
    const reaction = reactions.get(id);
    if (reaction !== undefined) {
      exec.state$.subscribe(({ phase }) => {
        if (phase === 'announcing' && reactions.delete(id)) command(reaction);
      });
    }
    exec.state$.subscribe({ next: (state) => record(stateEntry(now(), id, state)), error: broken('state$') });
    if (scenario.listens === true) listenTo(exec, heard(id), broken);
    if (exec.stdout !== undefined) void loop(id, exec.stdout);
    exec.released$.subscribe({
      next: ({ status }) => record({ at: now(), exec: id, is: 'waiter', came: 'early', status }),
      error: broken('released$'),
    });
  };

  /** Reads output by a loop of its own, a chunk of one number at a time. */
  const loop = async (exec: string, output: CallerOutput): Promise<void> => {
    const taking = streams?.sinkFor(exec);
    let how = 'ended';
    try {
      for await (const chunk of output)
        for (const number of chunk) await taking?.write(Uint8Array.of(number));
    } catch (error) {
      how = kindOf(error);
    }
    record({ at: now(), exec, is: 'readerDone', how });
  };

  const heard =
    (exec: string): Heard =>
    (stream, value, status, truncated) =>
      record({ at: now(), exec, is: 'heard', stream, value, status, truncated });

  const { terminals, outputs, stdios } = wantsIn(scenario);
  /** Its caller has nothing to read itself of what is opened with the start. */
  const stdioFor = (exec: number, late = false): StdioRequest => {
    const terminal = terminals.has(exec);
    if (streams === undefined) return outputs.has(exec) ? { stdout: sink, terminal } : { terminal };
    const stdio = stdios.get(exec);
    if (stdio === undefined) return { terminal };
    const stdout = stdio.sink === 'loop' && !late ? 'pipe' : streams.sinkFor(idOf(exec));
    if (stdio.stdin === 'none') return { stdout, terminal };
    return { stdin: streams.sourceFor(idOf(exec)), stdout, terminal };
  };

  const command = (event: CommandEvent): void => {
    const { exec: place, name, value } = event;
    const id = idOf(place);
    if (task === undefined || deleted.has(id) || (place > 0 && deleted.has('t'))) return;
    const exec = execs.get(id);
    if (name === 'add') {
      // A name stands for one life: what could not be added is not added again.
      if (exec !== undefined && !task.execs.includes(exec)) return undefined;
      const openStdio = value === 1 ? 'start' : 'create';
      const request = { id, spec: { args: [id] }, stdio: stdioFor(place, value === 1), openStdio } as const;
      return perform(id, name, task.createExec(request), event);
    }
    if (exec !== undefined) perform(id, name, workOf(task, exec, event), event);
  };

  const workOf = (
    task: Task,
    exec: Exec,
    { exec: place, name, value }: CommandEvent,
  ): Observable<unknown> => {
    const execId = place === 0 ? '' : exec.id;
    switch (name) {
      case 'start':
        return exec.start();
      case 'kill':
        return task.kill(value, { execId });
      case 'killAll':
        return task.kill(value, { all: true });
      case 'forceExit':
        return exec.forceExit(value);
      case 'stop':
        return exec.stop({ grace: value });
      case 'stopLeader':
        return exec.stop({ grace: value, killMode: 'leader' });
      case 'killTree':
        return task.kill(value, { execId, killMode: 'tree' });
      case 'resize':
        return exec.resizePty({ width: 80, height: 24 });
      case 'closeIo':
        return exec.closeIo();
      case 'wait':
        return exec.wait();
      case 'pids':
        return task.pids();
      case 'delete':
        return forgetting(exec.id, task.delete(execId));
      case 'add':
        return EMPTY;
    }
  };

  const forgetting = (id: string, deleting: Observable<unknown>): Observable<unknown> => {
    const forgotten$ = defer(() => {
      deleted.add(id);
      return EMPTY;
    });
    return concat(deleting, forgotten$);
  };

  for (const event of scenario.events) {
    if (event.kind !== 'command') continue;
    if (event.at < 0) reactions.set(idOf(event.exec), event);
    else scheduler.later(event.at, () => command(event));
  }

  return {
    execs,
    perform,
    stdioFor,
    delete: () => defer(() => (task === undefined || deleted.has('t') ? EMPTY : task.delete())),
    take: (made) => {
      task = made;
      if (scenario.listens === true)
        made.closed$.subscribe((outcome) => heard('t')('closed$', '', outcome.status, outcome.truncated));
      made.execs$.subscribe(watch);
      made.events$.subscribe({
        complete: () => heard('t')('ended', '', 0, false),
        next: (event) =>
          record({
            at: now(),
            exec: execOf(event),
            is: 'out',
            event: event.type,
            pid: pidOf(event),
            status: statusIn(event),
            exitedAt: exitedAtIn(event),
          }),
      });
    },
  };
};

type Heard = (stream: string, value: string, status: number, truncated: boolean) => void;

/** Every stream of an exec besides its states and its release. */
const listenTo = (exec: Exec, heard: Heard, broken: (stream: string) => () => void): void => {
  exec.exit$.subscribe({
    next: ({ status }) => heard('exit$', '', status, false),
    error: broken('exit$'),
  });
  exec.drained$.subscribe({
    next: ({ truncated }) => heard('drained$', '', 0, truncated),
    error: broken('drained$'),
  });
  exec.events$.subscribe({
    next: (event) => heard('events$', event.type, statusIn(event), false),
    error: broken('events$'),
  });
  exec.wait().subscribe({
    next: ({ status, truncated }) => heard('wait', '', status, truncated),
    error: broken('wait'),
  });
};

/** Never written to: the relay of these worlds has no bytes. */
const sink = { write: () => Promise.resolve() };

/** What the execs want of their stdio, by their places. */
const wantsIn = ({ events }: Scenario) => {
  const terminals = new Set<number>();
  const outputs = new Set<number>();
  const stdios = new Map<number, Extract<SimEvent, { kind: 'stdio' }>>();
  for (const event of events) {
    if (event.kind === 'terminal') terminals.add(event.exec);
    else if (event.kind === 'life' && event.holds !== 0) outputs.add(event.exec);
    else if (event.kind === 'stdio') stdios.set(event.exec, event);
  }
  return { terminals, outputs, stdios };
};

/** An entry of every state has this: nothing where there is nothing. */
const namesOf = (ioErrors: ExecState['ioErrors']): readonly string[] | undefined =>
  ioErrors.length === 0 ? undefined : ioErrors.map(({ stream }) => stream);

const stateEntry = (
  at: number,
  exec: string,
  { phase, via, pid, exit, truncated, ioErrors }: ExecState,
): Entry => ({
  at,
  exec,
  is: 'state',
  phase,
  via,
  pid,
  exit: exit && loggedExit(exit),
  truncated,
  ioErrors: namesOf(ioErrors),
});
