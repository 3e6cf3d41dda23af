/** Checks of what is published to containerd. */
import { type AttemptLog, neverRan, type WorldLog } from '../world-log.js';
import { type Check, first } from './check-of.js';

/** From the event to containerd, where nothing is in the way. */
const soon = 200;
/** Attempts of this long before a daemon leaves may fail for good: its time is up. */
const lastChance = 15_000;

/** One event, however often it was tried. */
interface EventLog {
  readonly daemon: number;
  readonly c: number;
  readonly type: string;
  readonly exec: string;
  readonly pid: number;
  readonly status: number;
  readonly stamp: number;
  readonly attempts: readonly AttemptLog[];
  readonly taken: AttemptLog | undefined;
}

const known = new WeakMap<WorldLog, readonly EventLog[]>();

const eventsOf = (log: WorldLog): readonly EventLog[] => {
  const events = known.get(log) ?? eventsIn(log);
  known.set(log, events);
  return events;
};

const eventsIn = ({ attempts }: WorldLog): readonly EventLog[] => {
  const byKey = new Map<string, AttemptLog[]>();
  for (const attempt of attempts) {
    const { daemon, c, type, exec, pid, stamp } = attempt;
    const key = `${daemon} ${c} ${type} ${exec} ${pid} ${stamp}`;
    const those = byKey.get(key);
    if (those === undefined) byKey.set(key, [attempt]);
    else those.push(attempt);
  }
  return [...byKey.values()].map((attempts) => {
    const [{ daemon, c, type, exec, pid, status, stamp }] = attempts as [AttemptLog];
    return {
      daemon,
      c,
      type,
      exec,
      pid,
      status,
      stamp,
      attempts,
      taken: attempts.find(({ taken }) => taken !== undefined),
    };
  });
};

const lineOf = ({ c, type, exec, stamp }: EventLog): string =>
  `${type} of c${c}${exec && `/${exec}`} at ${stamp} ms`;

/** What was acknowledged is not published again. */
export const publishedOnce: Check = (log) =>
  first(eventsOf(log), (event) => {
    // Two of the others may be alike, also in their time.
    if (event.pid === 0) return undefined;
    const settled = event.attempts.findIndex(
      ({ taken, acknowledged }) => taken !== undefined && acknowledged !== undefined,
    );
    const again =
      settled >= 0 &&
      event.attempts
        .slice(settled + 1)
        .find(({ place }) => place > (event.attempts[settled]?.acknowledged?.place ?? 0));
    return again ? `${lineOf(event)} is published again at ${again.at} ms` : undefined;
  });

const misbehaves = ({ scenario }: WorldLog, c: number): boolean =>
  scenario.events.some((event) => event.kind === 'event' && event.c === c);

/** Whether all containers lose their connection for events at some time. */
const isCut = ({ scenario }: WorldLog): boolean =>
  scenario.events.some(
    (event) => event.kind === 'restart' || (event.kind === 'event' && event.does === 'loses'),
  );

export const waitsForNoOther: Check = (log) => {
  if (isCut(log)) return undefined;
  return first(eventsOf(log), (event) => {
    if (misbehaves(log, event.c)) return undefined;
    const [{ at }] = event.attempts as [AttemptLog];
    return at - event.stamp > soon ? `${lineOf(event)} is published ${at - event.stamp} ms later` : undefined;
  });
};

/** As containerd sees it: each event where it was first taken. */
const takenOf = (log: WorldLog, c: number): readonly EventLog[] =>
  eventsOf(log)
    .filter((event) => event.c === c && event.taken !== undefined)
    .sort((one, other) => (one.taken?.taken?.place ?? 0) - (other.taken?.taken?.place ?? 0));

const containersOf = ({ attempts }: WorldLog): readonly number[] => [...new Set(attempts.map(({ c }) => c))];

/** The events of each container of each daemon: a daemon that leaves may still publish while the next one begins. */
const eachSequence = (
  log: WorldLog,
  broken: (events: readonly EventLog[], c: number) => string | undefined,
): string | undefined =>
  first(containersOf(log), (c) => {
    const all = takenOf(log, c);
    return first([...new Set(all.map(({ daemon }) => daemon))], (daemon) =>
      broken(
        all.filter((event) => event.daemon === daemon),
        c,
      ),
    );
  });

export const inOrder: Check = (log) =>
  eachSequence(log, (events) => {
    let before: EventLog | undefined;
    return first(events, (event) => {
      const late = before !== undefined && before.stamp > event.stamp;
      const what = late && before ? `${lineOf(event)} comes after ${lineOf(before)}` : undefined;
      before = event;
      return what;
    });
  });

