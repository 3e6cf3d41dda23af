/** Checks of answers: that none contradicts what was answered before. */
import { type CallLog, nameOf, neverRan, type WorldLog } from '../world-log.js';
import { type Check, first, succeeded } from './check-of.js';

/**
 * What a caller knows of a process when it asks: what it has heard since the last call that may have made or deleted a
 * process of that id.
 */
interface Known {
  started: boolean;
  exitStatus: number | undefined;
  pid: number | undefined;
  /** A delete was answered with success. */
  deleted: boolean;
  /** A delete may be under way or done. */
  deleting: boolean;
  created: boolean;
  /** The place of the call that made it. */
  createdAt: number;
  /** Paused, and not asked to resume since. */
  paused: boolean;
}

const unknown = (): Known => ({
  started: false,
  exitStatus: undefined,
  pid: undefined,
  deleted: false,
  deleting: false,
  created: false,
  createdAt: -1,
  paused: false,
});

const makes = (call: CallLog, e: number): boolean =>
  (call.name === 'create' || (e !== 0 && call.name === 'exec' && call.e === e)) &&
  call.heard?.how !== 'alreadyExists';
const deletes = (call: CallLog, e: number): boolean =>
  call.name === 'delete' && (call.e === 0 || call.e === e);

const knownBefore = (those: readonly CallLog[], asking: CallLog): Known | undefined => {
  const { e } = asking;
  const end = asking.heard?.place ?? Number.POSITIVE_INFINITY;
  // What was asked before the present one was there may have been about the one before it.
  const since = Math.max(
    -1,
    ...those
      .filter((call) => makes(call, e) && succeeded(call))
      .map(({ heard }) => heard?.place ?? -1)
      .filter((place) => place < asking.place),
  );
  let known = unknown();
  for (const call of those) {
    if (call.place >= end) break;
    const over = (call.heard?.place ?? Number.POSITIVE_INFINITY) < asking.place;
    if (makes(call, e)) {
      // A call in flight, or with an unknown outcome, may change everything.
      if (!over || call.heard?.how === 'closed' || call.heard?.how === 'deadlineExceeded') return undefined;
      if (succeeded(call))
        known = {
          ...unknown(),
          created: call.e === e,
          createdAt: call.place,
          pid: e === 0 ? call.heard?.learned?.pid : undefined,
        };
      continue;
    }
    if (deletes(call, e)) known.deleting = true;
    if (call.name === 'resume') known.paused = false;
    if (!over || !succeeded(call) || call.place < since) continue;
    if (call.name === 'pause') known.paused = true;
    const { status, exitStatus, pid } = call.heard?.learned ?? {};
    if (deletes(call, e)) known.deleted = true;
    if (call.e !== e) continue;
    if (call.name === 'start') {
      known.started = true;
      known.pid ??= pid;
    }
    if (call.name === 'wait' || call.name === 'delete' || status === 'STOPPED')
      known.exitStatus ??= exitStatus;
    if (call.name === 'state' && (status === 'RUNNING' || status === 'PAUSED')) known.started = true;
  }
  return known;
};

const contradiction = (call: CallLog, known: Known, log: WorldLog): string | undefined => {
  const { heard, c, e } = call;
  const { started, exitStatus, pid, deleted, deleting, created, createdAt, paused } = known;
  if (heard?.how === 'notFound') {
    if (!created || deleting || log.vanishes(c)) return undefined;
    // A create that had waited for a delete of the same id can lose its bundle to that delete; the sweep then removes it.
    if (heard !== undefined && log.bundleRemoved(c, createdAt, heard.place)) return undefined;
    return 'not found, though it was made and not deleted';
  }
  if (heard?.how !== 'ok') return undefined;
  const { status, exitStatus: ended, pid: number } = heard.learned ?? {};
  if (deleted) return `${status}, though it was deleted`;
  if (exitStatus !== undefined && status !== 'STOPPED')
    return `${status}, though it has ended with ${exitStatus}`;
  if (exitStatus !== undefined && ended !== exitStatus)
    return `ended with ${ended}, and before with ${exitStatus}`;
  if (paused && e === 0 && status !== 'PAUSED' && status !== 'STOPPED')
    return `${status}, though it was paused`;
  if (started && status === 'CREATED') return 'CREATED, though it was started';
  if (pid !== undefined && number !== pid) return `pid ${number}, and before ${pid}`;
  return undefined;
};

export const statesAgree: Check = (log) => {
  if (log.daemons.length > 1) return undefined;
  return first(log.calls, (call) => {
    if (call.name !== 'state' || call.heard === undefined) return undefined;
    const those = log.calls.filter((other) => other.c === call.c);
    const known = knownBefore(those, call);
    const what = known && contradiction(call, known, log);
    return what && `State of ${nameOf(call)} at ${call.at} ms: ${what}`;
  });
};

/** Every wait for an exit gets the same status. */
export const waitsAgree: Check = (log) =>
  first(log.calls, (call) => {
    if ((call.name !== 'wait' && call.name !== 'delete') || !succeeded(call) || log.faulty(call.c))
      return undefined;
    const status = call.heard?.learned?.exitStatus;
    const exec = call.e === 0 ? 't' : `e${call.e}`;
    const those = log.lives.filter(({ c }) => c === call.c).flatMap(({ entries }) => entries);
    const ended = those.some(
      (entry) => entry.is === 'ended' && entry.exec === exec && entry.status === status,
    );
    return ended || neverRan(log, call.c, exec)
      ? undefined
      : `${call.name} of ${nameOf(call)} answers ${status}, which is not how it ended`;
  });
