/** How an exec ended: a truth that is known at once, never changes, and comes within its bounds. */
import { drainBound } from '../scenario.js';
import { type Check, eachExec, exits, phaseAt } from './check-of.js';

const isStop = (name: string): boolean => name === 'stop' || name === 'stopLeader';

export const sameStatusEverywhere: Check = eachExec(({ states, exit, out }) => {
  for (const state of states) {
    if (exit === undefined || state.place < exit.place) continue;
    if (state.exit?.status !== exit.exit.status || state.exit.kind !== exit.exit.kind)
      return `${exit.exit.kind} ${exit.exit.status} became ${state.exit?.kind} ${state.exit?.status}`;
    if (state.exit.at !== exit.exit.at) return 'the time of its exit changed';
    if (state.pid !== exit.pid) return `pid ${exit.pid} became ${state.pid}`;
  }
  const published = out.find(exits);
  if (published === undefined || exit === undefined) return undefined;
  if (published.status !== exit.exit.status)
    return `status ${exit.exit.status} was published as ${published.status}`;
  return published.pid === exit.pid ? undefined : `pid ${exit.pid} was published as ${published.pid}`;
});

export const codesAreReal: Check = eachExec(({ exit, ended }) => {
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
});

export const exitAtOnce: Check = eachExec(({ states, ended, exit, commands }, { bounds }) => {
  const running = states.find(({ phase }) => phase === 'running');
  const pid = running?.pid ?? states[0]?.pid;
  const end = ended.find((one) => one.pid === pid && one.status >= 0);
  if (bounds === undefined || end === undefined) return undefined;
  const before = phaseAt({ states }, end.place);
  if (running === undefined && before !== 'created') return undefined;
  // Before the start it waits for the turn of what was asked before.
  const turns = running === undefined ? commands.length * bounds.exitTimeout : 0;
  const due = Math.max(running?.at ?? 0, end.at) + turns;
  return exit === undefined || exit.at > due ? `reported at ${due} ms, recorded at ${exit?.at}` : undefined;
});

export const forcedStatus: Check = eachExec(({ exit, commands }, { gone, init }) => {
  if (exit === undefined || exit.exit.kind !== 'lost' || !exit.exit.forced) return undefined;
  if (gone !== undefined && gone.place < exit.place) return undefined;
  const asked = commands.filter(({ command }) => command.name === 'forceExit' || isStop(command.name));
  // Deletes force ends as well, and so does a container that is closed, and an exec that could not be announced.
  const others =
    commands.some(({ command, answers }) => command.name === 'add' && answers[0]?.how !== 'done') ||
    [...commands, ...(init?.commands ?? [])].some(
      ({ command }) => command.name === 'delete' && command.place < exit.place,
    ) ||
    (init?.released !== undefined && init.released.place < exit.place);
  if (asked.length === 0 || others) return undefined;
  const allowed = asked.map(({ command }) => (isStop(command.name) ? 137 : command.value));
  return allowed.includes(exit.exit.status)
    ? undefined
    : `it has ${exit.exit.status}, asked for was ${allowed}`;
});

export const forcedEndsInTime: Check = eachExec(({ commands, states, exit, released }, { bounds }) => {
  if (bounds === undefined) return undefined;
  const { exitTimeout, publishTimeout, closeTimeout, drain } = bounds;
  for (const { command, unsubscribed } of commands) {
    if (unsubscribed !== undefined || (command.name !== 'forceExit' && !isStop(command.name))) continue;
    const grace = isStop(command.name) ? command.value : 0;
    const bound =
      command.at + grace + 2 * exitTimeout + drainBound(drain) + 2 * closeTimeout + publishTimeout;
    const ranAt = phaseAt({ states }, command.place) === 'running';
    if (ranAt && exit !== undefined && exit.at > command.at + grace + 2 * exitTimeout)
      return `${command.name} at ${command.at} ms, its end was recorded at ${exit.at} ms`;
    if (released === undefined || released.at > bound)
      return `${command.name} at ${command.at} ms, released at ${released?.at}, due at ${bound}`;
  }
  return undefined;
});

export const endsWithContainer: Check = eachExec(({ states, exit }, { bounds, gone }) => {
  if (bounds === undefined || gone === undefined || states.length === 0) return undefined;
  const bound = Math.max(gone.at, states[0]?.at ?? 0) + bounds.publishTimeout + 2 * bounds.exitTimeout;
  return exit === undefined || exit.at > bound
    ? `the container went at ${gone.at} ms, its end was recorded at ${exit?.at}, due at ${bound}`
    : undefined;
});

