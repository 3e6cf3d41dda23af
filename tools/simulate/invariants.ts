/**
 * What must hold of every life, whatever happens: a sentence each, and how to see that it is broken.
 *
 * Each looks at one whole trace. Where real lives are checked, exact times are not asked about (`bounds` is absent), and
 * where a recording was broken off, nothing is missed that may have come later (`over` is false).
 */
import { type FactName, lifecycle, type Phase } from '../../src/streams/exec/lifecycle.js';
import type { CommandTold, EventEntry, ExecTold, Told } from './story.js';

export interface Invariant {
  readonly sentence: string;
  /** What is wrong, if anything is. */
  readonly broken: (told: Told) => string | undefined;
}

/** Of each exec in turn, until one tells of something broken. */
const eachExec =
  (broken: (exec: ExecTold, told: Told) => string | undefined) =>
  (told: Told): string | undefined => {
    for (const exec of told.execs) {
      const what = broken(exec, told);
      if (what !== undefined) return `${exec.id}: ${what}`;
    }
    return undefined;
  };

const starts = (event: EventEntry): boolean =>
  event.event === 'TaskStart' || event.event === 'TaskExecStarted';
const exits = (event: EventEntry): boolean => event.event === 'TaskExit';
const tellsAnEnd = ({ event }: EventEntry): boolean => event === 'TaskExit' || event === 'TaskDelete';

const exitIsToldOnce: Invariant = {
  sentence: 'An exit that was seen is told, once; of what was never told to exist no exit is told',
  broken: eachExec(({ isInit, out, exit }, { over, handedOver }) => {
    const told = out.filter(exits).length;
    const due = isInit ? handedOver : out.some(starts);
    if (told > 1) return `its exit was told ${told} times`;
    if (told === 1 && !due) return 'its exit was told although its start was not';
    if (told === 1 && exit === undefined) return 'an exit was told that nobody has seen';
    return over && due && told === 0 ? 'its exit was never told' : undefined;
  }),
};

const startBeforeExit: Invariant = {
  sentence: 'No exit is told before its start',
  broken: eachExec(({ out, taken }) => {
    for (const events of [out, taken]) {
      const exit = events.findIndex(exits);
      if (exit >= 0 && events.some((event, at) => at > exit && starts(event)))
        return 'its start was told after its exit';
    }
    return undefined;
  }),
};

const initExitsLast: Invariant = {
  sentence: "The init's exit is the last exit of its container",
  broken: ({ out, init }) => {
    const last = out.filter(exits).at(-1);
    return last === undefined ||
      last.exec === init?.id ||
      !out.some((event) => exits(event) && event.exec === init?.id)
      ? undefined
      : `the exit of ${last.exec} was told after that of the init`;
  },
};

const releasedOnce: Invariant = {
  sentence: 'Every exec is released, exactly once, and changes no more',
  broken: eachExec(({ states, released }, { over }) => {
    if (states.length === 0) return undefined;
    if (released === undefined) return over ? `it was left ${states.at(-1)?.phase}` : undefined;
    return states.at(-1) === released ? undefined : 'its state changed after its release';
  }),
};

const oneAnswerForWaiters: Invariant = {
  sentence: 'Whoever waits gets one answer, early or late, and all the same',
  broken: eachExec(({ states, waiters, exit }, { over }) => {
    if (states.length === 0) return undefined;
    for (const came of ['early', 'late'] as const) {
      const answers = waiters.filter((waiter) => waiter.came === came);
      if (answers.length > 1) return `who came ${came} was answered ${answers.length} times`;
      if (over && answers.length === 0) return `who came ${came} was never answered`;
    }
    const other = waiters.find(({ status }) => status !== exit?.exit.status);
    return other && `a waiter heard ${other.status}, not ${exit?.exit.status}`;
  }),
};

const closesStdio = new Set(['process.closeStdin', 'process.closeStdout', 'process.closeStderr']);

