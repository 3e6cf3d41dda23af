/**
 * Where the command runs: as a process of this host, in a container of Docker, Podman or runc, in a
 * pod of a cluster, or in an existing Windows container.
 */
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import { RxshimError } from '../../hcs/failures/errors.js';
import type { GroupWitness } from '../../hcs/native/process/group-witness.js';
import type { DaemonChoice } from '../options/daemon-choice.js';
import type { RunSettings } from '../options/run-settings.js';
import { CliError, exitCodes } from '../options/usage.js';
import { reportOf } from '../report.js';

export interface Target {
  readonly system: ComputeSystem;
  /** Whether the command is a process of this host. */
  readonly isLocal: boolean;
  /** The system's name for a signal of this host. */
  signal(name: string): string;
  /** Detects signals that the command gets together with this program. Absent if that cannot happen. */
  readonly witness?: GroupWitness | undefined;
}

/** The nearest console control event. */
const controlEvents: Readonly<Record<string, string>> = {
  SIGINT: 'CTRLC',
  SIGQUIT: 'CTRLBREAK',
  SIGHUP: 'CTRLCLOSE',
  SIGTERM: 'CTRLSHUTDOWN',
};

export const targetOf = async (
  id: string,
  { container, daemon, bundle, log, ...settings }: HostSettings & Logs,
): Promise<Target> => {
  if (daemon !== undefined)
    return { system: await inContainer(daemon), isLocal: false, signal: (name) => name };
  if (bundle !== undefined) {
    const { runc } = await import('../../hcs/runc/index.js');
    return { system: runc({ id, bundle }), isLocal: false, signal: (name) => name };
  }
  if (container === undefined) {
    const { local } = await import('../../hcs/local/index.js');
    const foreground = isForeground(settings);
    const witness = foreground
      ? (await import('../../hcs/native/process/group-witness.js')).groupWitness()
      : undefined;
    return { system: local({ id, foreground }), isLocal: true, signal: (name) => name, witness };
  }
  const { openContainer, attach } = await import('../../hcs/windows/index.js');
  return {
    system: attach(openContainer(container, log ? { log } : {})),
    isLocal: false,
    signal: (name) => controlEvents[name] ?? name,
  };
};

const inContainer = async ({ by, image, container, options }: DaemonChoice): Promise<ComputeSystem> => {
  if (by === 'kubernetes') {
    const { kubernetes, kubernetesExec } = await import('../../hcs/kubernetes/index.js');
    const [pod = '', name] = (container ?? '').split('/');
    if (image !== undefined) return kubernetes({ ...options, image });
    return kubernetesExec({ ...options, pod, ...(name !== undefined && { container: name }) });
  }
  const engines = await import('../../hcs/docker/index.js');
  if (container !== undefined)
    return (by === 'docker' ? engines.dockerExec : engines.podmanExec)({ container });
  try {
    return engines[by]({ ...options, image: image as string });
  } catch (error) {
    const isOption = error instanceof RxshimError && (error.field ?? '') in options;
    throw isOption
      ? new CliError(`--docker-option: ${reportOf(error).message}`, exitCodes.usage, error)
      : error;
  }
};

export type HostSettings = Pick<RunSettings, 'container' | 'daemon' | 'bundle' | 'terminal' | 'stopSignal'>;

/**
 * A command that shares the terminal shares its keys, and stops, continues and reads as if it had been started without
 * this program. With another stop signal it must get only that one.
 */
const isForeground = ({ terminal, stopSignal }: Pick<HostSettings, 'terminal' | 'stopSignal'>): boolean =>
  process.platform === 'linux' && !terminal && stopSignal === undefined;

interface Logs {
  readonly log?: { warn(fields: object, message: string): void } | undefined;
}
