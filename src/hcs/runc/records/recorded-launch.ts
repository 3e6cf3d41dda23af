/**
 * The part of a launch that differs if the process is recorded: where its output goes, where the runtime writes its pid,
 * and what is recorded when it has started and ended.
 */
import type { Observable } from 'rxjs';
import type { Descriptors } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import type { StreamKeeper } from '../../native/pipe/kept-streams.js';
import type { PipeOwner } from '../../native/pipe/pipe-streams.js';
import type { Launched } from '../../native/process/launched.js';
import { connectionFor } from '../launch/connection.js';
import type { LaunchRequest } from '../launch/launch.js';
import type { ProcessRecords } from './process-records.js';
import { type RecordedConnection, recordedConnection } from './recorded-streams.js';

interface RecordedLaunch extends Pick<LaunchRequest, 'connect' | 'pidFile'> {
  /** @param over$ emits when nothing can write to the outputs any more. */
  started(launched: Launched, over$: Observable<unknown>): void;
}

interface Request {
  readonly parameters: ProcessParameters;
  readonly descriptors: Descriptors;
  readonly terminal: boolean;
  readonly owner: PipeOwner | undefined;
  /** Keeps the streams of a process without records. */
  readonly keeper: StreamKeeper | undefined;
}

export const recordedLaunch = (records: ProcessRecords | undefined, request: Request): RecordedLaunch => {
  const { parameters, descriptors, terminal, owner, keeper } = request;
  let connection: RecordedConnection | undefined;
  return {
    connect:
      records === undefined || terminal
        ? connectionFor(parameters, descriptors, { terminal, owner, keeper })
        : () => {
            connection = recordedConnection(records, parameters, descriptors, owner);
            return connection;
          },
    pidFile: records?.pidFile,
    started: ({ pid, exit$ }, over$) => {
      records?.started(pid);
      exit$.subscribe((exit) => records?.exited(exit));
      over$.subscribe(() => connection?.ended());
    },
  };
};
