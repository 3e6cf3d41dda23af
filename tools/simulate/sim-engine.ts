/**
 * A compute system, its processes and its publisher, with every fault that a scenario asks for.
 *
 * It fulfils the contract when it has no faults, and breaks it in every way that the contract's own words warn of when
 * it has. All waiting is on the scheduler; there are no promises here.
 */
import { Observable, type Subscriber } from 'rxjs';
import type { Act, ComputeProcess, Delivery, ProcessExit } from '../../src/hcs/compute-process.js';
import type { ComputeSystem, SystemExit } from '../../src/hcs/compute-system.js';
import { statusOf } from '../../src/hcs/exit-code.js';
import { hcsCodes } from '../../src/hcs/hcs-codes.js';
import { hcsStatusError } from '../../src/hcs/hcs-status-error.js';
import { hostSignals } from '../../src/hcs/host-signals.js';
import type { TaskEvent } from '../../src/streams/events.js';
import { type End, idOf, type Scenario, type SimEvent } from './scenario.js';
import type { Life, SimProcess } from './sim-process.js';
import type { SimScheduler } from './sim-scheduler.js';
import type { SimStreams } from './sim-streams.js';
import type { Entry } from './trace.js';

type Fault = Extract<SimEvent, { kind: 'fault' }>;

export interface SimEngine {
  readonly system: ComputeSystem;
  readonly publish: (event: TaskEvent) => Act;
  readonly processes: readonly SimProcess[];
  /** Looks a fault up and uses it up. */
  misdeed(exec: string, call: string): Fault | undefined;
  heal(): void;
  /** How many listen for the end of the container. */
  listeners(): number;
  gone(): boolean;
}

export interface EngineOptions {
  readonly scenario: Scenario;
  readonly scheduler: SimScheduler;
  readonly record: (entry: Entry) => void;
  /** Where the streams of a process come from; without it they are only there by name. */
  readonly stdioOf?: SimStreams['stdioOf'];
}

const longLife = (exec: number): Life => ({
  kind: 'life',
  exec,
  lasts: -1,
  end: { kind: 'code', code: 0 },
  holds: 0,
  flows: false,
});

const signals = hostSignals();
const delivered: Delivery = 'delivered';

