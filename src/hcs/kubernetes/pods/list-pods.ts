/** All pods of a selection. */
import { listPages } from '../api/list-pages.js';
import type { ApiPod } from './api-pod.js';
import { collectionOf, type PodSelection } from './pod-selection.js';

/** Resolves with the version of the list. */
export const listPods = (
  selection: PodSelection,
  signal: AbortSignal | undefined,
  each: (pod: ApiPod) => void,
): Promise<string> => listPages<ApiPod>(collectionOf(selection), signal, each);
