/**
 * Pods of a Kubernetes cluster, by its API server.
 *
 *     kubernetes()          a pod from an image or a specification: create, start, exec, stop, delete
 *     kubernetesExec()      a pod that exists: commands are started in it, and it is left as it was
 *     kubernetesRegistry()  those of a namespace, for listTasks, adoptTask and reap
 */
export type { KubernetesRegistry, KubernetesRegistryOptions } from './adopt/registry.js';
export type { ClusterOptions } from './api/cluster-options.js';
export type { PodEvent } from './facts/events.js';
export type { PodLogItem } from './facts/logs.js';
export type { PodStats } from './facts/stats.js';
export { kubernetes, kubernetesRegistry } from './kubernetes.js';
export { type KubernetesExecOptions, kubernetesExec } from './kubernetes-exec.js';
export type { KubernetesPod } from './pod/kubernetes-pod.js';
export type { KubernetesOptions } from './pod/options.js';
export type { OutputGap } from './pod/pod-context.js';
export type { ContainerSpec, OwnerReference, PodSpec } from './pods/api-pod.js';
export type { ContainerFacts, ContainerRun, ContainerState, PodFacts } from './pods/pod-facts.js';
export type { PodCause } from './pods/pod-standing.js';
export type { PodsChange } from './pods/pod-store.js';
