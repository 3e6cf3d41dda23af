/** All pods of a selection, in pages, so that neither side holds the documents of thousands of pods at once. */
import { call } from '../api/request.js';
import type { ApiPod } from './api-pod.js';
import { type PodSelection, podsPath } from './pod-selection.js';

const pageSize = 500;

interface PodList {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly ApiPod[];
}

/** Resolves with the version of the list. */
export const listPods = async (
  { cluster, namespace, labelSelector, fieldSelector }: PodSelection,
  signal: AbortSignal | undefined,
  each: (pod: ApiPod) => void,
): Promise<string> => {
  const path = await podsPath(cluster, namespace);
  let more: string | undefined;
  let version = '';
  do {
    const page: PodList = await call<PodList>(cluster, {
      path,
      query: [
        ['labelSelector', labelSelector],
        ['fieldSelector', fieldSelector],
        ['limit', pageSize],
        ['continue', more],
      ],
      what: 'list pods',
      needs: 'list on pods',
    });
    if (signal?.aborted) return '';
    for (const pod of page.items ?? []) each(pod);
    version = page.metadata?.resourceVersion ?? '';
    more = page.metadata?.continue || undefined;
  } while (more !== undefined);
  return version;
};
