/** A pod: its members beyond those of any compute system. */
import type { Observable } from 'rxjs';
import type { ComputeSystem } from '../../contract/compute-system.js';
import type { PodEvent } from '../facts/events.js';
import type { PodLogItem } from '../facts/logs.js';
import type { PodStats } from '../facts/stats.js';
import type { ContainerRun, PodFacts } from '../pods/pod-facts.js';
import type { PodCause } from '../pods/pod-standing.js';
import type { OutputGap } from './pod-context.js';

/** A pod of a cluster; its process is that of one container. */
export interface KubernetesPod extends ComputeSystem {
  /** The name of the pod. */
  readonly podName: string;
  /** The cluster's id, once the pod exists. */
  readonly uid: string | undefined;
  /** How far it is, as the watch saw it last. */
  readonly facts: PodFacts | undefined;
  /** Emits when the kernel has killed a process of it because it was out of memory. */
  readonly oom$: Observable<void>;
  /** Emits each end of the container: more than one where it is restarted (`restartPolicy`). */
  readonly runs$: Observable<ContainerRun>;
  /** Emits for output of the init that is missing, or may be; also to late subscribers. */
  readonly gaps$: Observable<OutputGap>;
  /** The resources that it uses, by the metrics API; fails with `notImplemented` in a cluster that has none. */
  readonly stats$: Observable<PodStats>;
  /**
   * The events of the cluster about it, those from before the subscription first: also why a start takes long. All pods
   * of a namespace share one watch of them. Fails with `permissionDenied` where a role does not allow that.
   */
  readonly events$: Observable<PodEvent>;
  /**
   * The container's log as lines with their times, from the first one, over lost connections and restarts. Lines are not
   * held back for a slow subscriber: for output with backpressure use `stdout` with `output: 'logs'`.
   */
  readonly logs$: Observable<PodLogItem>;
  /** Emits why the pod ended, once, also to late subscribers. */
  readonly cause$: Observable<PodCause>;
}