export const simEngine = ({ scenario, scheduler, record, stdioOf }: EngineOptions): SimEngine => {
  const lives = new Map<string, Life>();
  const deaf = new Map<string, 'term' | 'all'>();
  const faults: { fault: Fault; exec: string; left: number }[] = [];
  const processes: SimProcess[] = [];
  const systemListeners = new Set<Subscriber<SystemExit>>();
  let gone: 'ended' | 'lost' | 'error' | 'silent' | undefined;
  let healed = false;
  let lastPid = 100;

  for (const event of scenario.events) {
    if (event.kind === 'life') lives.set(idOf(event.exec), event);
    else if (event.kind === 'deaf') deaf.set(idOf(event.exec), event.to);
    else if (event.kind === 'fault') faults.push({ fault: event, exec: idOf(event.exec), left: event.times });
    else if (event.kind === 'gone')
      scheduler.later(event.at, () => {
        if (!healed) systemEnds(event.how, event.orphans);
      });
  }

  const misdeed = (exec: string, call: string): Fault | undefined => {
    if (healed) return undefined;
    for (const one of faults) {
      if (one.left > 0 && one.exec === exec && one.fault.call === call) {
        one.left -= 1;
        return one.fault;
      }
    }
    return undefined;
  };

  /** An act with an effect and perhaps a value, done well or ill. */
  const perform = <T>(
    exec: string,
    pid: number,
    call: string,
    effect: () => void,
    value?: () => T,
  ): Observable<T> => {
    const owner = exec === '' ? 't' : exec;
    const fault = misdeed(owner, call);
    if (fault?.does === 'throws') {
      record({ at: scheduler.now(), exec, is: 'asked', call, pid });
      record({ at: scheduler.now(), exec, is: 'answered', call, pid, how: 'failed' });
      throw new Error(`${call} throws`);
    }
    return new Observable((listener) => {
      record({ at: scheduler.now(), exec, is: 'asked', call, pid });
      const answered = (how: string): void =>
        record({ at: scheduler.now(), exec, is: 'answered', call, pid, how });
      const answer = (): void => {
        answered('done');
        if (value !== undefined) listener.next(value());
        listener.complete();
      };
      const fail = (error: Error): void => {
        answered('failed');
        listener.error(error);
      };
      const wait = (then: () => void): void =>
        fault === undefined || fault.ms === 0 ? then() : scheduler.later(fault.ms, then);
      switch (fault?.does) {
        case undefined:
          effect();
          return answer();
        case 'late':
          return wait(() => {
            effect();
            answer();
          });
        case 'slow':
          effect();
          return wait(answer);
        case 'hangs':
          return undefined;
        case 'mute':
          return effect();
        case 'fails':
          return wait(() => fail(new Error(`${call} fails`)));
        case 'lies':
          effect();
          return wait(() => fail(new Error(`${call} fails, it says`)));
        case 'stopped':
          answered('stopped');
          return listener.error(hcsStatusError(hcsCodes.processAlreadyStopped));
        case 'twice':
          effect();
          answered('done');
          if (value !== undefined) {
            listener.next(value());
            listener.next(value());
          }
          return listener.complete();
        case 'empty':
          effect();
          answered('empty');
          return listener.complete();
        case 'notDelivered':
          answered('notDelivered');
          listener.next('notDelivered' as T);
          return listener.complete();
        default:
          answered('junk');
          listener.next({} as T);
          return listener.complete();
      }
    });
  };

  const systemEnds = (how: NonNullable<typeof gone>, orphans: boolean): void => {
    if (gone !== undefined) return;
    gone = how;
    record({ at: scheduler.now(), exec: '', is: 'gone' });
    const ending = [...systemListeners];
    systemListeners.clear();
    for (const process of processes) {
      if (orphans) vanish(process);
      else end(process, { kind: 'signal', signal: 9 });
    }
    for (const listener of ending) tellSystemExit(listener);
  };

  const tellSystemExit = (listener: Subscriber<SystemExit>): void => {
    if (gone === 'error') return listener.error(new Error('the wait for the container failed'));
    if (gone !== 'silent') listener.next({ reason: gone === 'lost' ? 'lost' : 'ended' });
    listener.complete();
  };

  const ends = new Map<number, { end: End; listeners: Set<Subscriber<ProcessExit>>; told: boolean }>();

  const tellEnd = (told: End, listener: Subscriber<ProcessExit>): void => {
    switch (told.kind) {
      case 'code':
        listener.next({ kind: 'exited', code: told.code });
        return listener.complete();
      case 'signal':
        listener.next({ kind: 'signaled', signal: told.signal, code: 128 + told.signal });
        return listener.complete();
      case 'twice':
        listener.next({ kind: 'exited', code: told.code });
        listener.next({ kind: 'exited', code: told.code + 1 });
        return listener.complete();
      case 'error':
        return listener.error(new Error('the wait for the process failed'));
      case 'silent':
        return listener.complete();
      case 'never':
        return undefined;
    }
  };

  const end = (process: SimProcess, how: End): void => {
    if (!process.alive) return;
    process.alive = false;
    const { pid, exec, life } = process;
    const known = ends.get(pid) as { end: End; listeners: Set<Subscriber<ProcessExit>>; told: boolean };
    known.end = how;
    known.told = true;
    record({ at: scheduler.now(), exec, is: 'ended', pid, ...reported(how) });
    const close = (): void => {
      process.closed = true;
      process.onClosed();
    };
    if (life.holds === 0) close();
    else if (life.holds > 0) scheduler.later(life.holds, close);
    const listeners = [...known.listeners];
    if (how.kind !== 'never') known.listeners.clear();
    for (const listener of listeners) tellEnd(how, listener);
  };

  /** It is no more, and nobody will ever say so. */
  const vanish = (process: SimProcess): void => end(process, { kind: 'never' });

  const makeProcess = (
    exec: string,
    stdioFor: (process: SimProcess) => ComputeProcess['stdio'],
  ): SimProcess => {
    lastPid += 1;
    const pid = lastPid;
    const life = lives.get(exec) ?? longLife(0);
    const listeners = new Set<Subscriber<ProcessExit>>();
    const known = { end: { kind: 'never' } as End, listeners, told: false };
    ends.set(pid, known);
    const dies = (signal: number) => (): void => {
      const hears = healed ? undefined : deaf.get(exec);
      if (hears === 'all' || (hears === 'term' && signal !== 9)) return;
      end(made, { kind: 'signal', signal });
    };
    const process: SimProcess['process'] = {
      pid,
      stdio: {},
      exit$: new Observable((listener) => {
        if (known.told) return tellEnd(known.end, listener);
        listeners.add(listener);
        return () => listeners.delete(listener);
      }),
      signal: (options) =>
        perform(exec, pid, 'process.signal', dies(options.Signal as number), () => delivered),
      kill: () => perform(exec, pid, 'process.kill', dies(9), () => delivered),
      resizeConsole: () => perform(exec, pid, 'process.resizeConsole', nothing),
      closeStdin: () => perform(exec, pid, 'process.closeStdin', nothing),
      closeStdout: () => perform(exec, pid, 'process.closeStdout', () => made.onHandleClosed()),
      closeStderr: () => perform(exec, pid, 'process.closeStderr', nothing),
      close: () => perform(exec, pid, 'process.close', () => made.onHandleClosed()),
    };
    const made: SimProcess = {
      exec,
      pid,
      life,
      process,
      alive: true,
      closed: false,
      onClosed: nothing,
      onHandleClosed: nothing,
      listeners: () => listeners.size,
    };
    processes.push(made);
    record({ at: scheduler.now(), exec, is: 'made', pid });
    process.stdio = stdioFor(made);
    if (gone !== undefined) end(made, { kind: 'signal', signal: 9 });
    else if (life.lasts >= 0) scheduler.later(life.lasts, () => end(made, life.end));
    return made;
  };

  const system: ComputeSystem = {
    id: 'simulated',
    os: 'linux',
    isOci: true,
    initInDocument: false,
    takesDescriptors: false,
    signals,
    exit$: new Observable((listener) => {
      if (gone !== undefined) return tellSystemExit(listener);
      systemListeners.add(listener);
      return () => systemListeners.delete(listener);
    }),
    start: () => perform('', 0, 'container.start', nothing),
    shutdown: () => perform('', 0, 'container.shutdown', () => systemEnds('ended', false)),
    terminate: () => perform('', 0, 'container.terminate', () => systemEnds('ended', false)),
    close: () => perform('', 0, 'container.close', nothing),
    pids: () => perform('', 0, 'container.pids', nothing, () => processes.map(({ pid }) => pid)),
    createProcess: ({
      OciProcess: spec,
      CreateStdInPipe: stdin = false,
      CreateStdOutPipe: stdout = false,
    }) => {
      const exec = spec?.args?.[0] ?? '';
      const stdioFor = (process: SimProcess): ComputeProcess['stdio'] =>
        stdioOf === undefined ? (stdout ? silentOutput : {}) : stdioOf(process, { stdin, stdout });
      let made: SimProcess | undefined;
      // A process that its maker never hands over would be nobody's: it is made when it is told.
      return perform(exec, 0, 'container.createProcess', nothing, () => {
        made ??= makeProcess(exec, stdioFor);
        return made.process;
      });
    },
  };

  const publish = (event: TaskEvent): Act => {
    const exec = execOf(event);
    const at = (is: 'attempt' | 'taken'): void =>
      record({
        at: scheduler.now(),
        exec,
        is,
        event: event.type,
        pid: pidOf(event),
        status: statusIn(event),
      });
    const fault = misdeed(exec === '' ? 't' : exec, `publish ${kindOf(event)}`);
    at('attempt');
    if (fault?.does === 'throws') throw new Error('the publisher throws');
    return new Observable((listener) => {
      // Giving up on a request takes it back, unless it was taken before.
      let given = true;
      const take = (): void => {
        if (!given) return;
        at('taken');
        listener.complete();
      };
      const wait = (then: () => void): void =>
        fault === undefined || fault.ms === 0 ? then() : scheduler.later(fault.ms, then);
      switch (fault?.does) {
        case undefined:
        case 'twice':
          take();
          break;
        case 'fails':
        case 'lies':
          wait(() => listener.error(new Error('the publisher fails')));
          break;
        case 'hangs':
          break;
        default:
          wait(take);
      }
      return () => {
        given = false;
      };
    });
  };

  return {
    system,
    publish,
    processes,
    misdeed,
    heal: () => {
      healed = true;
    },
    listeners: () => systemListeners.size,
    gone: () => gone !== undefined,
  };
};

