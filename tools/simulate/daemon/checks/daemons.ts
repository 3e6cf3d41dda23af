/** Checks of the daemon as a whole: that it stays as long as it has containers, and no longer. */
import { abandonedFor, announcedFor, idleFor, leavingTime, sweepTime } from '../bounds.js';
import type { CallLog } from '../world-log.js';
import { type Check, first, succeeded } from './check-of.js';

export const staysWithContainers: Check = (log) =>
  first(log.daemons, ({ daemon, socketReleased, stopped }) => {
    if (socketReleased === undefined || stopped !== undefined) return undefined;
    return first(log.lives, ({ c, life, daemon: of, entries }) => {
      if (of !== daemon) return undefined;
      const before = entries.filter(({ place }) => place < socketReleased.place);
      const made = before.filter(({ is }) => is === 'made').length;
      const ended = before.filter(({ is }) => is === 'ended').length;
      return made > ended
        ? `it leaves at ${socketReleased.at} ms with ${made - ended} running processes in c${c} (${life})`
        : undefined;
    });
  });

export const staysUntilDeleted: Check = (log) =>
  first(log.daemons, ({ daemon, socketReleased, stopped }) => {
    if (socketReleased === undefined || stopped !== undefined) return undefined;
    const mine = log.calls.filter((call) => call.daemon === daemon);
    return first(mine, (create) => {
      const { c, heard } = create;
      if (
        create.name !== 'create' ||
        !succeeded(create) ||
        heard === undefined ||
        heard.place > socketReleased.place
      )
        return undefined;
      const asked = mine.some(({ name, c: of, e, received, place }) => {
        const when = received?.place ?? place;
        return name === 'delete' && of === c && e === 0 && when > create.place && when < socketReleased.place;
      });
      const swept = log.bundleRemoved(c, create.place, socketReleased.place);
      return asked || swept
        ? undefined
        : `it leaves at ${socketReleased.at} ms though c${c} was not deleted, created at ${heard.at} ms`;
    });
  });

export const staysForTheAnnounced: Check = (log) =>
  first(log.daemons, ({ daemon, socketReleased, stopped }) => {
    if (socketReleased === undefined || stopped !== undefined) return undefined;
    const mine = log.calls.filter((call) => call.daemon === daemon);
    return first(mine, (join) => {
      const { c, heard, received } = join;
      if (join.name !== 'join' || !succeeded(join) || heard === undefined || received === undefined)
        return undefined;
      if (socketReleased.place < heard.place || socketReleased.at >= received.at + announcedFor)
        return undefined;
      const came = mine.some(
        (call) =>
          call.name === 'create' &&
          call.c === c &&
          call.received !== undefined &&
          call.received.place < socketReleased.place &&
          call.received.place > received.place,
      );
      return came
        ? undefined
        : `it leaves at ${socketReleased.at} ms, before c${c} came, which was announced at ${heard.at} ms`;
    });
  });

/** A daemon stays for its linger after its last container, and for a minute where no shutdown came after that. */
export const staysForAWhile: Check = ({ daemons, scenario, calls, lives }) =>
  first(daemons, ({ daemon, starts, socketReleased, stopped }) => {
    if (socketReleased === undefined || stopped !== undefined) return undefined;
    const mine = calls.filter(
      ({ daemon: of, received }) => of === daemon && received && received.place < socketReleased.place,
    );
    // A create that is refused an id that is in use is no arrival.
    const refused = new Set(['ok', 'alreadyExists', 'closed', 'deadlineExceeded']);
    const arrivals = mine
      .filter(({ name, heard }) => name === 'join' || (name === 'create' && !refused.has(heard?.how ?? 'ok')))
      .map(({ received }) => received?.place ?? -1);
    /** A container arrives with the request for it, before its runtime is asked. */
    const arrivalOf = (c: number, place: number): number => {
      const before = mine.filter(
        ({ name, c: of, received }) => name === 'create' && of === c && (received?.place ?? place) < place,
      );
      return before.at(-1)?.received?.place ?? place;
    };
    const created = lives
      .filter((life) => life.daemon === daemon)
      .map(({ c, entries }) => arrivalOf(c, entries[0]?.place ?? -1));
    const requests = mine
      .filter(({ name }) => name === 'shutdown')
      .map(({ received }) => received?.place ?? -1);
    const asked = Math.max(-1, ...requests) > Math.max(-1, ...arrivals, ...created);
    const stay = asked ? scenario.linger : Math.max(scenario.linger, idleFor);
    const removed = lives.flatMap((life) => {
      const done = life.entries.find(
        (entry) => entry.is === 'answered' && entry.call === 'container.delete' && entry.how === 'done',
      );
      return life.daemon === daemon && done !== undefined && done.place < socketReleased.place ? [done] : [];
    });
    const since = Math.max(starts.at, ...removed.map(({ at }) => at));
    return socketReleased.at < since + stay
      ? `it leaves ${socketReleased.at - since} ms after its start, or its last container`
      : undefined;
  });