const nothingAfterRelease: Invariant = {
  sentence: 'Nothing but to close its stdio is asked of a process after its release',
  broken: eachExec(({ asked, released }) => {
    // What an engine made too late never was the exec's: it has no other pid than 0.
    // The copy of its input ends when its upstream is closed, and then closes its end of it, as the original does.
    const late = asked.find(
      ({ call, pid, place }) =>
        !closesStdio.has(call) && released && pid !== 0 && pid === released.pid && place > released.place,
    );
    return late && `${late.call} was asked at ${late.at} ms, released at ${released?.at} ms`;
  }),
};

const drainedInTime: Invariant = {
  sentence: 'Output holds up nobody but its own exec, and that no longer than the drain policy allows',
  broken: eachExec(({ states, exit, through }, { bounds }) => {
    const drained = states.find(({ via }) => via === 'drained');
    if (bounds === undefined || exit === undefined || drained === undefined) return undefined;
    const waited = drained.at - exit.at;
    if (waited > bounds.drain.cap)
      return `drained ${waited} ms after the exit, with a cap of ${bounds.drain.cap}`;
    if (drained.truncated) {
      return bounds.drain.idle === undefined && waited !== bounds.drain.cap
        ? `cut after ${waited} ms`
        : undefined;
    }
    const due = Math.max(exit.at, through[0]?.at ?? exit.at);
    return drained.at === due
      ? undefined
      : `drained at ${drained.at} ms, its output was through at ${due} ms`;
  }),
};

const outputComesFirst: Invariant = {
  sentence: 'An exec is released only when its output is through, or says that it was cut',
  broken: eachExec(({ states, through }, { bounds }) => {
    const releasing = states.find(({ phase }) => phase === 'releasing');
    // An init whose start could not be told goes with its container: its output is not waited for.
    if (bounds === undefined || releasing?.via !== 'drained') return undefined;
    const [end] = through;
    return end !== undefined && end.place > releasing.place && !releasing.truncated
      ? `its output was through at ${end.at} ms, released from ${releasing.at} ms on`
      : undefined;
  }),
};

const wholeAndInOrder: Invariant = {
  sentence: 'Output is delivered in order, and whole unless it is said that it was cut',
  broken: eachExec(({ wrote, delivered, released, through }) => {
    const wrong = delivered.findIndex((chunk, at) => chunk !== wrote[at]);
    if (wrong >= 0) return `chunk ${delivered[wrong]} was delivered in the place of ${wrote[wrong]}`;
    const [end] = through;
    const whole =
      released?.truncated === false &&
      end?.brokenOff !== true &&
      end !== undefined &&
      end.place < released.place;
    return whole && delivered.length < wrote.length
      ? `${delivered.length} of ${wrote.length} chunks were delivered`
      : undefined;
  }),
};

const forcedEndsInTime: Invariant = {
  sentence: 'A forced end leads to the release within its bound, whatever sinks, publisher and engine do',
  broken: eachExec(({ commands, states, exit, released }, { bounds }) => {
    if (bounds === undefined) return undefined;
    const { exitTimeout, publishTimeout, closeTimeout, drain } = bounds;
    for (const { command, gaveUp } of commands) {
      if (gaveUp !== undefined || (command.name !== 'forceExit' && command.name !== 'stop')) continue;
      const grace = command.name === 'stop' ? command.value : 0;
      const bound = command.at + grace + 2 * exitTimeout + drain.cap + 2 * closeTimeout + publishTimeout;
      const ranAt = states.filter(({ place }) => place < command.place).at(-1)?.phase === 'running';
      if (ranAt && exit !== undefined && exit.at > command.at + grace + 2 * exitTimeout)
        return `${command.name} at ${command.at} ms, its end was recorded at ${exit.at} ms`;
      if (released === undefined || released.at > bound)
        return `${command.name} at ${command.at} ms, released at ${released?.at}, due at ${bound}`;
    }
    return undefined;
  }),
};

