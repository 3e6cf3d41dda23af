/**
 * The cluster that the specs of the engine run on: the stand-in, or a real one behind a proxy that does the same faults
 * (`npm run test:kubernetes`).
 */
import type { ApiPod } from '../../../src/hcs/kubernetes/pods/api-pod.js';

export interface TestCluster {
  /** The URL for `server`. */
  readonly server: string;
  readonly namespace: string;
  /** Has what busybox has. */
  readonly image: string;
  readonly isReal: boolean;
  /** Without it (servers before 1.30) stdin has no end, and a command dies with its connection. */
  readonly speaksV5: boolean;
  /** How long an image that cannot be pulled takes to be reported, in milliseconds. */
  readonly troubleTime: number;
  /** Everything that was asked: method and path with query. */
  readonly asked: readonly string[];
  podNames(): Promise<readonly string[]>;
  podDocument(name: string): Promise<ApiPod>;
  /** As another client deletes it; the grace is in seconds. */
  deleteElsewhere(name: string, grace: number): Promise<void>;
  /** Ends all watches; those that come back without a new list are too old: 410. */
  expireWatches(): void;
  /** Cuts all watches, without an end of their bodies. */
  cutWatches(): void;
  /** Cuts all execs and attachments. */
  cutExecs(): void;
  /** What a restart of containerd does: v5 gets `Success`, v4 is cut, and the processes run on. */
  restartContainerd(): void;
  cutLogs(): void;
  /** What the metrics API says of each container; without it there is no such API. */
  measure(usage: Usage | undefined): void;
  /** Answers requests whose method and path match with a status of this code, until it is called with undefined. */
  refuse(pattern: RegExp | undefined, status?: number): void;
  close(): Promise<void>;
}

export interface Usage {
  readonly cpu: string;
  readonly memory: string;
}

/** How `npm run test:kubernetes` names the cluster, in RXSHIM_TEST_CLUSTER. */
export interface RealCluster {
  readonly kubeconfig: string;
  readonly context?: string;
  readonly namespace: string;
  readonly image: string;
  readonly imageWithoutShell?: string;
  readonly speaksV5: boolean;
  /** Of a service account with the role of docs/kubernetes-role.yaml, for the engine's own requests. */
  readonly token: string;
}

export const realCluster = (): RealCluster | undefined => {
  const given = process.env['RXSHIM_TEST_CLUSTER'];
  return given === undefined ? undefined : (JSON.parse(given) as RealCluster);
};