export const seenWhenItWas: Check = eachExec(({ exit, states }, { bounds }) => {
  if (bounds === undefined || exit === undefined) return undefined;
  const { at } = exit.exit;
  // What ends before its start waits for its turn, and was seen before that.
  const unstarted = (states[states.indexOf(exit) - 1]?.phase ?? 'created') === 'created';
  return at === exit.at || (unstarted && at < exit.at)
    ? undefined
    : `its exit reports ${at} ms, it was seen at ${exit.at}`;
});

export const numbersAgree: Check = eachExec(({ exit }) => {
  if (exit === undefined) return undefined;
  const { kind, number, status } = exit.exit;
  if (number === undefined || (kind !== 'exited' && kind !== 'signaled')) return undefined;
  const due = kind === 'exited' ? number >>> 0 : 128 + number;
  return due === status ? undefined : `it ${kind} ${number}, and its status is ${status}`;
});

export const neverRanIsTrue: Check = eachExec(({ exit, states, commands, isInit }, { bounds, init }) => {
  if (exit?.exit.kind !== 'discarded') return undefined;
  if (states.some(({ via }) => via === 'launched')) return 'it ran, and is said to never have run';
  const { status } = exit.exit;
  if (exit.via === 'systemGone') return status === 1 ? undefined : `its container went, and yet ${status}`;
  if (bounds === undefined) return undefined;
  const allowed = new Set<number>();
  const before = ({ place }: { readonly place: number }): boolean => place < exit.place;
  for (const { command } of [...commands, ...(init?.commands ?? [])]) {
    if (!before(command)) continue;
    if (command.name === 'forceExit') allowed.add(isInit || command.exec === exit.exec ? command.value : 137);
    else if (command.name === 'delete') allowed.add(command.exec === exit.exec ? 0 : 1);
    else if (['kill', 'killAll', 'killTree', 'stop', 'stopLeader'].includes(command.name)) allowed.add(1);
    if (isStop(command.name)) allowed.add(137);
    // An exec that could not be added, and a task without a caller.
    else if (command.name === 'add') allowed.add(1);
  }
  if (init?.exit !== undefined && before(init.exit)) allowed.add(137);
  if (allowed.size === 0) return undefined;
  return allowed.has(status) ? undefined : `it has ${status}, asked for was ${[...allowed].join(' or ')}`;
});

export const failedStartsSayWhy: Check = eachExec(({ exit, answered, states }, { bounds }) => {
  // What the engines of real lives said is not recorded.
  if (bounds === undefined || exit?.exit.kind !== 'startFailed') return undefined;
  const refused = answered.find(({ how }) => how.startsWith('refused '));
  const launched = states.some(({ via }) => via === 'launched');
  const due = refused === undefined || launched ? 1 : Number(refused.how.slice('refused '.length));
  return exit.exit.status === due ? undefined : `its start failed with ${exit.exit.status}, not ${due}`;
});

const reasonsToExpect = new Set(['forceExit', 'systemGone', 'announceFailed']);

export const givenUpInTime: Check = eachExec(({ states, exit }, { bounds }) => {
  if (bounds === undefined || exit?.via !== 'timedOut') return undefined;
  const reasons = states.filter(({ via, place }) => place < exit.place && reasonsToExpect.has(via ?? ''));
  return reasons.some(({ at }) => at <= exit.at - bounds.exitTimeout)
    ? undefined
    : `it was given up at ${exit.at} ms, asked to end at ${reasons.map(({ at }) => at)}`;
});

export const abortedEndsAtOnce: Check = eachExec(({ states, ended, exit }, { bounds }) => {
  const aborting = states.find(({ phase }) => phase === 'aborting');
  const end = ended.find(({ pid, status }) => pid === aborting?.pid && status >= 0);
  if (bounds === undefined || aborting === undefined || end === undefined) return undefined;
  const due = Math.max(aborting.at, end.at);
  return exit === undefined || exit.at > due ? `reported at ${due} ms, recorded at ${exit?.at}` : undefined;
});

export const forcedIsSaid: Check = eachExec(({ exit }) => {
  if (exit === undefined) return undefined;
  const { kind, forced } = exit.exit;
  if (!forced)
    return exit.via === 'timedOut' && kind === 'lost' ? 'it was given up, which is not said' : undefined;
  return exit.via === 'timedOut' && (kind === 'lost' || kind === 'startFailed')
    ? undefined
    : `it is said to be forced, and has ${kind} via ${exit.via}`;
});
