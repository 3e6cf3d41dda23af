/** A trace in order for the checks: what each exec emitted and received, and the calls made for it. */
import type { Policies } from '../../src/streams/policies.js';
import type { SinkKind } from './scenario.js';
import type { Entry } from './trace.js';

export interface Run {
  /** The id of the task, and so of its init. */
  readonly task: string;
  readonly trace: readonly Entry[];
  /** The declared bounds of a simulated life, in virtual milliseconds; real lives are not held to exact times. */
  readonly bounds?: Policies | undefined;
  /** Whether it was followed to its end, so that what is still missing will never come. */
  readonly over: boolean;
  /** Whether its system has something to delete when a container has ended. Not known of real lives. */
  readonly leaves?: boolean;
  /** Whether somebody listened to every stream. */
  readonly listens?: boolean;
  /** The execs whose output flows on while it is held. Known of simulated relays alone. */
  readonly flowing?: ReadonlySet<string> | undefined;
  /** The streams with unread bytes, and whether they end. Known only in worlds with bytes. */
  readonly inputs?: ReadonlyMap<string, 'open' | 'ends'> | undefined;
  /** What takes the output of whom. Known of worlds with bytes alone. */
  readonly sinks?: ReadonlyMap<string, SinkKind> | undefined;
  /** Whether signals are sent in the background. */
  readonly background?: boolean;
  /** Processes that still run when it is over. */
  readonly alive?: readonly number[];
  readonly restless?: boolean;
  readonly leftovers?: readonly string[];
}

type Of<K extends Entry['is']> = Extract<Entry, { is: K }> & { readonly place: number };
type Placed<T> = T extends Entry ? T & { readonly place: number } : never;
export type EventEntry = Extract<Entry, { is: 'attempt' | 'taken' | 'out' }> & { readonly place: number };

export interface CommandLog {
  readonly command: Of<'command'>;
  readonly answers: Of<'answer'>[];
  /** Its caller has unsubscribed from there on. */
  unsubscribed: Of<'unsubscribed'> | undefined;
}

/** All about one exec, each list in the order of happening; `place` is the place in the whole trace. */
export interface ExecLog {
  readonly id: string;
  readonly isInit: boolean;
  readonly states: Of<'state'>[];
  readonly asked: Of<'asked'>[];
  readonly answered: Of<'answered'>[];
  readonly made: Of<'made'>[];
  readonly ended: Of<'ended'>[];
  readonly treeBegan: Of<'treeBegan' | 'treeEnded'>[];
  readonly treeEnded: Of<'treeBegan' | 'treeEnded'>[];
  readonly through: Of<'through'>[];
  readonly ioFailed: Of<'ioFailed'>[];
  readonly wrote: number[];
  /** The place of each of them. */
  readonly wroteAt: number[];
  readonly delivered: number[];
  /** When each of them was. */
  readonly deliveredAt: number[];
  readonly readerDone: Of<'readerDone'>[];
  readonly fed: number[];
  readonly took: number[];
  readonly attempts: EventEntry[];
  readonly taken: EventEntry[];
  readonly out: EventEntry[];
  readonly commands: CommandLog[];
  readonly waiters: Of<'waiter'>[];
  readonly heard: Of<'heard'>[];
  readonly broken: Of<'broken'>[];
  /** The state in which its exit was recorded. */
  exit: (Of<'state'> & { readonly exit: NonNullable<Of<'state'>['exit']> }) | undefined;
  released: Of<'state'> | undefined;
}

export interface RunLog extends Run {
  readonly execs: readonly ExecLog[];
  readonly init: ExecLog | undefined;
  /** What concerns the container. */
  readonly container: ExecLog;
  readonly out: readonly EventEntry[];
  readonly attempts: readonly EventEntry[];
  readonly gone: (Entry & { readonly place: number }) | undefined;
  /** Whether somebody has the task. */
  readonly handedOver: boolean;
}

export const readRun = (run: Run): RunLog => {
  const execs = new Map<string, ExecLog>();
  const container = emptyLog('', run.task);
  const commands = new Map<number, CommandLog>();
  const out: EventEntry[] = [];
  const attempts: EventEntry[] = [];
  let gone: (Entry & { readonly place: number }) | undefined;
  run.trace.forEach((entry, place) => {
    const placed = entry as Placed<Entry>;
    (placed as { place: number }).place = place;
    let exec = entry.exec === '' ? container : execs.get(entry.exec);
    if (exec === undefined) {
      exec = emptyLog(entry.exec, run.task);
      execs.set(entry.exec, exec);
    }
    switch (placed.is) {
      case 'state':
        exec.states.push(placed);
        if (placed.exit !== undefined) exec.exit ??= placed as NonNullable<ExecLog['exit']>;
        if (placed.phase === 'released') exec.released ??= placed;
        break;
      case 'asked':
        exec.asked.push(placed);
        break;
      case 'answered':
        exec.answered.push(placed);
        break;
      case 'made':
        exec.made.push(placed);
        break;
      case 'ended':
        exec.ended.push(placed);
        break;
      case 'treeBegan':
        exec.treeBegan.push(placed);
        break;
      case 'treeEnded':
        exec.treeEnded.push(placed);
        break;
      case 'through':
        exec.through.push(placed);
        break;
      case 'ioFailed':
        exec.ioFailed.push(placed);
        break;
      case 'wrote':
        exec.wrote.push(placed.chunk);
        exec.wroteAt.push(place);
        break;
      case 'delivered':
        exec.delivered.push(placed.chunk);
        exec.deliveredAt.push(placed.at);
        break;
      case 'readerDone':
        exec.readerDone.push(placed);
        break;
      case 'fed':
        exec.fed.push(placed.chunk);
        break;
      case 'took':
        exec.took.push(placed.chunk);
        break;
      case 'gone':
        gone ??= placed;
        break;
      case 'attempt':
        exec.attempts.push(placed);
        attempts.push(placed);
        break;
      case 'taken':
        exec.taken.push(placed);
        break;
      case 'out':
        exec.out.push(placed);
        out.push(placed);
        break;
      case 'command': {
        const logged: CommandLog = { command: placed, answers: [], unsubscribed: undefined };
        exec.commands.push(logged);
        commands.set(placed.number, logged);
        break;
      }
      case 'answer':
        commands.get(placed.number)?.answers.push(placed);
        break;
      case 'unsubscribed': {
        const given = commands.get(placed.number);
        if (given !== undefined) given.unsubscribed = placed;
        break;
      }
      case 'waiter':
        exec.waiters.push(placed);
        break;
      case 'heard':
        exec.heard.push(placed);
        break;
      case 'broken':
        exec.broken.push(placed);
        break;
      case 'healed':
        break;
    }
  });
  const all = [...execs.values()];
  // The run last: V8 takes 50 times as long for a literal that goes on after a spread.
  return {
    execs: all,
    init: all.find(({ isInit }) => isInit),
    container,
    out,
    attempts,
    gone,
    handedOver: out.some(({ event }) => event === 'TaskCreate'),
    ...run,
  };
};

const emptyLog = (id: string, task: string): ExecLog => ({
  id,
  isInit: id === task,
  states: [],
  asked: [],
  answered: [],
  made: [],
  ended: [],
  treeBegan: [],
  treeEnded: [],
  through: [],
  ioFailed: [],
  wrote: [],
  wroteAt: [],
  delivered: [],
  deliveredAt: [],
  readerDone: [],
  fed: [],
  took: [],
  attempts: [],
  taken: [],
  out: [],
  commands: [],
  waiters: [],
  heard: [],
  broken: [],
  exit: undefined,
  released: undefined,
});
