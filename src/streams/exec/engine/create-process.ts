/**
 * Creates the process of an exec from its description, and passes it the descriptors that need no copying.
 */
import { EMPTY, type Observable, tap } from 'rxjs';
import type { ComputeProcess } from '../../../hcs/contract/compute-process.js';
import type { ComputeSystem, Descriptors, ProcessIdentity } from '../../../hcs/contract/compute-system.js';
import { type ProcessParameters, processParameters } from '../../../hcs/contract/process-parameters.js';
import type { ProcessSpec } from '../../../hcs/contract/process-spec.js';
import type { UpstreamIo } from '../../stdio/upstream.js';

/** The input for creating a process. */
export interface Description {
  readonly system: ComputeSystem;
  readonly spec?: ProcessSpec;
  readonly upstream: UpstreamIo;
}

export const createProcess = (
  from: Description & ProcessIdentity,
  isInit: boolean,
): Observable<ComputeProcess> =>
  made(from, isInit, (system, parameters, descriptors) =>
    isInit || !(system.namesProcesses ?? system.adopt !== undefined)
      ? system.createProcess(parameters, descriptors)
      : system.createProcess(parameters, descriptors, { id: from.id }),
  );

/** The init of a system that makes it before it is started. */
export const createInit = (from: Description): Observable<ComputeProcess> =>
  made(from, true, (system, ...request) => system.create?.(...request) ?? EMPTY);

type Make = (
  system: ComputeSystem,
  parameters: ProcessParameters,
  descriptors: Descriptors,
) => Observable<ComputeProcess>;

const made = (from: Description, isInit: boolean, make: Make): Observable<ComputeProcess> => {
  const { system, upstream } = from;
  const [parameters, descriptors] = requestOf(from, isInit);
  const process$ = make(system, parameters, descriptors);
  // Every operator costs time: only an exec that has passed a descriptor gets this one.
  if (Object.keys(descriptors).length === 0) return process$;
  return process$.pipe(tap(() => upstream.handedOver?.(descriptors)));
};

/** Asks the system for an init, or for a further process. */
const requestOf = (
  { system, spec, upstream }: Description,
  isInit: boolean,
): readonly [ProcessParameters, Descriptors] => {
  const takes = system.takesDescriptors === true;
  // A terminal stands between process and caller, so no descriptor can be passed.
  const descriptors: Descriptors = {
    ...(takes && !upstream.terminal ? descriptorsOf(upstream) : {}),
    ...(sharesOutput(system, upstream, takes) && { stderr: 'stdout' }),
  };
  const copied = (name: keyof Descriptors): boolean =>
    upstream[name] !== undefined && descriptors[name] === undefined;
  const parameters = processParameters({
    system,
    spec: isInit ? initSpec(system, spec, upstream) : spec,
    streams: { stdin: copied('stdin'), stdout: copied('stdout'), stderr: copied('stderr') },
  });
  return [parameters, descriptors];
};

/** The description of an init, unless its container's own document has one. */
const initSpec = (
  { initInDocument }: ComputeSystem,
  spec: ProcessSpec | undefined,
  { terminal }: UpstreamIo,
): ProcessSpec | undefined => {
  if (initInDocument === true) return undefined;
  // The document's own process, with a terminal.
  return spec ?? (initInDocument === 'unlessDescribed' && terminal ? { terminal } : undefined);
};

/** Stdout and stderr share one pipe if they have the same sink, unless they are passed as descriptors. */
const sharesOutput = (
  system: ComputeSystem,
  { stdout, stderr, terminal }: UpstreamIo,
  takes: boolean,
): boolean =>
  stdout !== undefined &&
  stdout === stderr &&
  system.takesDescriptors !== false &&
  !terminal &&
  !(takes && stdout.fd !== undefined);

const descriptorsOf = ({ stdin, stdout, stderr }: UpstreamIo): Descriptors => ({
  ...(stdin?.fd === undefined ? {} : { stdin: stdin.fd }),
  ...(stdout?.fd === undefined ? {} : { stdout: stdout.fd }),
  ...(stderr?.fd === undefined ? {} : { stderr: stderr.fd }),
});
