/** The calls for one pod. */
import { RxshimError } from '../../failures/errors.js';
import { backoff, pause } from '../../remote/pause.js';
import { reasonIn, statusIn } from '../api/api-error.js';
import { call } from '../api/request.js';
import type { ApiPod } from '../pods/api-pod.js';
import { podLabels } from './options.js';
import { type PodContext, podPath } from './pod-context.js';

/**
 * Creates the pod. Where the answer was lost it is looked for, so that it is neither made twice nor left behind.
 * @throws RxshimError as the server refuses it.
 */
export const createPod = async (pod: PodContext, document: ApiPod): Promise<ApiPod> => {
  const next = backoff(100, 2_000);
  const deadline = Date.now() + pod.cluster.reconnectTimeout;
  for (let tries = 0; ; tries += 1) {
    try {
      return await call<ApiPod>(pod.cluster, {
        method: 'POST',
        path: `/api/v1/namespaces/${pod.namespace}/pods`,
        body: document,
        what: `create pod ${pod.name}`,
        needs: 'create on pods',
      });
    } catch (error) {
      if (tries > 0 && reasonIn(error) === 'AlreadyExists') {
        const existing = await getPod(pod);
        if (existing.metadata?.labels?.[podLabels.run] === document.metadata?.labels?.[podLabels.run])
          return existing;
      }
      const isLost =
        error instanceof RxshimError && error.kind === 'unavailable' && statusIn(error) === undefined;
      if (!isLost || Date.now() >= deadline || pod.ending) throw error;
      await pause(next());
    }
  }
};

export const getPod = (pod: PodContext): Promise<ApiPod> =>
  call<ApiPod>(pod.cluster, { path: podPath(pod), what: `get pod ${pod.name}`, needs: 'get on pods' });

/**
 * Requests the deletion of the pod. If it is gone, or another pod has its name, nothing is deleted.
 * @param grace in seconds; absent: as its specification has it.
 */
export const deletePod = async (pod: PodContext, grace?: number): Promise<'asked' | 'gone'> => {
  if (pod.uid === undefined) return 'gone';
  const next = backoff(100, 2_000);
  const deadline = Date.now() + pod.cluster.reconnectTimeout;
  for (;;) {
    try {
      await call(pod.cluster, {
        method: 'DELETE',
        path: podPath(pod),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          preconditions: { uid: pod.uid },
          ...(grace !== undefined && { gracePeriodSeconds: grace }),
        },
        what: `delete pod ${pod.name}`,
        needs: 'delete on pods',
      });
      return 'asked';
    } catch (error) {
      const status = statusIn(error);
      if (status === 404 || status === 409) return 'gone';
      const mayPass = status === undefined || status >= 500;
      if (!mayPass || Date.now() >= deadline) throw error;
      await pause(next());
    }
  }
};