const endsWithContainer: Invariant = {
  sentence: 'An exec ends with its container, also when nobody tells of its process any more',
  broken: eachExec(({ states, exit }, { bounds, gone }) => {
    if (bounds === undefined || gone === undefined || states.length === 0) return undefined;
    const bound = Math.max(gone.at, states[0]?.at ?? 0) + bounds.publishTimeout + 2 * bounds.exitTimeout;
    return exit === undefined || exit.at > bound
      ? `the container went at ${gone.at} ms, its end was recorded at ${exit?.at}, due at ${bound}`
      : undefined;
  }),
};

const nothingLeft: Invariant = {
  sentence: 'No subscription, timer or buffer is left after the release, and the world comes to rest',
  broken: ({ leftovers = [], restless }) =>
    restless ? 'it went round in circles' : leftovers.length > 0 ? leftovers.join(', ') : undefined,
};

const sameStatusEverywhere: Invariant = {
  sentence: 'An end is the same wherever it is told, and never changes',
  broken: eachExec(({ states, exit, out }) => {
    for (const state of states) {
      if (exit === undefined || state.place < exit.place) continue;
      if (state.exit?.status !== exit.exit.status || state.exit.kind !== exit.exit.kind)
        return `${exit.exit.kind} ${exit.exit.status} became ${state.exit?.kind} ${state.exit?.status}`;
      if (state.exit.at !== exit.exit.at) return 'the time of its exit changed';
      if (state.pid !== exit.pid) return `pid ${exit.pid} became ${state.pid}`;
    }
    const told = out.find(exits);
    if (told === undefined || exit === undefined) return undefined;
    if (told.status !== exit.exit.status) return `status ${exit.exit.status} was told as ${told.status}`;
    return told.pid === exit.pid ? undefined : `pid ${exit.pid} was told as ${told.pid}`;
  }),
};

const codesAreReal: Invariant = {
  sentence:
    'A code is one that the process reported, and known when it was; what nobody can tell is never a code',
  broken: eachExec(({ exit, ended }) => {
    if (exit === undefined) return undefined;
    const { kind, status, forced } = exit.exit;
    const end = ended.find(({ pid }) => pid === exit.pid);
    if (kind === 'exited' || kind === 'signaled') {
      return end?.kind === kind && end.status === status
        ? undefined
        : `it is said to have ${kind} ${status}, the process ${end?.kind} ${end?.status}`;
    }
    if (kind !== 'lost') return undefined;
    if (end !== undefined && end.place < exit.place && (end.kind === 'exited' || end.kind === 'signaled'))
      return `its process ${end.kind} ${end.status} at ${end.at} ms, and that is not known at ${exit.at} ms`;
    return !forced && status !== 255 ? `its end is not known, and yet ${status}` : undefined;
  }),
};

const exitAtOnce: Invariant = {
  sentence: 'An end that a process reports is recorded that instant, whatever hangs',
  broken: eachExec(({ states, ended, exit, commands }, { bounds }) => {
    const running = states.find(({ phase }) => phase === 'running');
    const pid = running?.pid ?? states[0]?.pid;
    const end = ended.find((one) => one.pid === pid && one.status >= 0);
    if (bounds === undefined || end === undefined) return undefined;
    const before = states.filter(({ place }) => place < end.place).at(-1)?.phase;
    if (running === undefined && before !== 'created') return undefined;
    // Before the start it waits for the turn of what was asked before.
    const turns = running === undefined ? commands.length * bounds.exitTimeout : 0;
    const due = Math.max(running?.at ?? 0, end.at) + turns;
    return exit === undefined || exit.at > due ? `reported at ${due} ms, recorded at ${exit?.at}` : undefined;
  }),
};

