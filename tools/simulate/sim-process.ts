/** Simulated processes: what runs, independent of what the layers above know, and how it reports its exit. */
import { Observable, type Subscriber } from 'rxjs';
import type {
  ComputeProcess,
  Delivery,
  ProcessExit,
  ProcessTree,
} from '../../src/hcs/contract/compute-process.js';
import { statusOf } from '../../src/hcs/contract/exit-code.js';
import type { Faults } from './faults.js';
import type { Perform } from './perform.js';
import { type End, idOf, noLags, type Scenario, type SimEvent } from './scenario.js';
import type { SimScheduler } from './sim-scheduler.js';
import { type SimTree, simTree, type TreeEvent } from './sim-tree.js';
import type { Entry } from './trace.js';

export type Life = Extract<SimEvent, { kind: 'life' }>;

export interface SimProcess {
  readonly exec: string;
  readonly pid: number;
  readonly life: Life;
  /** What the engine above is given. Its streams are made when the rest of it is there. */
  readonly process: ComputeProcess & { stdio: ComputeProcess['stdio']; tree?: ProcessTree };
  /** Whether it runs, whatever anybody knows of it. */
  alive: boolean;
  /** Whether its output has ended. */
  closed: boolean;
  /** Called when its output ends. */
  onClosed: () => void;
  /** Called when its handle, or that of its output, is closed. */
  onHandleClosed: () => void;
  /** Called when it has ended. */
  onEnded: () => void;
  /** Its program begins: from here on its time runs. */
  begin(): void;
  end(how: End): void;
  /** A signal reaches it. */
  hit(signal: number): void;
  /** What it has started, if anything. */
  tree: SimTree | undefined;
  /** A process of some tree has ended. */
  looked(): void;
  /** How many listen for its end. */
  listeners(): number;
}

export interface SimProcesses {
  readonly all: readonly SimProcess[];
  make(exec: string, stdioFor: (process: SimProcess) => ComputeProcess['stdio']): SimProcess;
}

export interface ProcessWorld {
  readonly scenario: Scenario;
  readonly scheduler: SimScheduler;
  readonly record: (entry: Entry) => void;
  readonly faults: Faults;
  readonly perform: Perform;
  /** The pid of the first process; that of each later one is higher by one. */
  readonly firstPid: number;
}

export const simProcesses = (world: ProcessWorld): SimProcesses => {
  const { scenario, scheduler, record, faults, perform, firstPid } = world;
  const lives = new Map<string, Life>();
  const deaf = new Map<string, 'term' | 'all'>();
  const trees = new Map<string, TreeEvent>();
  const all: SimProcess[] = [];
  const { dying } = scenario.lags ?? noLags;
  for (const event of scenario.events) {
    if (event.kind === 'life') lives.set(idOf(event.exec), event);
    else if (event.kind === 'deaf') deaf.set(idOf(event.exec), event.to);
    else if (event.kind === 'tree') trees.set(idOf(event.exec), event);
    else if (event.kind === 'crash')
      scheduler.later(event.at, () => {
        for (const process of all) if (process.exec === idOf(event.exec)) process.end(killed);
      });
  }

  const make: SimProcesses['make'] = (exec, stdioFor) => {
    const pid = firstPid + all.length;
    const life = lives.get(exec) ?? longLife;
    const listeners = new Set<Subscriber<ProcessExit>>();
    let ended: End | undefined;

    const end = (how: End): void => {
      if (!made.alive) return;
      made.alive = false;
      ended = how;
      record({ at: scheduler.now(), exec, is: 'ended', pid, ...reported(how) });
      const close = (): void => {
        made.closed = true;
        made.onClosed();
      };
      if (life.holds === 0) close();
      else if (life.holds > 0) scheduler.later(life.holds, close);
      const current = [...listeners];
      if (how.kind !== 'never') listeners.clear();
      for (const listener of current) emitEnd(how, listener);
      // A container leaves those alone that outlive its init as long as somebody waits for them.
      if (made.tree === undefined || made.tree.listeners() === 0) made.onEnded();
      for (const process of all) process.looked();
    };
    const dies = (signal: number) => (): undefined => {
      const hears = faults.healed() ? undefined : deaf.get(exec);
      if (hears === 'all' || (hears === 'term' && signal !== 9)) return;
      const die = (): void => end({ kind: 'signal', signal });
      if (dying === 0) die();
      else scheduler.later(dying, die);
    };
    const act = (call: string, effect: () => undefined) => () => perform({ exec, pid, call, effect });
    const handleClosed = (): undefined => void made.onHandleClosed();

    const made: SimProcess = {
      exec,
      pid,
      life,
      process: {
        pid,
        stdio: {},
        exit$: new Observable((listener) => {
          if (ended !== undefined) return emitEnd(ended, listener);
          listeners.add(listener);
          return () => listeners.delete(listener);
        }),
        signal: (options) =>
          perform({
            exec,
            pid,
            call: 'process.signal',
            signal: options.Signal as number,
            effect: dies(options.Signal as number),
            value: () => delivered,
          }),
        kill: () => perform({ exec, pid, call: 'process.kill', effect: dies(9), value: () => delivered }),
        resizeConsole: act('process.resizeConsole', nothing),
        closeStdin: act('process.closeStdin', nothing),
        closeStdout: act('process.closeStdout', handleClosed),
        closeStderr: act('process.closeStderr', nothing),
        close: act('process.close', handleClosed),
      },
      alive: true,
      closed: false,
      onClosed: nothing,
      onHandleClosed: nothing,
      onEnded: nothing,
      begin: () => {
        made.tree?.begin();
        if (life.lasts >= 0) scheduler.later(life.lasts, () => end(life.end));
      },
      end,
      hit: (signal) => dies(signal)(),
      listeners: () => listeners.size + (made.tree?.listeners() ?? 0),
      tree: undefined,
      looked: () => made.tree?.look(),
    };
    const event = trees.get(exec);
    if (event !== undefined) {
      made.tree = simTree({
        ...world,
        event,
        members: () => (exec === 't' ? all : [made]),
        parent: () => made,
        ended: () => {
          for (const process of all) process.looked();
        },
        left: () => {
          if (!made.alive) made.onEnded();
        },
      });
      made.process.tree = made.tree.process;
    }
    all.push(made);
    record({ at: scheduler.now(), exec, is: 'made', pid, tree: event !== undefined });
    made.process.stdio = stdioFor(made);
    return made;
  };

  return { all, make };
};

export const killed: End = { kind: 'signal', signal: 9 };
const delivered: Delivery = 'delivered';
const nothing = (): undefined => undefined;

const longLife: Life = {
  kind: 'life',
  exec: 0,
  lasts: -1,
  end: { kind: 'code', code: 0 },
  holds: 0,
  flows: false,
};

const emitEnd = (end: End, listener: Subscriber<ProcessExit>): void => {
  switch (end.kind) {
    case 'code':
      listener.next({ kind: 'exited', code: end.code });
      return listener.complete();
    case 'signal':
      listener.next({ kind: 'signaled', signal: end.signal, code: 128 + end.signal });
      return listener.complete();
    case 'twice':
      listener.next({ kind: 'exited', code: end.code });
      listener.next({ kind: 'exited', code: end.code + 1 });
      return listener.complete();
    case 'error':
      return listener.error(new Error('the wait for the process failed'));
    case 'silent':
      return listener.complete();
    case 'never':
      return undefined;
  }
};

/** How an exit would be reported to containerd. */
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
