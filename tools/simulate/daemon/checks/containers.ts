/** Checks of containers: why they end, that they can be deleted, and that nothing is left of them. */
import { sweepTime } from '../bounds.js';
import type { CallLog, ContainerLog, EngineEntry, WorldLog } from '../world-log.js';
import { type Check, first, succeeded } from './check-of.js';

const sigkill = 9;
/** How long a removal may take; the runtime itself takes care that a later one joins it. */
const removalTime = 29_999;
/** How long an init may survive SIGKILL before its container is terminated, with a second to spare. */
const survival = 31_000;

const endings = new Set([
  'process.signal',
  'process.kill',
  'container.shutdown',
  'container.terminate',
  'container.signalAll',
]);
/** A start that fails, or is never answered, ends what it has begun. */
const beginnings = new Set(['container.create', 'container.start', 'container.createProcess']);
const ends = new Set(['kill', 'killAll', 'delete']);

const nameOf = ({ c, life }: ContainerLog): string =>
  `container c${c}${life > 1 ? `, its number ${life}` : ''}`;

export const eachLife =
  (broken: (life: ContainerLog, log: WorldLog) => string | undefined): Check =>
  (log) =>
    first(log.lives, (life) => {
      const what = broken(life, log);
      return what && `${nameOf(life)}: ${what}`;
    });

/** The faults of a container that make its daemon end what runs. */
const badBeginning = ({ scenario }: WorldLog, c: number): boolean =>
  scenario.events.some(
    (event) =>
      event.kind === 'below' &&
      event.c === c &&
      (event.event.kind === 'gone' || (event.event.kind === 'fault' && beginnings.has(event.event.call))),
  );

/** The create was not answered with success, so what it made is undone. */
const undone = ({ name, sent, heard, lost }: CallLog): boolean =>
  name === 'create' && (lost !== undefined || sent.length === 0 || heard?.how !== 'ok');

export const endsForAReason: Check = eachLife(({ c, entries }, log) => {
  if (badBeginning(log, c)) return undefined;
  const begin = entries[0]?.place ?? 0;
  const reasons = log.calls.filter((call) => call.c === c && (ends.has(call.name) || undone(call)));
  let initEnded = false;
  return first(entries, (entry: EngineEntry) => {
    if (entry.is === 'ended' && entry.exec === 't') initEnded = true;
    if (entry.is === 'gone') initEnded = true;
    if (entry.is !== 'asked' || !endings.has(entry.call) || initEnded) return undefined;
    const asked = reasons.some(({ received, lost, place, name }) =>
      name === 'create' ? place < entry.place : ((received ?? lost)?.place ?? begin) < entry.place,
    );
    return asked ? undefined : `${entry.call} at ${entry.at} ms without anybody having asked`;
  });
});

const done = (entry: EngineEntry, call: string): boolean =>
  entry.is === 'answered' && entry.call === call && entry.how === 'done';

/** A removal starts once, continues after an unsubscribe, and ends when it has succeeded. */
export const removedOnce: Check = eachLife(({ c, entries }, log) => {
  const neverAnswered = log.scenario.events.some(
    ({ ...event }) =>
      event.kind === 'below' &&
      event.c === c &&
      event.event.kind === 'fault' &&
      event.event.call === 'container.delete' &&
      (event.event.does === 'hangs' || event.event.does === 'mute'),
  );
  let asked: number | undefined;
  let inFlight = 0;
  let removed = false;
  return first(entries, (entry) => {
    if (asked !== undefined && entry.at > asked + removalTime) asked = undefined;
    if (entry.is === 'answered' && entry.call === 'container.delete') {
      // The answer of an earlier one, which was given up, is not that of this.
      removed ||= entry.how === 'done' && asked !== undefined && inFlight === 1;
      inFlight -= 1;
      if (inFlight === 0) asked = undefined;
    }
    if (entry.is !== 'asked' || entry.call !== 'container.delete') return undefined;
    if (removed) return `removed once more at ${entry.at} ms`;
    if (asked !== undefined && !neverAnswered) return `a second removal at ${entry.at} ms beside the first`;
    asked = entry.at;
    inFlight += 1;
    return undefined;
  });
});

/** From its removal on it is not found. */
export const removedIsForgotten: Check = eachLife(({ c, entries }, log) => {
  const removed = entries.find((entry) => done(entry, 'container.delete'));
  if (removed === undefined) return undefined;
  const asked = entries
    .filter(
      (entry) => entry.is === 'asked' && entry.call === 'container.delete' && entry.place < removed.place,
    )
    .at(-1);
  if (asked === undefined || removed.at > asked.at + removalTime) return undefined;
  const after = log.lives.some((other) => other.c === c && (other.entries[0]?.place ?? 0) > removed.place);
  if (after) return undefined;
  return first(log.calls, ({ c: of, e, name, place, at, heard }) => {
    if (of !== c || e !== 0 || name !== 'state' || place < removed.place || at === removed.at)
      return undefined;
    return heard?.how === 'ok'
      ? `State finds it at ${at} ms, though it was removed at ${removed.at} ms`
      : undefined;
  });
});

