/**
 * Signals for the first process of a pod. Kubernetes sends one when it deletes a pod; others are sent from inside the
 * container, by its shell. From inside, a first process gets only signals that it handles.
 */
import type { Delivery } from '../../contract/compute-process.js';
import { messageOf, RxshimError } from '../../failures/errors.js';
import { findInit, signalOwn } from '../../in-container/own-processes.js';
import { isContainerGone, runInside } from '../exec/run-inside.js';
import { deletePod } from './pod-calls.js';
import { leave, type PodContext } from './pod-context.js';

/** Argument: a signal's number. Where the container sees the processes of others, process 1 is not its own. */
const signalInit = {
  alone: 'kill -"$1" 1',
  shared: `${findInit}
[ -n "$init" ] && kill -"$1" "$init"`,
};
/** The first process as well as all others of the container but this script. */
const signalEach = { alone: 'kill -"$1" -1 2>/dev/null; kill -"$1" 1', shared: signalOwn };

export const signalPod = async (
  pod: PodContext,
  signal: number,
  reach: 'init' | 'all',
): Promise<Delivery> => {
  if (pod.phase === 'ended') return 'notDelivered';
  // The kernel ignores a SIGKILL that comes from inside.
  if (signal === sigkill) return killPod(pod);
  if (pod.phase !== 'running') return 'notDelivered';
  pod.sent.add(signal);
  try {
    const script = (reach === 'all' ? signalEach : signalInit)[pod.sharesPids ? 'shared' : 'alone'];
    const { code, output } = await runInside(pod, script, String(signal));
    // A script that was killed has ended with its container, which the signal may have done.
    if (code === 0 || code === killed) return 'delivered';
    throw new RxshimError('permissionDenied', output.trim());
  } catch (error) {
    if ((pod.phase as PodContext['phase']) === 'ended' || isContainerGone(error)) return 'alreadyStopped';
    // Without a shell there is but the way of the cluster, with the grace of the pod's specification.
    if (signal === sigterm && isNoShell(error))
      return (await deletePod(pod)) === 'asked' ? 'delivered' : 'alreadyStopped';
    if (!isNoShell(error)) throw error;
    throw new RxshimError(
      'notImplemented',
      `signal pod ${pod.name}: it needs a shell of the image: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
};

const isNoShell = (error: unknown): boolean => error instanceof RxshimError && error.exitStatus === 127;

/**
 * Ends a pod as soon as the cluster does without forgetting the exit: by a deletion with a grace of one second. With
 * none the pod would be gone at once, its process for seconds not, and its exit code never known.
 */
export const killPod = async (pod: PodContext): Promise<Delivery> => {
  if (pod.phase === 'ended') return 'notDelivered';
  pod.ending = true;
  if (pod.phase === 'new') {
    leave(pod, { reason: 'ended' });
    return 'delivered';
  }
  pod.sent.add(sigterm).add(sigkill);
  return (await deletePod(pod, shortestGrace)) === 'asked' ? 'delivered' : 'alreadyStopped';
};

/** In seconds. */
export const shortestGrace = 1;

const [sigterm, sigkill] = [15, 9];
const killed = 128 + sigkill;
