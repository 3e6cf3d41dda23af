/**
 * Containers of a Docker daemon, Docker Desktop, or Podman's service as root or as a user, by the Docker Engine API.
 *
 *     docker()    a container from an image: create, start, exec, kill, delete
 *     podman()    the same by Podman's service
 *     dockerExec(), podmanExec()   processes in a container that exists, which is left as it was
 *     pullImage(), ensureImage()
 *     dockerRegistry(), podmanRegistry()   what exists: for adoptTask, listTasks and reap
 */
export type { DockerRegistry } from './adopt/registry.js';
export type { TlsMaterial } from './api/endpoint.js';
export type {
  ContainerCreate,
  Healthcheck,
  HostConfig,
  MountPoint,
  PortBinding,
} from './container/create-types.js';
export type { DockerContainer } from './container/docker-container.js';
export type { DaemonOptions, DockerOptions, ExecOptions } from './container/options.js';
export type { ShortForms, ShortMount } from './container/short-forms.js';
export { docker, dockerRegistry, podman, podmanRegistry } from './docker.js';
export { type DockerExecOptions, dockerExec, podmanExec } from './docker-exec.js';
export type { SignalStrategy } from './exec/signal-strategy.js';
export type { Archive, Files } from './facts/archive.js';
export type { ContainerEvent } from './facts/events.js';
export type { Health } from './facts/health.js';
export type { LogLine, LogOptions } from './facts/logs.js';
export type { PublishedPort } from './facts/ports.js';
export type { ReadyCondition } from './facts/ready.js';
export type { ContainerStats } from './facts/stats.js';
export type { Credentials } from './image/credentials.js';
export { ensureImage, type PullOptions, type PullProgress, pullImage } from './image/pull-image.js';
