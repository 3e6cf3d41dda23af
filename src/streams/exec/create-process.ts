/**
 * From an exec's description to a process: parameters, and the descriptors that are handed over rather than copied.
 */
import type { Observable } from 'rxjs';
import type { ComputeProcess } from '../../hcs/compute-process.js';
import type { Descriptors } from '../../hcs/compute-system.js';
import { processParameters } from '../../hcs/process-parameters.js';
import type { UpstreamIo } from '../stdio/upstream.js';
import type { ExecOptions } from './exec-options.js';

export const createProcess = (
  { system, spec, upstream }: ExecOptions,
  isInit: boolean,
): Observable<ComputeProcess> => {
  // A terminal stands between process and caller, so nothing can be handed over past it.
  const descriptors = system.takesDescriptors && !upstream.terminal ? descriptorsOf(upstream) : {};
  const copied = (name: keyof Descriptors): boolean =>
    upstream[name] !== undefined && descriptors[name] === undefined;
  const parameters = processParameters({
    system,
    spec: isInit && system.initInDocument ? undefined : spec,
    streams: { stdin: copied('stdin'), stdout: copied('stdout'), stderr: copied('stderr') },
  });
  return system.createProcess(parameters, descriptors);
};

const descriptorsOf = ({ stdin, stdout, stderr }: UpstreamIo): Descriptors => ({
  ...(stdin?.fd === undefined ? {} : { stdin: stdin.fd }),
  ...(stdout?.fd === undefined ? {} : { stdout: stdout.fd }),
  ...(stderr?.fd === undefined ? {} : { stderr: stderr.fd }),
});