const oneProcess: Invariant = {
  sentence: 'An exec is started once, a container is started once',
  broken: (told) => {
    const count = (exec: ExecTold, call: string): number =>
      exec.asked.filter((one) => one.call === call).length;
    if (count(told.container, 'container.start') > 1) return 'the container was started twice';
    if (count(told.container, 'container.create') > 1) return 'the container was made twice';
    const twice = told.execs.find((exec) => count(exec, 'container.createProcess') > 1);
    return twice && `two processes were asked for ${twice.id}`;
  },
};

const everyCommandAnswered: Invariant = {
  sentence: 'Every command is answered, once, as long as somebody waits for the answer',
  broken: eachExec(({ commands }, { over }) => {
    const odd = commands.find(
      ({ answers, gaveUp }) => answers.length > 1 || (over && !gaveUp && answers.length === 0),
    );
    return odd && `${odd.command.name} at ${odd.command.at} ms was answered ${odd.answers.length} times`;
  }),
};

const isKill = ({ command }: CommandTold): boolean => command.name === 'kill';
const isSignal = (call: string): boolean => call === 'process.signal' || call === 'process.kill';

const killIsTrue: Invariant = {
  sentence:
    'A kill succeeds only when the process was asked or has ended, and what had ended before is not found',
  broken: eachExec(({ commands, asked, exit, released, states }, { bounds }) => {
    const running = states.find(({ phase }) => phase === 'running');
    for (const { command, answers } of commands.filter(isKill)) {
      const [answer] = answers;
      if (answer === undefined) continue;
      // It waits for a start and for the commands before it, each within its bound, and then it is its turn.
      const turn =
        Math.max(command.at, running?.at ?? Infinity) + (bounds?.exitTimeout ?? Infinity) * commands.length;
      const reached = asked.some(
        ({ call, place, at }) =>
          isSignal(call) && place > command.place && place < answer.place && at <= turn,
      );
      const over = exit !== undefined && exit.place < answer.place && exit.at <= turn;
      if (answer.how === 'done' && !reached && !over)
        return `kill at ${command.at} ms reached nobody by ${turn} ms`;
      if (
        exit !== undefined &&
        exit.place < command.place &&
        answer.how !== 'notFound' &&
        released !== undefined
      )
        return `kill at ${command.at} ms, after the exit, was answered ${answer.how}`;
    }
    return undefined;
  }),
};

const deliveryIsTrue: Invariant = {
  sentence: 'A signal that found nobody is answered with not found, one that came too late with success',
  broken: ({ execs }) => {
    for (const exec of execs) {
      for (const { place, how, call } of exec.answered) {
        const due = how === 'notDelivered' ? 'notFound' : how === 'stopped' ? 'done' : undefined;
        // A container that goes has its processes killed besides; a kill by command sends a signal.
        if (due === undefined || call !== 'process.signal') continue;
        const open = exec.commands.filter(
          ({ command, answers }) => command.place < place && (answers[0]?.place ?? Infinity) > place,
        );
        // With others under way it cannot be told whose signal it was.
        const [only] = open;
        if (open.length !== 1 || only === undefined || !isKill(only) || only.command.value > 64) continue;
        const [answer] = only.answers;
        if (answer?.place === place + 1 && answer.how !== due)
          return `${exec.id}: the engine said ${how}, the kill ${answer.how}`;
      }
    }
    return undefined;
  },
};

const rank: Readonly<Record<string, number>> = {
  TaskCreate: 0,
  TaskExecAdded: 1,
  TaskStart: 2,
  TaskExecStarted: 2,
  TaskExit: 3,
  TaskDelete: 4,
};

