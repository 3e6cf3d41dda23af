/** The events of a task: each once, in order, true, and never lost. */
import type { EventEntry } from '../run-log.js';
import { type Check, eachExec, exits, reportsAnEnd, starts } from './check-of.js';

const rank: Readonly<Record<string, number>> = {
  TaskCreate: 0,
  TaskExecAdded: 1,
  TaskStart: 2,
  TaskExecStarted: 2,
  TaskExit: 3,
  TaskDelete: 4,
};

export const exitIsPublishedOnce: Check = eachExec(({ isInit, out, exit }, { over, handedOver }) => {
  const published = out.filter(exits).length;
  const due = isInit ? handedOver : out.some(starts);
  if (published > 1) return `its exit was published ${published} times`;
  if (published === 1 && !due) return 'its exit was published although its start was not';
  if (published === 1 && exit === undefined) return 'an exit was published that was not observed';
  return over && due && published === 0 ? 'its exit was never published' : undefined;
});

export const startBeforeExit: Check = eachExec(({ out, taken }) => {
  for (const events of [out, taken]) {
    const exit = events.findIndex(exits);
    if (exit >= 0 && events.some((event, at) => at > exit && starts(event)))
      return 'its start was published after its exit';
  }
  return undefined;
});

export const initExitsLast: Check = ({ out, init }) => {
  const last = out.filter(exits).at(-1);
  return last === undefined ||
    last.exec === init?.id ||
    !out.some((event) => exits(event) && event.exec === init?.id)
    ? undefined
    : `the exit of ${last.exec} was published after that of the init`;
};

export const startsAreTrue: Check = eachExec(({ commands, out, exit }) => {
  const published = out.find(starts);
  if (exit?.exit.kind === 'startFailed' && published !== undefined)
    return 'its start was published, and failed';
  const good = commands.filter(
    ({ command, answers }) => command.name === 'start' && answers[0]?.how === 'done',
  );
  if (good.length > 1) return 'it was started twice';
  const [answer] = good[0]?.answers ?? [];
  return answer !== undefined && (published === undefined || published.place > answer.place)
    ? 'its start succeeded before it was published'
    : undefined;
});

export const eventsInOrder: Check = (log) => {
  for (const exec of log.execs) {
    const ranks = exec.out.map(({ event }) => rank[event] ?? 0);
    const wrong = ranks.findIndex((one, at) => at > 0 && one <= (ranks[at - 1] as number));
    if (wrong >= 0) return `${exec.id}: ${exec.out.map(({ event }) => event).join(', ')}`;
  }
  const [first] = log.out;
  if (first !== undefined && first.event !== 'TaskCreate') return `the first event was ${first.event}`;
  const deleted = log.out.findIndex(({ event, exec }) => event === 'TaskDelete' && exec === log.init?.id);
  return deleted >= 0 && deleted < log.out.length - 1
    ? 'something was published after the delete of the task'
    : undefined;
};

const isSame = (one: EventEntry, other: EventEntry | undefined): boolean =>
  one.event === other?.event && one.exec === other.exec;

export const outboxKeepsOrder: Check = ({ attempts, out }) => {
  // Most of the time nothing is tried twice, and all that is tried is out.
  if (attempts.length === out.length && attempts.every((one, at) => isSame(one, out[at]))) return undefined;
  const name = ({ event, exec }: EventEntry): string => `${event} ${exec}`;
  const wanted = [...new Set(attempts.map(name))];
  const left = out.map(name);
  const order = wanted.filter((event) => left.includes(event));
  const wrong = left.findIndex((event, at) => event !== order[at]);
  return wrong < 0 ? undefined : `${left[wrong]} left before ${order[wrong]}`;
};

export const nothingLost: Check = ({ attempts, out, over }) => {
  if (!over) return undefined;
  const lost = attempts.find(
    (one) => reportsAnEnd(one) && !out.some(({ event, exec }) => event === one.event && exec === one.exec),
  );
  return lost && `${lost.event} of ${lost.exec} was given up`;
};

/** An outbox waits so long between two attempts. */
const shortestRetry = 1_000;
const longestRetry = 5_000;

export const triedAgainInTime: Check = ({ attempts, out, bounds }) => {
  // Most of the time nothing fails.
  if (bounds === undefined || attempts.length === out.length) return undefined;
  const last = new Map<string, EventEntry>();
  for (const attempt of attempts) {
    const name = `${attempt.event} ${attempt.exec}`;
    const before = last.get(name);
    if (before !== undefined && attempt.at - before.at > longestRetry + bounds.publishTimeout)
      return `${name}: tried at ${before.at} ms, and not again before ${attempt.at} ms`;
    if (before !== undefined && attempt.at - before.at < shortestRetry)
      return `${name}: tried at ${before.at} ms, and again at ${attempt.at} ms`;
    last.set(name, attempt);
  }
  return undefined;
};

export const outIsTaken: Check = eachExec(({ out, taken }) => {
  const never = out.find(
    ({ event, place }) => !taken.some((other) => other.event === event && other.place < place),
  );
  return never && `${never.event} counts as out, and was never taken`;
});

export const eventsAreTrue: Check = eachExec(({ out, states, exit, isInit }) => {
  const pid = states.find(({ via }) => via === 'launched')?.pid ?? states[0]?.pid;
  for (const event of out) {
    if ((starts(event) || (isInit && event.event === 'TaskCreate')) && states.length > 0) {
      const due = starts(event) ? pid : states[0]?.pid;
      if (event.pid !== due) return `${event.event} reports pid ${event.pid}, it is ${due}`;
    }
    if (!reportsAnEnd(event)) continue;
    if (exit === undefined) return `${event.event} was published for a process that has not ended`;
    if (event.pid !== exit.pid) return `${event.event} reports pid ${event.pid}, it is ${exit.pid}`;
    if (event.status !== exit.exit.status)
      return `${event.event} reports status ${event.status}, it is ${exit.exit.status}`;
    if (event.exitedAt !== undefined && event.exitedAt !== exit.exit.at)
      return `${event.event} reports an end at ${event.exitedAt} ms, it was at ${exit.exit.at}`;
  }
  return undefined;
});

export const deleteIsTheEnd: Check = ({ init, out, listens, over }) => {
  // Recorded lives do not say which subscribers there were.
  if (listens === undefined || init === undefined) return undefined;
  const deleted = out.find(({ event, exec }) => event === 'TaskDelete' && exec === init.id);
  const [ended] = init.heard.filter(({ stream }) => stream === 'ended');
  if (deleted === undefined) return ended && `they ended at ${ended.at} ms, it was never deleted`;
  return over && (ended === undefined || ended.place < deleted.place)
    ? `deleted at ${deleted.at} ms, they ended at ${ended?.at}`
    : undefined;
};

export const deleteIsPublished: Check = eachExec(({ commands, attempts, out }) => {
  if (!commands.some(({ command }) => command.name === 'delete')) return undefined;
  const tries = attempts.filter(({ event }) => event === 'TaskDelete');
  const [published] = out.filter(({ event }) => event === 'TaskDelete');
  const [only] = tries;
  if (tries.length !== 1 || only === undefined || published === undefined) return undefined;
  const early = commands
    .filter(({ command }) => command.name === 'delete')
    .flatMap(({ answers }) => answers)
    .find(({ how, place }) => how === 'done' && place > only.place && place < published.place);
  return early && `a delete succeeded at ${early.at} ms, it was published at ${published.at} ms`;
});
