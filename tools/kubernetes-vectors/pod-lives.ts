/**
 * The lives of pods in a session, and what a user was to see of each: found out here from the events alone, apart from
 * how the engine does it.
 */
import type { ApiPod, PodSpec } from '../../src/hcs/kubernetes/pods/api-pod.js';
import type { Answer, RecordedEvent, Session } from './session.js';

export interface PodLife {
  readonly name: string;
  readonly uid: string;
  readonly spec: PodSpec;
  /** The container that is followed. */
  readonly main: string;
  readonly created: Answer;
  readonly events: readonly RecordedEvent[];
}

export type Expected =
  | { readonly kind: 'exited'; readonly code: number }
  /** Gone, or unseen, without a code. */
  | { readonly kind: 'lost' }
  /** It was not started; the text is the cluster's reason. */
  | { readonly kind: 'failed'; readonly reason: string; readonly exitStatus?: number | undefined }
  | { readonly kind: 'running' };

export const podLivesOf = (session: Session): readonly PodLife[] => {
  const byUid = new Map<string, RecordedEvent[]>();
  for (const { event } of session.steps) {
    const uid = event?.object.metadata?.uid;
    if (event === undefined || uid === undefined || event.type === 'BOOKMARK') continue;
    const events = byUid.get(uid) ?? [];
    // More than one watch may have seen it.
    const version = Number(event.object.metadata?.resourceVersion);
    const isNew = events.every(({ object }) => Number(object.metadata?.resourceVersion) < version);
    if (isNew) events.push(event);
    byUid.set(uid, events);
  }
  return [...byUid].flatMap(([uid, events]): PodLife[] => {
    const [first] = events;
    const name = first?.object.metadata?.name;
    if (first === undefined || name === undefined) return [];
    const creation = session.steps.find(
      ({ request, response }) =>
        request?.method === 'POST' &&
        response?.status === 201 &&
        (response.body as ApiPod | undefined)?.metadata?.uid === uid,
    );
    const spec = (creation?.request?.body as ApiPod | undefined)?.spec ?? guessedSpec(events);
    const [main] = spec.containers ?? [];
    const created: Answer = { status: 201, body: creation?.response?.body ?? first.object };
    return [{ name, uid, spec, main: main?.name ?? '', created, events }];
  });
};

/** Of a pod that was there before. */
const guessedSpec = (events: readonly RecordedEvent[]): PodSpec => {
  const statuses = events.flatMap(({ object }) => object.status?.containerStatuses ?? []);
  const names = new Set(statuses.map(({ name }) => name));
  return {
    restartPolicy: statuses.some(({ restartCount = 0 }) => restartCount > 0) ? 'Always' : 'Never',
    containers: [...(names.size === 0 ? ['c'] : names)].map((name) => ({ name, image: 'busybox' })),
  };
};

/** What is to be seen where only these events are. */
export const expectedOf = (
  { spec, main }: PodLife,
  events: readonly RecordedEvent[],
  isGone = false,
): Expected => {
  const policy = spec.restartPolicy ?? 'Always';
  let hasRun = false;
  let reason = '';
  for (const { type, object } of events) {
    const { metadata = {}, status = {} } = object;
    const own = status.containerStatuses?.find(({ name }) => name === main);
    const terminated = own?.state?.terminated;
    if (own?.state?.running) hasRun = true;
    const isOver =
      status.phase === 'Succeeded' || status.phase === 'Failed' || metadata.deletionTimestamp !== undefined;
    if (terminated?.reason === 'StartError')
      return { kind: 'failed', reason: 'StartError', exitStatus: exitStatusOf(terminated.message ?? '') };
    if (
      terminated !== undefined &&
      (policy === 'Never' || (policy === 'OnFailure' && terminated.exitCode === 0) || isOver)
    )
      return { kind: 'exited', code: terminated.exitCode };
    if (own?.lastState?.terminated?.reason !== 'StartError' && (own?.restartCount ?? 0) > 0) hasRun = true;
    if (type === 'DELETED') return hasRun ? { kind: 'lost' } : { kind: 'failed', reason: '' };
    const scheduled = status.conditions?.find((condition) => condition.type === 'PodScheduled');
    reason = own?.state?.waiting?.reason ?? scheduled?.reason ?? reason;
  }
  if (isGone) return hasRun ? { kind: 'lost' } : { kind: 'failed', reason: '' };
  if (hasRun) return { kind: 'running' };
  return { kind: 'failed', reason: /^(ContainerCreating|PodInitializing)?$/.test(reason) ? '' : reason };
};

const exitStatusOf = (message: string): number | undefined => {
  if (/not found|no such file/.test(message)) return 127;
  return /permission denied/.test(message) ? 126 : undefined;
};
