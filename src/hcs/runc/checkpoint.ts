/**
 * Writes the state of a running container to disk, by the runtime and criu.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { catchError, defer, type Observable } from 'rxjs';
import { messageOf, RxshimError } from '../failures/errors.js';
import type { Runtime } from './command/runtime.js';
import { order } from './command/runtime-commands.js';
import { pathOf } from './options.js';

export interface CheckpointOptions {
  /** The directory for the image. */
  readonly imagePath: string;
  /** Where criu keeps its log and what else it needs. The runtime's own choice if absent. */
  readonly workPath?: string;
  /** Go on afterwards. Else the container ends. */
  readonly leaveRunning?: boolean;
  /** Take open TCP connections along. */
  readonly tcpEstablished?: boolean;
  readonly externalUnixSockets?: boolean;
  /** Allow for a terminal. */
  readonly shellJob?: boolean;
  readonly fileLocks?: boolean;
  /** Namespaces that are made anew rather than restored, such as `network`. */
  readonly emptyNamespaces?: readonly string[];
  /** What is done about cgroups: `soft`, `full`, `strict`, or another mode that the runtime has. */
  readonly cgroupsMode?: string;
}

/** Takes as long as the memory of the container takes to be written. */
export const checkpoint = (runtime: Runtime, id: string, options: CheckpointOptions): Observable<never> =>
  defer(() => order(runtime, id, 'checkpoint', argumentsOf(options), undefined)).pipe(
    catchError((cause) => {
      const log = options.workPath === undefined ? undefined : join(options.workPath, 'dump.log');
      if (log === undefined || !existsSync(log)) throw cause;
      throw new RxshimError('unknown', `${messageOf(cause)} (criu's log is ${log})`, { cause });
    }),
  );

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