const eventsInOrder: Invariant = {
  sentence:
    'Of each exec are told: added, started, exited, deleted, in this order; of the task first the creation',
  broken: (told) => {
    for (const exec of told.execs) {
      const ranks = exec.out.map(({ event }) => rank[event] ?? 0);
      const wrong = ranks.findIndex((one, at) => at > 0 && one <= (ranks[at - 1] as number));
      if (wrong >= 0) return `${exec.id}: ${exec.out.map(({ event }) => event).join(', ')}`;
    }
    const [first] = told.out;
    if (first !== undefined && first.event !== 'TaskCreate') return `first of all was told ${first.event}`;
    const deleted = told.out.findIndex(({ event, exec }) => event === 'TaskDelete' && exec === told.init?.id);
    return deleted >= 0 && deleted < told.out.length - 1
      ? 'something was told after the delete of the task'
      : undefined;
  },
};

const outboxKeepsOrder: Invariant = {
  sentence: 'Events leave in the order in which they were handed in',
  broken: ({ attempts, out }) => {
    const name = ({ event, exec }: EventEntry): string => `${event} ${exec}`;
    const wanted = [...new Set(attempts.map(name))];
    const left = out.map(name);
    const order = wanted.filter((event) => left.includes(event));
    const wrong = left.findIndex((event, at) => event !== order[at]);
    return wrong < 0 ? undefined : `${left[wrong]} left before ${order[wrong]}`;
  },
};

const nothingLost: Invariant = {
  sentence: 'What tells an end is tried until it is out',
  broken: ({ attempts, out, over }) => {
    if (!over) return undefined;
    const lost = attempts.find(
      (one) => tellsAnEnd(one) && !out.some(({ event, exec }) => event === one.event && exec === one.exec),
    );
    return lost && `${lost.event} of ${lost.exec} was given up`;
  },
};

const nobodyLeftRunning: Invariant = {
  sentence: 'No process is left running by an exec that is over',
  broken: eachExec(({ made, ended, asked, released, isInit }, { over, gone, container }) => {
    if (!over) return undefined;
    for (const { pid, place } of made) {
      const until = Math.max(released?.place ?? Infinity, place);
      const killed = asked.some((one) => one.pid === pid && one.call === 'process.kill');
      const signalled = asked.some((one) => one.pid === pid && one.call === 'process.signal');
      const over = ended.some((one) => one.pid === pid && one.place < until);
      const withContainer =
        (gone !== undefined && gone.place < until) ||
        (isInit &&
          container.asked.some(
            ({ call }) => call === 'container.terminate' || call === 'container.shutdown',
          ));
      if (!killed && !signalled && !over && !withContainer) return `process ${pid} was not seen to its end`;
    }
    return undefined;
  }),
};

const killsForAReason: Invariant = {
  sentence:
    'A process is killed because somebody asked, because its start failed, or because its container went',
  broken: eachExec(({ asked, commands, states, out, isInit }, { bounds, gone, init }) => {
    // What users of real lives commanded is not recorded.
    if (bounds === undefined) return undefined;
    const kill = asked.find(({ call }) => call === 'process.kill');
    if (kill === undefined) return undefined;
    const before = ({ place }: { readonly place: number }): boolean => place < kill.place;
    const added = out.some((event) => event.event === 'TaskExecAdded' && before(event));
    const told = [...commands, ...(init?.commands ?? [])].some(
      ({ command }) =>
        before(command) && !['add', 'start', 'resize', 'closeIo', 'wait', 'pids'].includes(command.name),
    );
    const failed = (!isInit && !added) || states.some((state) => before(state) && state.phase === 'aborting');
    return told || failed || (gone !== undefined && before(gone))
      ? undefined
      : `it was killed at ${kill.at} ms for no reason`;
  }),
};

const startsAreTrue: Invariant = {
  sentence: 'A start succeeds when it is told, and of one that failed nobody is told',
  broken: eachExec(({ commands, out, exit }) => {
    const told = out.find(starts);
    if (exit?.exit.kind === 'startFailed' && told !== undefined) return 'its start was told, and failed';
    const good = commands.filter(
      ({ command, answers }) => command.name === 'start' && answers[0]?.how === 'done',
    );
    if (good.length > 1) return 'it was started twice';
    const [answer] = good[0]?.answers ?? [];
    return answer !== undefined && (told === undefined || told.place > answer.place)
      ? 'its start succeeded before it was told'
      : undefined;
  }),
};