export const eachAfterItsCause: Check = (log) =>
  eachSequence(log, (events, c) => {
    const dropped = eventsOf(log).some((event) => event.c === c && event.taken === undefined);
    // What was dropped after many refusals is missed by what comes after it.
    if (dropped) return undefined;
    let created = false;
    let exited = false;
    const running = new Set<string>();
    return first(events, (event) => {
      const wrong = (why: string): string => `${lineOf(event)} ${why}`;
      const { type, exec } = event;
      if (type === 'TaskCreate') {
        if (created) return wrong('while there is one already');
        [created, exited] = [true, false];
        running.clear();
        return undefined;
      }
      if (!created) return wrong('without a TaskCreate before');
      if (type === 'TaskDelete' && exec === '') {
        if (!exited) return wrong('before the exit');
        created = false;
        return undefined;
      }
      if (exited && (type === 'TaskExit' || type === 'TaskStart' || type === 'TaskExecStarted'))
        return wrong('after the exit of the init');
      if (type === 'TaskExecStarted') running.add(exec);
      if (type === 'TaskExit' && exec !== '' && !running.delete(exec)) return wrong('without a start before');
      if (type === 'TaskExit' && exec === '') {
        const [left] = running;
        if (left !== undefined) return wrong(`before that of ${left}`);
        exited = true;
      }
      return undefined;
    });
  });

/** When the world is over every container's exit and delete are published, except those that were refused too often. */
export const exitsArePublished: Check = (log) => {
  if (log.daemons.some(({ stopped }) => stopped !== undefined)) return undefined;
  return first(containersOf(log), (c) => {
    const all = eventsOf(log).filter((event) => event.c === c);
    const lost = all.some(({ taken }) => taken === undefined) || leavesUnreceived(log, c);
    if (lost) return undefined;
    const count = (type: string): number =>
      all.filter((event) => event.type === type && event.exec === '').length;
    const [creates, exits, deletes] = [count('TaskCreate'), count('TaskExit'), count('TaskDelete')];
    if (exits < creates) return `c${c}: ${creates} created, but ${exits} exits published`;
    // A create that was undone is not deleted by anybody.
    return deletes > creates ? `c${c}: ${creates} created, but ${deletes} deletes published` : undefined;
  });
};

/** Whether a daemon of it has left while containerd did not listen: what it had then is lost. */
const leavesUnreceived = (log: WorldLog, c: number): boolean =>
  (misbehaves(log, c) || isCut(log)) &&
  log.daemons.some(
    ({ socketReleased }) => socketReleased !== undefined && socketReleased.at < log.healed.at + lastChance,
  );

export const execExitsArePublished: Check = (log) => {
  if (log.daemons.some(({ stopped }) => stopped !== undefined)) return undefined;
  return first(containersOf(log), (c) => {
    if (leavesUnreceived(log, c)) return undefined;
    const all = eventsOf(log).filter((event) => event.c === c);
    if (all.some(({ taken }) => taken === undefined)) return undefined;
    const started = all.filter(({ type }) => type === 'TaskExecStarted');
    return first(started, ({ exec, pid }) => {
      const ends = all.filter(
        (event) => event.type === 'TaskExit' && event.exec === exec && event.pid === pid,
      ).length;
      const starts = started.filter((event) => event.exec === exec && event.pid === pid).length;
      return ends === starts ? undefined : `c${c}/${exec}: ${starts} starts, but ${ends} exits published`;
    });
  });
};

/** Only what was refused again and again is given up. */
export const fewAreDropped: Check = (log) => {
  if (log.daemons.some(({ stopped }) => stopped !== undefined)) return undefined;
  return first(eventsOf(log), (event) => {
    if (event.taken !== undefined || leavesUnreceived(log, event.c)) return undefined;
    const refusals = event.attempts.filter(({ does }) => does === 'refuses').length;
    return refusals < 3 ? `${lineOf(event)} is given up after ${event.attempts.length} attempts` : undefined;
  });
};

/** The status and the pid are those of a process that has ended. */
export const statusesAreTrue: Check = (log) =>
  first(eventsOf(log), (event) => {
    const { c, type, exec, pid, status } = event;
    if (type !== 'TaskExit' || log.faulty(c)) return undefined;
    const ended = log.lives.some(
      (life) =>
        life.c === c &&
        life.entries.some(
          (entry) =>
            entry.is === 'ended' &&
            entry.exec === (exec || 't') &&
            entry.pid === pid &&
            entry.status === status,
        ),
    );
    return ended || neverRan(log, c, exec || 't')
      ? undefined
      : `${lineOf(event)} reports status ${status} of pid ${pid}, which is not how it ended`;
  });