/** A creation that is cancelled by a Delete is another matter: there was no container yet. */
export const repeatedDeletesJoin: Check = eachLife(({ c, entries }, log) => {
  const began = entries[0]?.place ?? 0;
  const removed = entries.find((entry) => done(entry, 'container.delete'));
  const created = log.calls.find(
    (call) => call.c === c && call.name === 'create' && (call.sent[0]?.place ?? 0) > began,
  );
  if (removed === undefined || created?.heard?.how !== 'ok') return undefined;
  const from = created.sent[0]?.place ?? 0;
  return first(log.calls, ({ c: of, e, name, received, heard }) => {
    if (of !== c || e !== 0 || name !== 'delete' || received === undefined) return undefined;
    if (received.place < from || received.place > removed.place) return undefined;
    return heard?.how === 'notFound'
      ? `a Delete of ${received.at} ms is answered with not found, before the removal at ${removed.at} ms`
      : undefined;
  });
});

export const canBeDeleted: Check = ({ finished }) =>
  first(finished, ({ c, how }) => (how === 'stuck' ? `container c${c} cannot be deleted` : undefined));

/** An id is given back with the answer to the Delete. */
export const idsAreGivenBack: Check = (log) =>
  first(log.calls, ({ c, name, heard, place, call, at }) => {
    if (name !== 'create' || heard?.how !== 'alreadyExists') return undefined;
    const before = log.calls.filter((other) => other.c === c && other.call !== call);
    const deleted = before
      .filter(
        (other) =>
          other.name === 'delete' &&
          other.e === 0 &&
          succeeded(other) &&
          (other.heard?.place ?? place) < place,
      )
      .at(-1);
    const since = deleted?.heard?.place ?? -1;
    const claimed = before.some(
      (other) =>
        other.name === 'create' && other.place < heard.place && (other.heard?.place ?? heard.place) > since,
    );
    return claimed ? undefined : `c${c} is said to exist at ${at} ms`;
  });

const hasFaults = ({ scenario }: WorldLog, c: number): boolean =>
  scenario.events.some(
    (event) =>
      event.kind === 'below' &&
      event.c === c &&
      (event.event.kind === 'fault' || event.event.kind === 'gone'),
  );

/** An init that survives SIGKILL is ended with its container. */
export const survivorsAreEnded: Check = eachLife(({ c, entries }, log) => {
  const { socketReleased } = log.daemons.at(-1) ?? {};
  if (hasFaults(log, c) || log.daemons.some(({ stopped }) => stopped !== undefined)) return undefined;
  const started = entries.find((entry) => done(entry, 'container.start'));
  const [begin, end] = [
    entries[0],
    entries.find((entry) => entry.is === 'gone' || (entry.is === 'ended' && entry.exec === 't')),
  ];
  if (begin === undefined || started === undefined) return undefined;
  return first(log.calls, (call) => {
    const {
      sent: [sent],
      name,
      value,
      e,
    } = call;
    const kills = call.c === c && e === 0 && value === sigkill && (name === 'kill' || name === 'killAll');
    if (!kills || sent === undefined || !succeeded(call) || sent.place < started.place) return undefined;
    const by = sent.at + survival;
    if (end !== undefined && end.at <= by) return undefined;
    if (socketReleased !== undefined && socketReleased.at < by) return undefined;
    const terminated = entries.some(
      (entry) => entry.is === 'asked' && entry.call === 'container.terminate' && entry.at <= by,
    );
    return terminated ? undefined : `its init survives SIGKILL from ${sent.at} ms on and is left alone`;
  });
});

/** A kill of all reaches every process that runs. */
export const killOfAllReachesAll: Check = (log) =>
  first(log.calls, (call) => {
    const {
      c,
      name,
      value,
      received,
      sent: [sent],
      at,
    } = call;
    if (
      name !== 'killAll' ||
      received === undefined ||
      sent === undefined ||
      !succeeded(call) ||
      hasFaults(log, c)
    )
      return undefined;
    const life = log.lives
      .filter((one) => one.c === c && (one.entries[0]?.place ?? 0) < received.place)
      .at(-1);
    if (life === undefined) return undefined;
    const running = new Map<number, string>();
    for (const entry of life.entries) {
      if (entry.place > received.place) break;
      if (entry.is === 'made') running.set(entry.pid, entry.exec);
      if (entry.is === 'ended') running.delete(entry.pid);
    }
    for (const entry of life.entries) {
      if (entry.place < received.place) continue;
      if (entry.is === 'ended') running.delete(entry.pid);
      if (entry.is === 'asked' && entry.call === 'process.signal' && entry.signal === value)
        running.delete(entry.pid);
    }
    const [missed] = running.values();
    return missed === undefined ? undefined : `kill of all in c${c} at ${at} ms does not reach ${missed}`;
  });

/** containerd has forgotten it and will not delete it. */
export const sweptInTime: Check = (log) =>
  first(log.finished, ({ c, how, at }) => {
    if (how !== 'forgotten') return undefined;
    const life = log.lives.filter((one) => one.c === c).at(-1);
    const removed = life?.entries.find((entry) => done(entry, 'container.delete'));
    if (life === undefined || (removed !== undefined && removed.at <= at + sweepTime)) return undefined;
    return `c${c}, which containerd has forgotten, is not removed within ${sweepTime} ms`;
  });
