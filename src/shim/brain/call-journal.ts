/**
 * The calls in flight that change something. The keeper delivers an unanswered call again, to the next brain, which finds
 * here that the call was begun and how far it came.
 *
 * The invariant: a call is noted before it acts, and forgotten when the keeper has its answer.
 */
import type { Deleted, JournalledCall, TaskJournal } from '../task/resumed-calls.js';
import type { RecordLog } from './record-log.js';

export interface CallJournal extends TaskJournal {
  /** The keeper has the answer. */
  answered(call: string): void;
  /** The caller has gone; its calls will not be delivered again. */
  closed(client: number): void;
  /** Stores the answer of the deletion in flight, if any. */
  deleted(id: string, execId: string, answer: Deleted): void;
  /** Calls of callers that are not there any more will not come again. */
  forgetGone(isThere: (client: number) => boolean): void;
}

/** The name of a call in the metadata of its request. */
export const callName = 'rxshim-call';

const keyOf = (call: string): string => `call/${call}`;

export const callJournal = (log: RecordLog): CallJournal => {
  /** Begun by an earlier brain, and not delivered again yet. */
  const earlier = new Set(log.keys('call/'));
  const open = new Set(earlier);

  const forget = (key: string): void => {
    if (!open.delete(key)) return;
    earlier.delete(key);
    log.delete(key);
  };
  const clientOf = (key: string): number => Number(key.split('/')[1]);

  return {
    begin: (metadata, call) => {
      const name = metadata.get(callName)?.at(-1);
      if (name === undefined) return undefined;
      const key = keyOf(name);
      if (earlier.delete(key)) return log.get(key) as JournalledCall;
      open.add(key);
      log.set(key, call);
      return undefined;
    },
    answered: (call) => forget(keyOf(call)),
    closed: (client) => {
      for (const key of open) if (clientOf(key) === client) forget(key);
    },
    deleted: (id, execId, answer) => {
      for (const key of open) {
        const call = log.get(key) as JournalledCall;
        if (call.method === 'delete' && call.id === id && call.execId === execId)
          log.set(key, { ...call, answer });
      }
    },
    forgetGone: (isThere) => {
      for (const key of [...earlier]) if (!isThere(clientOf(key))) forget(key);
    },
  };
};
