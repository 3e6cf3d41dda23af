/** The trace of a world by calls, containers, events and daemons, so that checks can ask about each. */
import type { Entry } from '../trace.js';
import { type DaemonScenario, execId } from './scenario.js';
import type { CallEntry, DaemonEntry, EventEntry } from './trace.js';
import type { WorldRun } from './world.js';

/** A moment: when, and the place in the trace. */
export interface Moment {
  readonly at: number;
  readonly place: number;
}

type Called = Extract<CallEntry, { is: 'called' }>;
type Heard = Extract<CallEntry, { is: 'heard' }>;
type Attempt = Extract<EventEntry, { is: 'attempt' }>;

export interface CallLog extends Moment, Omit<Called, 'is'> {
  received: Moment | undefined;
  readonly sent: Moment[];
  /** Its connection was lost before an answer was sent. */
  lost: Moment | undefined;
  heard: (Moment & Omit<Heard, 'is' | 'call'>) | undefined;
}

/** An entry of the simulation below. */
export type EngineEntry = Entry & Moment;

/** One container of an id; others of the same id may come after it. */
export interface ContainerLog {
  readonly c: number;
  readonly life: number;
  /** The daemon that made it. */
  readonly daemon: number;
  readonly entries: EngineEntry[];
}

export interface AttemptLog extends Moment, Omit<Attempt, 'is'> {
  taken: Moment | undefined;
  /** The daemon has heard containerd's answer. */
  acknowledged: Moment | undefined;
}

export interface DaemonLog {
  readonly daemon: number;
  readonly starts: Moment;
  stopped: Moment | undefined;
  socketReleased: Moment | undefined;
  left: Moment | undefined;
}

export interface WorldLog {
  readonly scenario: DaemonScenario;
  readonly trace: readonly DaemonEntry[];
  readonly run: WorldRun;
  readonly calls: readonly CallLog[];
  readonly lives: readonly ContainerLog[];
  readonly attempts: readonly AttemptLog[];
  readonly daemons: readonly DaemonLog[];
  readonly finished: readonly (Moment & { readonly c: number; readonly how: string })[];
  readonly healed: Moment;
  /** Whether the runtime of this container misbehaves, or its processes do. */
  faulty(c: number): boolean;
  /** Whether the bundle of this container was removed between two places. The daemon then deletes what lacks a bundle. */
  bundleRemoved(c: number, from: number, to: number): boolean;
  /** Whether containerd has removed the bundle of this container without deleting it. */
  vanishes(c: number): boolean;
}

export const readWorld = (run: WorldRun): WorldLog => {
  const { scenario, trace } = run;
  const calls = new Map<number, CallLog>();
  const lives = new Map<string, ContainerLog>();
  const attempts = new Map<number, AttemptLog>();
  const daemons = new Map<number, DaemonLog>();
  const finished: (Moment & { c: number; how: string })[] = [];
  const removals: (Moment & { c: number })[] = [];
  let healed: Moment = { at: Number.POSITIVE_INFINITY, place: trace.length };
  let newest = 0;

  trace.forEach((entry, place) => {
    const { at } = entry;
    const moment: Moment = { at, place };
    switch (entry.is) {
      case 'called': {
        const { is: _, ...called } = entry;
        calls.set(entry.call, {
          ...called,
          place,
          received: undefined,
          sent: [],
          lost: undefined,
          heard: undefined,
        });
        break;
      }
      case 'received':
      case 'lost': {
        const call = calls.get(entry.call);
        if (call !== undefined) call[entry.is] = moment;
        break;
      }
      case 'sent':
        calls.get(entry.call)?.sent.push(moment);
        break;
      case 'heard': {
        const call = calls.get(entry.call);
        const { how, message, learned } = entry;
        if (call !== undefined) call.heard = { ...moment, how, message, learned };
        break;
      }
      case 'below': {
        const { c, life } = entry;
        const key = `${c} ${life}`;
        let one = lives.get(key);
        if (one === undefined) {
          one = { c, life, daemon: newest, entries: [] };
          lives.set(key, one);
        }
        one.entries.push({ ...entry.entry, place });
        break;
      }
      case 'attempt': {
        const { is: _, ...attempt } = entry;
        attempts.set(entry.attempt, { ...attempt, place, taken: undefined, acknowledged: undefined });
        break;
      }
      case 'taken':
      case 'acknowledged': {
        const attempt = attempts.get(entry.attempt);
        if (attempt !== undefined) attempt[entry.is] = moment;
        break;
      }
      case 'daemon': {
        const { daemon, does } = entry;
        if (does === 'starts') {
          newest = daemon;
          daemons.set(daemon, {
            daemon,
            starts: moment,
            stopped: undefined,
            socketReleased: undefined,
            left: undefined,
          });
          break;
        }
        const one = daemons.get(daemon);
        if (one !== undefined)
          one[does === 'isStopped' ? 'stopped' : does === 'left' ? 'left' : 'socketReleased'] = moment;
        break;
      }
      case 'bundle':
        if (entry.does === 'removed') removals.push({ ...moment, c: entry.c });
        break;
      case 'finished':
        finished.push({ ...moment, c: entry.c, how: entry.how });
        break;
      case 'healed':
        healed = moment;
        break;
      default:
        break;
    }
  });

  const faulty = new Set<number>();
  const vanishing = new Set<number>();
  for (const event of scenario.events) {
    if (event.kind === 'below' && event.event.kind !== 'life') faulty.add(event.c);
    if (event.kind === 'vanish') vanishing.add(event.c);
  }
  return {
    scenario,
    trace,
    run,
    calls: [...calls.values()],
    lives: [...lives.values()],
    attempts: [...attempts.values()],
    daemons: [...daemons.values()],
    finished,
    healed,
    faulty: (c) => faulty.has(c),
    bundleRemoved: (c, from, to) => removals.some((one) => one.c === c && one.place > from && one.place < to),
    vanishes: (c) => vanishing.has(c),
  };
};

/** Names a process for a reader. */
export const nameOf = ({ c, e }: { readonly c: number; readonly e: number }): string =>
  e === 0 ? `c${c}` : `c${c}/${execId(e)}`;

/** Whether some process of that name was never started: it ends with the status of its delete, not one of its own. */
export const neverRan = ({ lives, calls }: WorldLog, c: number, exec: string): boolean => {
  const mine = lives.filter((life) => life.c === c);
  if (exec !== 't') {
    const added = calls.filter(
      (call) => call.c === c && call.name === 'exec' && execId(call.e) === exec,
    ).length;
    const made = mine
      .flatMap(({ entries }) => entries)
      .filter((entry) => entry.is === 'made' && entry.exec === exec);
    return added > made.length;
  }
  return mine.some(
    (life) =>
      !life.entries.some(
        (entry) => entry.is === 'answered' && entry.call === 'container.start' && entry.how === 'done',
      ),
  );
};