const nobodyAfterInit: Invariant = {
  sentence: 'No exec is added to a container whose init has ended',
  broken: eachExec(({ commands }, { init }) => {
    const late = commands.find(
      ({ command, answers }) =>
        command.name === 'add' &&
        answers[0]?.how === 'done' &&
        init?.exit !== undefined &&
        init.exit.place < command.place,
    );
    return late && `it was added at ${late.command.at} ms, the init exited at ${init?.exit?.at} ms`;
  }),
};

const ownBudgets: Invariant = {
  sentence: 'Exit, drain and release have a time of their own: none eats that of another',
  broken: eachExec(({ asked, answered, released }, { bounds }) => {
    if (bounds === undefined || released === undefined || released.via !== 'released') return undefined;
    const close = asked
      .filter(({ call, pid }) => call === 'process.close' && pid === released.pid && pid !== 0)
      .at(-1);
    if (close === undefined || close.place > released.place) return undefined;
    const answer = answered.some(
      (one) => one.call === 'process.close' && one.place < released.place && one.place > close.place,
    );
    const given = released.at - close.at;
    return !answer && given < bounds.closeTimeout
      ? `closing was given ${given} ms of ${bounds.closeTimeout}`
      : undefined;
  }),
};

const forcedStatus: Invariant = {
  sentence: 'An end that was forced has the status that was asked for',
  broken: eachExec(({ exit, commands }, { gone, init }) => {
    if (exit === undefined || exit.exit.kind !== 'lost' || !exit.exit.forced) return undefined;
    if (gone !== undefined && gone.place < exit.place) return undefined;
    const asked = commands.filter(({ command }) => command.name === 'forceExit' || command.name === 'stop');
    // Deletes force ends as well, and so does a container that is closed, and an exec that could not be announced.
    const others =
      commands.some(({ command, answers }) => command.name === 'add' && answers[0]?.how !== 'done') ||
      [...commands, ...(init?.commands ?? [])].some(
        ({ command }) => command.name === 'delete' && command.place < exit.place,
      ) ||
      (init?.released !== undefined && init.released.place < exit.place);
    if (asked.length === 0 || others) return undefined;
    const allowed = asked.map(({ command }) => (command.name === 'stop' ? 137 : command.value));
    return allowed.includes(exit.exit.status)
      ? undefined
      : `it has ${exit.exit.status}, asked for was ${allowed}`;
  }),
};

const streamsNeverFail: Invariant = {
  sentence: 'Public streams never fail',
  broken: eachExec(({ broken }) => broken[0] && `its ${broken[0].stream} failed`),
};

const nothingUnheard: Invariant = {
  sentence: 'No error is left that nobody takes, and no clock is asked but the one that was given',
  broken: ({ container }) => container.broken[0]?.stream,
};

const nothingRunsInTheEnd: Invariant = {
  sentence: 'When a task is over nothing of it runs any more',
  broken: ({ alive = [], container, handedOver, leaves }) => {
    if (alive.length === 0) return undefined;
    const terminate = container.answered.filter(({ call }) => call === 'container.terminate');
    const unwilling = terminate.every(({ how }) => how !== 'done');
    // An engine that does not end it, and nobody who could ask again: by a delete of what the container leaves.
    const mayAskAgain = handedOver && leaves === true;
    const asked = container.asked.some(({ call }) => call === 'container.terminate');
    return asked && unwilling && !mayAskAgain ? undefined : `still running: ${alive.join(', ')}`;
  },
};

