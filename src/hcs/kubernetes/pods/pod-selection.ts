/** Which pods a list or a watch is about. */
import { type Cluster, namespaceOf } from '../api/cluster.js';

export interface PodSelection {
  readonly cluster: Cluster;
  readonly namespace: string | undefined;
  /** As the API takes it: `app=web,tier!=cache`. */
  readonly labelSelector?: string | undefined;
  /** As the API takes it: `metadata.name=web`. */
  readonly fieldSelector?: string | undefined;
}

export const podsPath = async (cluster: Cluster, namespace: string | undefined): Promise<string> =>
  `/api/v1/namespaces/${namespaceOf(namespace, await cluster.access())}/pods`;
