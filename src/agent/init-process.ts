/**
 * The init of a container: what it is comes from the container's document, which streams it has from the host.
 */
import { type Observable, of } from 'rxjs';
import type { ComputeProcess } from '../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../hcs/contract/compute-system.js';
import type { ProcessParameters } from '../hcs/contract/process-parameters.js';
import type { ProcessSpec } from '../hcs/contract/process-spec.js';
import type { ContainerConfig } from '../hcs/guest/protocol/messages.js';
import type { Pipes } from './launch.js';

interface Init {
  readonly terminal: boolean;
  readonly parameters: ProcessParameters;
}

export const initOf = (system: ComputeSystem, { OciSpecification }: ContainerConfig, pipes: Pipes): Init => {
  const process = OciSpecification['process'] as ProcessSpec;
  const parameters = { ...(system.initInDocument ? {} : { OciProcess: process }), ...pipes };
  return { terminal: process.terminal === true, parameters };
};

/** Emits the init of a system that makes it before it is started, with all streams it may have; else `undefined`. */
export const createdInit = (
  system: ComputeSystem,
  config: ContainerConfig,
): Observable<ComputeProcess | undefined> => {
  if (system.create === undefined) return of(undefined);
  const { terminal } = initOf(system, config, {});
  const pipes = {
    CreateStdInPipe: true,
    CreateStdOutPipe: true,
    ...(!terminal && { CreateStdErrPipe: true }),
  };
  return system.create(initOf(system, config, pipes).parameters);
};
