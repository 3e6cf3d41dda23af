/** What each exec reports: its phases, and the answers that its waiters get. */
import { type FactName, lifecycle, type Phase } from '../../../src/streams/exec/state/lifecycle.js';
import { type Check, eachExec, exits, starts } from './check-of.js';

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

export const releasedOnce: Check = eachExec(({ states, released }, { over }) => {
  if (states.length === 0) return undefined;
  if (released === undefined) return over ? `it was left ${states.at(-1)?.phase}` : undefined;
  return states.at(-1) === released ? undefined : 'its state changed after its release';
});

export const oneAnswerForWaiters: Check = eachExec(({ states, waiters, exit }, { over }) => {
  if (states.length === 0) return undefined;
  for (const came of ['early', 'late'] as const) {
    const answers = waiters.filter((waiter) => waiter.came === came);
    if (answers.length > 1) return `who came ${came} was answered ${answers.length} times`;
    if (over && answers.length === 0) return `who came ${came} was never answered`;
  }
  const other = waiters.find(({ status }) => status !== exit?.exit.status);
  return other && `a waiter heard ${other.status}, not ${exit?.exit.status}`;
});

export const neverBack: Check = eachExec(({ states }) => {
  const back = states.findIndex(
    (state, at) =>
      at > 0 && (coarse[state.phase] as number) < (coarse[states[at - 1]?.phase ?? ''] as number),
  );
  return back < 0 ? undefined : `${states[back]?.phase} after ${states[back - 1]?.phase}`;
});

export const asTheTableSays: Check = eachExec(({ states }) => {
  for (let at = 1; at < states.length; at += 1) {
    const [before, after] = [states[at - 1], states[at]];
    const edge = lifecycle[before?.phase as Phase]?.[after?.via as FactName];
    if (edge?.to !== after?.phase)
      return `${before?.phase} was followed by ${after?.phase}, via ${after?.via}`;
  }
  return undefined;
});

export const streamsNeverFail: Check = eachExec(
  ({ broken }) => broken[0] && `its ${broken[0].stream} failed`,
);

export const streamsAgree: Check = eachExec(
  ({ heard, states, exit, released, out, isInit }, { listens, over }) => {
    if (listens !== true || states.length === 0 || exit === undefined || released === undefined)
      return undefined;
    const hear = (stream: string) => heard.filter((one) => one.stream === stream);
    for (const stream of ['exit$', 'drained$', 'wait']) {
      const count = hear(stream).length;
      if (count !== 1 && over) return `${stream} emitted ${count} times`;
    }
    const [[ended], [drained], [waited]] = [hear('exit$'), hear('drained$'), hear('wait')];
    if (ended && (ended.at !== exit.at || ended.status !== exit.exit.status))
      return `exit$ emitted ${ended.status} at ${ended.at} ms, it was ${exit.exit.status} at ${exit.at}`;
    const releasing = states.find(({ phase }) => phase === 'releasing') ?? released;
    if (drained && (drained.at !== releasing.at || drained.truncated !== releasing.truncated))
      return `drained$ emitted ${drained.truncated} at ${drained.at} ms, it was ${releasing.truncated} at ${releasing.at}`;
    if (
      waited &&
      (waited.at !== released.at ||
        waited.status !== exit.exit.status ||
        waited.truncated !== released.truncated)
    )
      return `wait returned ${waited.status} at ${waited.at} ms, released with ${exit.exit.status} at ${released.at}`;
    const mine = out.filter((event) => starts(event) || (exits(event) && !isInit)).map(({ event }) => event);
    const published = hear('events$').map((one) => one.value);
    return over && published.join() !== mine.join()
      ? `events$ emitted ${published}, the task ${mine}`
      : undefined;
  },
);
