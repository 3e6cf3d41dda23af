/**
 * Where the command runs: as a process of this host, or in a Windows container that exists.
 */
import type { ComputeSystem } from '../../hcs/compute-system.js';
import type { RunSettings } from '../options/run-settings.js';

export interface Target {
  readonly system: ComputeSystem;
  /** The name that the system has for a signal of this host. */
  signal(name: string): string;
}

/** What comes nearest among the control events of a console. */
const controlEvents: Readonly<Record<string, string>> = {
  SIGINT: 'CTRLC',
  SIGQUIT: 'CTRLBREAK',
  SIGHUP: 'CTRLCLOSE',
  SIGTERM: 'CTRLSHUTDOWN',
};

export const targetOf = async (
  id: string,
  { container, log }: Pick<RunSettings, 'container'> & Logs,
): Promise<Target> => {
  if (container === undefined) {
    const { local } = await import('../../hcs/local/index.js');
    return { system: local({ id }), signal: (name) => name };
  }
  const { openContainer, visit } = await import('../../hcs/windows/index.js');
  return {
    system: visit(openContainer(container, log ? { log } : {})),
    signal: (name) => controlEvents[name] ?? name,
  };
};

interface Logs {
  readonly log?: { warn(fields: object, message: string): void } | undefined;
}
