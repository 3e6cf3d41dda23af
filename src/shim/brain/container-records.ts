/**
 * The records of a brain's containers and of the unpublished events. Every state is recorded before its effects run.
 *
 * The invariant: the exit of a process is confirmed to the keeper only when a record has it, so that whenever the brain
 * dies, the exit is found with the keeper or here.
 */
import type { TaskRecorder } from '../../streams/task/ports.js';
import { hasInit } from '../../streams/task/state/lifecycle.js';
import type { State as TaskState } from '../../streams/task/state/state.js';
import type { EventRecords } from '../events/event-queue.js';
import type { EncodedEvent } from '../events/forward.js';
import { Any, CreateTaskRequest, ExecProcessRequest } from '../messages/index.js';
import type { RecordedContainer, RecordedProcess, ShimRecords } from '../task/records.js';
import type { CallJournal } from './call-journal.js';
import type { KeeperChildren } from './keeper-children.js';
import type { RecordLog } from './record-log.js';

export interface ContainerRecords extends ShimRecords, EventRecords {
  /** Exits have been delivered that no record may be waiting for. */
  delivered(): void;
}

/** The keys: an id has no slash. The exec id of an init is empty. */
const keyOf = {
  request: (id: string) => `request/${id}`,
  task: (id: string) => `task/${id}`,
  pausing: (id: string) => `pausing/${id}`,
  exec: (id: string, execId: string) => `exec/${id}/${execId}`,
  execRequest: (id: string, execId: string) => `exec-request/${id}/${execId}`,
  event: (number: number) => `event/${number}`,
};

export const containerRecords = (
  log: RecordLog,
  children: Pick<KeeperChildren, 'kept' | 'confirmDelivered'>,
  journal: Pick<CallJournal, 'deleted'>,
): ContainerRecords => {
  /** The processes whose exit is not recorded. */
  const running = new Map<number, string>();
  /** The launches in flight: each may create a process that no record has yet. */
  const launching = new Set<string>();
  const latest = new Map<string, object>();
  let events = Math.max(0, ...log.keys('event/').map((key) => Number(key.slice('event/'.length))));

  const delivered = (): void => {
    if (launching.size === 0) children.confirmDelivered((pid) => running.has(pid));
  };

  const isNew = (key: string, state: object): boolean => {
    if (latest.get(key) === state) return false;
    latest.set(key, state);
    return true;
  };

  const launches = (key: string, state: boolean): void => {
    if (state) launching.add(key);
    else launching.delete(key);
  };

  const recorderOf = (id: string): TaskRecorder => ({
    recordTask: (state) => {
      const key = keyOf.task(id);
      if (!isNew(key, state)) return;
      log.set(key, state);
      launches(key, !hasInit(state.phase) && state.phase !== 'failed');
      delivered();
    },
    recordExec: (execId, state) => {
      const key = keyOf.exec(id, execId);
      if (!isNew(key, state)) return;
      const after = state.pid === 0 ? undefined : children.kept.startedAfter(state.pid);
      const before = log.get(key) as RecordedProcess | undefined;
      log.set(key, { state, after: after ?? before?.after });
      if (state.pid !== 0 && state.exit === undefined) running.set(state.pid, key);
      else if (running.get(state.pid) === key) running.delete(state.pid);
      launches(key, state.phase === 'starting' && state.pid === 0);
      delivered();
    },
    forgetExec: (execId) => {
      noteDeleted(id, execId, keyOf.exec(id, execId));
      log.delete(keyOf.exec(id, execId));
      log.delete(keyOf.execRequest(id, execId));
      forget(keyOf.exec(id, execId));
    },
  });

  /** For the call that has deleted it, before it is gone. */
  const noteDeleted = (id: string, execId: string, key: string): void => {
    const state = (log.get(key) as RecordedProcess | undefined)?.state;
    if (state?.exit === undefined) return;
    const { pid = 0, exit } = state;
    journal.deleted(id, execId, { pid, exitStatus: exit.status, exitedAt: exit.at });
  };

  const forget = (key: string): void => {
    latest.delete(key);
    launching.delete(key);
    for (const [pid, owner] of running) if (owner === key) running.delete(pid);
    delivered();
  };

  const execKeys = (id: string): readonly string[] => log.keys(`exec/${id}/`);

  const recordedExecs = (id: string): RecordedContainer['execs'] => {
    const execs = execKeys(id).flatMap((key) => {
      const execId = key.slice(`exec/${id}/`.length);
      const request = log.get(keyOf.execRequest(id, execId)) as string | undefined;
      if (request === undefined) return [];
      const process = log.get(key) as RecordedProcess;
      return [[execId, { ...process, request: ExecProcessRequest.decode(bytesOf(request)) }] as const];
    });
    return new Map(execs);
  };

  return {
    delivered,
    creating: (request) => {
      log.set(keyOf.request(request.id), textOf(CreateTaskRequest.encode(request).finish()));
      return recorderOf(request.id);
    },
    recorderOf,
    addingExec: (request) => {
      // An exec of this name may exist.
      if (log.get(keyOf.exec(request.id, request.execId)) !== undefined) return;
      log.set(
        keyOf.execRequest(request.id, request.execId),
        textOf(ExecProcessRequest.encode(request).finish()),
      );
    },
    pausing: (id, pausing) => log.set(keyOf.pausing(id), pausing),
    removed: (id) => {
      noteDeleted(id, '', keyOf.exec(id, ''));
      for (const key of [...execKeys(id), keyOf.task(id)]) {
        log.delete(key);
        forget(key);
      }
      for (const key of log.keys(`exec-request/${id}/`)) log.delete(key);
      log.delete(keyOf.pausing(id));
      // The last: without it there is no container.
      log.delete(keyOf.request(id));
    },
    recorded: () =>
      log.keys('request/').map((key): RecordedContainer => {
        const request = CreateTaskRequest.decode(bytesOf(log.get(key) as string));
        const { id } = request;
        const task = log.get(keyOf.task(id)) as Partial<TaskState> | undefined;
        const init = log.get(keyOf.exec(id, '')) as RecordedProcess | undefined;
        const pausing = (log.get(keyOf.pausing(id)) ?? 'no') as RecordedContainer['pausing'];
        return { request, ...(task && { task }), ...(init && { init }), execs: recordedExecs(id), pausing };
      }),
    publishing: (event) => {
      const key = keyOf.event(++events);
      const { encoded } = event;
      log.set(key, { ...event, encoded: textOf(Any.encode(Any.create(encoded)).finish()) });
      return () => log.delete(key);
    },
    unpublished: () =>
      log.keys('event/').map((key) => {
        const event = log.get(key) as Omit<EncodedEvent, 'encoded' | 'at'> & { encoded: string; at: string };
        const encoded = Any.decode(bytesOf(event.encoded));
        return {
          event: { ...event, encoded, at: new Date(event.at) } as EncodedEvent,
          published: () => log.delete(key),
        };
      }),
  };
};

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'base64');
