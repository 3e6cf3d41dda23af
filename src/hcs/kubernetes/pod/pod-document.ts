/**
 * The document of a pod whose first process is described by OCI: what the description says replaces what the options and
 * the image say.
 */
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { invalid, RxshimError } from '../../failures/errors.js';
import type { ApiPod, ContainerSpec } from '../pods/api-pod.js';
import { escaped, type PodSettings } from './options.js';

export interface DescribedPod {
  readonly document: ApiPod;
  readonly terminal: boolean;
  readonly stdin: boolean;
  /** How the output is read. */
  readonly output: 'logs' | 'attach';
  /** The process waits for a line of input before it begins, so that no output comes before somebody is attached. */
  readonly isHeld: boolean;
}

export const describePod = (settings: PodSettings, parameters: ProcessParameters): DescribedPod => {
  const { OciProcess: spec = {}, CreateStdInPipe: stdin = false, CreateStdErrPipe = false } = parameters;
  const containers = settings.spec.containers ?? [];
  const given = containers.find(({ name }) => name === settings.container) ?? {};
  const terminal = spec.terminal ?? given.tty ?? false;
  const output = settings.output ?? (stdin || terminal || CreateStdErrPipe ? 'attach' : 'logs');
  if (stdin && output === 'logs') throw invalid('output', output, 'attach, as the process has input');
  if (spec.user?.username) throw new RxshimError('notImplemented', 'user: a pod takes numbers, not names');
  const command = spec.args === undefined ? commandOf(given) : spec.args.map(escaped);
  const isHeld = output === 'attach' && command !== undefined;
  const container: ContainerSpec = {
    ...given,
    ...(command !== undefined && { command: isHeld ? [...hold, ...command] : command, args: [] }),
    ...(spec.env && { env: [...(given.env ?? []), ...spec.env.map(variable)] }),
    ...(spec.cwd && { workingDir: spec.cwd }),
    ...(spec.user && { securityContext: { ...(given['securityContext'] as object), ...userOf(spec.user) } }),
    ...(output === 'attach' && { stdin: true, stdinOnce: true }),
    ...(terminal && { tty: true }),
  };
  return {
    document: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: settings.metadata,
      spec: { ...settings.spec, containers: containers.map((each) => (each === given ? container : each)) },
    },
    terminal,
    stdin,
    output,
    isHeld,
  };
};

/** `read` takes byte after byte, so that what follows the line is left for the process. */
const hold = ['sh', '-c', 'read -r line && exec "$$@"', 'sh'];

/** Undefined for the entry point of the image, which is not known here and so cannot be held. */
const commandOf = ({ command, args = [] }: ContainerSpec): readonly string[] | undefined =>
  command === undefined || command.length === 0 ? undefined : [...command, ...args];

const variable = (pair: string): { readonly name: string; readonly value: string } => {
  const split = pair.indexOf('=');
  if (split < 1) throw invalid('env', pair, 'NAME=value');
  return { name: pair.slice(0, split), value: escaped(pair.slice(split + 1)) };
};

const userOf = ({ uid, gid }: { readonly uid?: number; readonly gid?: number }) => ({
  ...(uid !== undefined && { runAsUser: uid }),
  ...(gid !== undefined && { runAsGroup: gid }),
});
