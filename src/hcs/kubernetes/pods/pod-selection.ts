/** Which pods a list or a watch is about. */
import { type Cluster, namespaceOf } from '../api/cluster.js';
import type { Collection } from '../api/list-pages.js';

export interface PodSelection {
  readonly cluster: Cluster;
  readonly namespace: string | undefined;
  /** As the API takes it: `app=web,tier!=cache`. */
  readonly labelSelector?: string | undefined;
  /** As the API takes it: `metadata.name=web`. */
  readonly fieldSelector?: string | undefined;
}

export const collectionOf = (selection: PodSelection): Collection => {
  const { cluster, namespace, labelSelector, fieldSelector } = selection;
  return {
    cluster,
    path: async () => `/api/v1/namespaces/${namespaceOf(namespace, await cluster.access())}/pods`,
    query: [
      ['labelSelector', labelSelector],
      ['fieldSelector', fieldSelector],
    ],
    noun: 'pods',
  };
};
