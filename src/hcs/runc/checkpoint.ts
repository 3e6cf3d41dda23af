/**
 * Checkpoints a running container to disk by the runtime and criu.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { catchError, defer, type Observable } from 'rxjs';
import { messageOf, RxshimError } from '../failures/errors.js';
import { requireKnown } from '../failures/refuse-unknown.js';
import type { Runtime } from './command/runtime.js';
import { runtimeCommand } from './command/runtime-commands.js';
import { pathOf } from './options.js';

/** Options of a checkpoint. */
export interface CheckpointOptions {
  /** The directory for the image. */
  readonly imagePath: string;
  /** The directory for criu's log and work files. The runtime's default if absent. */
  readonly workPath?: string;
  /** Keep the container running afterwards. Otherwise it ends. */
  readonly leaveRunning?: boolean;
  /** Include open TCP connections. */
  readonly tcpEstablished?: boolean;
  readonly externalUnixSockets?: boolean;
  /** Allow a container with a terminal. */
  readonly shellJob?: boolean;
  readonly fileLocks?: boolean;
  /** Namespaces that are created empty on restore, such as `network`. */
  readonly emptyNamespaces?: readonly string[];
  /** How cgroups are handled: `soft`, `full`, `strict`, or another mode of the runtime. */
  readonly cgroupsMode?: string;
}

/** Has no timeout: the time depends on the size of the container's memory. */
export const checkpoint = (runtime: Runtime, id: string, options: CheckpointOptions): Observable<never> =>
  defer(() => {
    requireKnown('', options, known);
    return runtimeCommand(runtime, id, 'checkpoint', argumentsOf(options), undefined);
  }).pipe(
    catchError((cause) => {
      const log = options.workPath === undefined ? undefined : join(options.workPath, 'dump.log');
      if (log === undefined || !existsSync(log)) throw cause;
      throw new RxshimError('unknown', `${messageOf(cause)} (criu's log is ${log})`, { cause });
    }),
  );

const known = [
  'imagePath',
  'workPath',
  'leaveRunning',
  'tcpEstablished',
  'externalUnixSockets',
  'shellJob',
  'fileLocks',
  'emptyNamespaces',
  'cgroupsMode',
] as const satisfies readonly (keyof CheckpointOptions)[];

const argumentsOf = ({
  imagePath,
  workPath,
  emptyNamespaces = [],
  cgroupsMode,
  ...flags
}: CheckpointOptions) => [
  '--image-path',
  pathOf('imagePath', imagePath),
  ...(workPath === undefined ? [] : ['--work-path', pathOf('workPath', workPath)]),
  ...(flags.leaveRunning ? ['--leave-running'] : []),
  ...(flags.tcpEstablished ? ['--tcp-established'] : []),
  ...(flags.externalUnixSockets ? ['--ext-unix-sk'] : []),
  ...(flags.shellJob ? ['--shell-job'] : []),
  ...(flags.fileLocks ? ['--file-locks'] : []),
  ...(cgroupsMode ? ['--manage-cgroups-mode', cgroupsMode] : []),
  ...emptyNamespaces.flatMap((namespace) => ['--empty-ns', namespace]),
];