const nothing = (): void => undefined;

/** Output that exists by name: only a simulated relay can tell when it is through. */
const silentOutput: ComputeProcess['stdio'] = {
  stdout: { [Symbol.asyncIterator]: () => ({ next: () => new Promise(nothing) }) },
};

/** How an end would be told to containerd. */
const reported = (how: End): { kind: string; status: number } => {
  switch (how.kind) {
    case 'code':
    case 'twice':
      return how.code === -1
        ? { kind: 'lost', status: 255 }
        : { kind: 'exited', status: statusOf({ kind: 'exited', code: how.code }) };
    case 'signal':
      return { kind: 'signaled', status: 128 + how.signal };
    case 'never':
      return { kind: 'never', status: -1 };
    default:
      return { kind: 'lost', status: 255 };
  }
};

const kindOf = ({ type }: TaskEvent): 'start' | 'exit' | 'other' =>
  type === 'TaskExit' ? 'exit' : type === 'TaskStart' || type === 'TaskExecStarted' ? 'start' : 'other';

/** Whom an event is about. */
export const execOf = (event: TaskEvent): string => {
  switch (event.type) {
    case 'TaskExecAdded':
    case 'TaskExecStarted':
      return event.execId;
    case 'TaskExit':
      return event.id;
    case 'TaskDelete':
      return event.id === '' ? event.containerId : event.id;
    default:
      return event.containerId;
  }
};
export const pidOf = (event: TaskEvent): number => ('pid' in event ? event.pid : 0);
export const statusIn = (event: TaskEvent): number => ('exitStatus' in event ? event.exitStatus : -1);
