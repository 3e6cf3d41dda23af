/**
 * From an exec's description to a process: parameters, and the descriptors that are handed over rather than copied.
 */
import type { Observable } from 'rxjs';
import type { ComputeProcess } from '../../hcs/compute-process.js';
import type { ComputeSystem, Descriptors } from '../../hcs/compute-system.js';
import { type ProcessParameters, processParameters } from '../../hcs/process-parameters.js';
import type { ProcessSpec } from '../../hcs/process-spec.js';
import type { UpstreamIo } from '../stdio/upstream.js';

/** What a process is made from. */
export interface Description {
  readonly system: ComputeSystem;
  readonly spec?: ProcessSpec;
  readonly upstream: UpstreamIo;
}

export const createProcess = (from: Description, isInit: boolean): Observable<ComputeProcess> =>
  from.system.createProcess(...requestOf(from, isInit));

/** What a system is asked for: an init, or another process beside it. */
export const requestOf = (
  { system, spec, upstream }: Description,
  isInit: boolean,
): readonly [ProcessParameters, Descriptors] => {
  const takes = system.takesDescriptors === true || (isInit && system.takesDescriptors === 'init');
  // A terminal stands between process and caller, so nothing can be handed over past it.
  const descriptors = takes && !upstream.terminal ? descriptorsOf(upstream) : {};
  const copied = (name: keyof Descriptors): boolean =>
    upstream[name] !== undefined && descriptors[name] === undefined;
  const parameters = processParameters({
    system,
    spec: isInit && system.initInDocument ? undefined : spec,
    streams: { stdin: copied('stdin'), stdout: copied('stdout'), stderr: copied('stderr') },
  });
  return [parameters, descriptors];
};

const descriptorsOf = ({ stdin, stdout, stderr }: UpstreamIo): Descriptors => ({
  ...(stdin?.fd === undefined ? {} : { stdin: stdin.fd }),
  ...(stdout?.fd === undefined ? {} : { stdout: stdout.fd }),
  ...(stderr?.fd === undefined ? {} : { stderr: stderr.fd }),
});
