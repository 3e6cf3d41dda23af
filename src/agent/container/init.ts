/**
 * The init of a container: the container's document describes it, and the host chooses its streams.
 */
import { type Observable, of } from 'rxjs';
import type { ComputeProcess } from '../../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import type { ProcessParameters } from '../../hcs/contract/process-parameters.js';
import type { ProcessSpec } from '../../hcs/contract/process-spec.js';
import type { ContainerConfig } from '../../hcs/guest/protocol/messages.js';
import type { Pipes } from '../process/launch.js';

interface Init {
  readonly terminal: boolean;
  readonly parameters: ProcessParameters;
}

export const initOf = (system: ComputeSystem, { OciSpecification }: ContainerConfig, pipes: Pipes): Init => {
  const process = OciSpecification['process'] as ProcessSpec;
  const parameters = { ...(system.initInDocument === true ? {} : { OciProcess: process }), ...pipes };
  return { terminal: process.terminal === true, parameters };
};

/** Emits the init, with all possible streams, if the system creates it before the start; otherwise `undefined`. */
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