/** With its containers deleted and a shutdown requested it is gone when its linger is over. */
export const leavesInTime: Check = ({ run, daemons, calls, lives, finished, scenario }) => {
  if (run.running > 0) return `${run.running} daemons have not left`;
  const last = calls.filter(({ name, heard }) => name === 'shutdown' && heard?.how === 'ok').at(-1);
  return first(daemons, ({ daemon, socketReleased, left }) => {
    if (socketReleased === undefined || left === undefined) return `daemon ${daemon} has not left`;
    if (left.at > socketReleased.at + leavingTime)
      return `daemon ${daemon} needs ${left.at - socketReleased.at} ms to leave`;
    if (last?.daemon !== daemon || finished.some(({ at }) => at > last.at)) return undefined;
    const sweeps = finished.some(({ how }) => how === 'forgotten') ? sweepTime : 0;
    // What was announced is waited for, also when it never comes.
    // A create that is refused an id that is in use is no arrival.
    const came = ({ c, received: joined }: CallLog): boolean =>
      lives.some((life) => life.c === c && (life.entries[0]?.place ?? -1) > (joined?.place ?? 0));
    const awaited = calls.filter((call) => call.name === 'join' && succeeded(call) && !came(call));
    const announced = Math.max(0, ...awaited.map(({ received }) => (received?.at ?? 0) + announcedFor));
    // A creation that its caller gave up keeps its id until the runtime is through with it, or is killed.
    const undone = Math.max(
      0,
      ...calls
        .filter(
          ({ name, heard }) =>
            name === 'create' && (heard?.how === 'closed' || heard?.how === 'deadlineExceeded'),
        )
        .map(({ heard }) => (heard?.at ?? 0) + abandonedFor),
    );
    const requested = last.received?.at ?? 0;
    const by = Math.max(requested, announced, undone) + scenario.linger + sweeps;
    if (socketReleased.at > by)
      return `daemon ${daemon} stays until ${socketReleased.at} ms, asked to leave by ${by} ms`;
    // containerd's suite looks for the socket as soon as it has the answer.
    return by === requested && last.heard !== undefined && socketReleased.place > last.heard.place
      ? `daemon ${daemon} removes its socket after it has answered the shutdown at ${by} ms`
      : undefined;
  });
};

export const nothingLeft: Check = ({ run, daemons, attempts }) => {
  const late = attempts.find(({ daemon: of, at }) =>
    daemons.some(({ daemon, left }) => daemon === of && left !== undefined && left.at < at),
  );
  if (late !== undefined) return `${late.type} of c${late.c} is published after the daemon has left`;
  // What a daemon that was stopped leaves behind is for containerd to clean up.
  const left = daemons.some(({ stopped }) => stopped !== undefined)
    ? run.leftovers.filter((one) => one.endsWith('timers'))
    : run.leftovers;
  if (run.restless) return 'the world does not come to rest';
  return left.length > 0 ? left.join(', ') : undefined;
};

export const nothingUnhandled: Check = ({ trace }) => {
  for (const entry of trace) if (entry.is === 'broken') return `at ${entry.at} ms ${entry.what}`;
  return undefined;
};
