/**
 * `--docker`, `--podman`, `--kubernetes` and the same with `-exec`: a container of a daemon, or a pod of a cluster, that the
 * command runs in.
 */
import { kubernetesOf } from './kubernetes-choice.js';
import { badOption } from './usage.js';

/** A new container of an image, or one that exists. */
export interface DaemonChoice {
  readonly by: 'docker' | 'podman' | 'kubernetes';
  readonly image?: string;
  /** With a cluster: POD or POD/CONTAINER. */
  readonly container?: string;
  /** Options of `docker()` for a new container, such as `memory`; of a cluster: its namespace and context. */
  readonly options: Readonly<Record<string, unknown>>;
}

interface Options {
  readonly docker?: string;
  readonly podman?: string;
  readonly dockerExec?: string;
  readonly podmanExec?: string;
  readonly dockerOption?: readonly string[];
  readonly kubernetes?: string;
  readonly kubernetesExec?: string;
  readonly namespace?: string;
  readonly context?: string;
  readonly guest?: string;
  readonly container?: string;
}

/** @throws CliError for options that exclude each other. */
export const daemonOf = (given: Options): DaemonChoice | undefined => {
  const { docker, podman, dockerExec, podmanExec, dockerOption, guest, container } = given;
  const places = Object.entries({
    '--docker': docker,
    '--podman': podman,
    '--docker-exec': dockerExec,
    '--podman-exec': podmanExec,
    '--kubernetes': given.kubernetes,
    '--kubernetes-exec': given.kubernetesExec,
    '--guest': guest,
    '--container': container,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const [first, second] = places;
  if (first !== undefined && second !== undefined)
    throw badOption(second[0], second[1], `no ${first[0]} beside it`);
  const cluster = kubernetesOf(given);
  if (cluster !== undefined) {
    if (dockerOption !== undefined)
      throw badOption('--docker-option', dockerOption.join(), 'no --kubernetes beside it');
    return cluster;
  }
  const by = docker !== undefined || dockerExec !== undefined ? 'docker' : 'podman';
  const image = docker ?? podman;
  if (image !== undefined) {
    if (image === '') throw badOption(`--${by}`, image, 'the name of an image');
    return { by, image, options: Object.fromEntries((dockerOption ?? []).map(optionOf)) };
  }
  if (dockerOption !== undefined)
    throw badOption('--docker-option', dockerOption.join(), '--docker or --podman as well');
  const existing = dockerExec ?? podmanExec;
  if (existing === undefined) return undefined;
  if (existing === '') throw badOption(`--${by}-exec`, existing, 'the id or name of a container');
  return { by, container: existing, options: {} };
};

/** `memory=256m`, `network=none`, `HostConfig={"CapDrop":["ALL"]}`: JSON if it parses, otherwise text. */
const optionOf = (text: string): [name: string, value: unknown] => {
  const [, name, value] = /^([A-Za-z]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw badOption('--docker-option', text, 'NAME=VALUE, such as memory=256m');
  try {
    return [name, JSON.parse(value)];
  } catch {
    return [name, value];
  }
};