const removedInTheEnd: Invariant = {
  sentence:
    'What a container leaves with its runtime is removed with its task, and nothing is asked of it after that',
  broken: ({ leaves, over, handedOver, container, init, attempts, gone }) => {
    const removed = container.answered.find(
      ({ call, how }) => call === 'container.delete' && (how === 'done' || how === 'empty'),
    );
    const later = container.asked.find(
      ({ call, place }) => call !== 'container.delete' && removed !== undefined && place > removed.place,
    );
    if (later) return `${later.call} was asked at ${later.at} ms, removed at ${removed?.at} ms`;
    if (removed !== undefined && gone !== undefined && gone.place > removed.place)
      return `removed at ${removed.at} ms, gone at ${gone.at} ms`;
    if (leaves !== true || removed !== undefined) return undefined;
    const told = attempts.find(({ event, exec }) => event === 'TaskDelete' && exec === init?.id);
    if (told) return `its delete was told at ${told.at} ms, and it was not removed`;
    const asked = container.asked.filter(({ call }) => call === 'container.delete').length;
    const made = container.answered.some(({ call, how }) => call === 'container.create' && how === 'done');
    if (handedOver || !over || !made) return undefined;
    // Of a task that nobody has nobody can try it again.
    return asked === 1 ? undefined : `it was made for nobody, and its removal asked for ${asked} times`;
  },
};

const coarse: Readonly<Record<string, number>> = {
  created: 0,
  starting: 0,
  announcing: 1,
  running: 1,
  aborting: 1,
  draining: 2,
  releasing: 2,
  released: 2,
};

const neverBack: Invariant = {
  sentence: 'An exec is created, then running, then exited, and never goes back',
  broken: eachExec(({ states }) => {
    const back = states.findIndex(
      (state, at) =>
        at > 0 && (coarse[state.phase] as number) < (coarse[states[at - 1]?.phase ?? ''] as number),
    );
    return back < 0 ? undefined : `${states[back]?.phase} after ${states[back - 1]?.phase}`;
  }),
};

const asTheTableSays: Invariant = {
  sentence: 'Every step of an exec is one of the lifecycle table, told in its order',
  broken: eachExec(({ states }) => {
    for (let at = 1; at < states.length; at += 1) {
      const [before, after] = [states[at - 1], states[at]];
      const edge = lifecycle[before?.phase as Phase]?.[after?.via as FactName];
      if (edge?.to !== after?.phase)
        return `${before?.phase} was followed by ${after?.phase}, via ${after?.via}`;
    }
    return undefined;
  }),
};

const containerEnds: Invariant = {
  sentence:
    "The init's exit is told when its container is gone or was given its time, and the container is closed",
  broken: ({ init, gone, container, handedOver, over }) => {
    const told = init?.attempts.find(exits);
    if (told === undefined) return over && handedOver ? 'it was never told' : undefined;
    const before = ({ place }: { readonly place: number }): boolean => place < told.place;
    const asked = (call: string): boolean => container.asked.some((one) => one.call === call && before(one));
    if (!asked('container.close')) return 'the container was not closed';
    return (gone !== undefined && before(gone)) || asked('container.terminate')
      ? undefined
      : 'the container still ran';
  },
};

export const invariants: readonly Invariant[] = [
  startBeforeExit,
  startsAreTrue,
  initExitsLast,
  neverBack,
  asTheTableSays,
  releasedOnce,
  oneAnswerForWaiters,
  sameStatusEverywhere,
  codesAreReal,
  exitAtOnce,
  oneProcess,
  nothingAfterRelease,
  nobodyLeftRunning,
  killsForAReason,
  killIsTrue,
  deliveryIsTrue,
  forcedStatus,
  forcedEndsInTime,
  endsWithContainer,
  outputComesFirst,
  wholeAndInOrder,
  drainedInTime,
  ownBudgets,
  nobodyAfterInit,
  containerEnds,
  outboxKeepsOrder,
  eventsInOrder,
  nothingLost,
  exitIsToldOnce,
  everyCommandAnswered,
  streamsNeverFail,
  nothingUnheard,
  nothingRunsInTheEnd,
  removedInTheEnd,
  nothingLeft,
];
