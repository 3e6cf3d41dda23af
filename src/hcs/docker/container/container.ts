/** The state that the parts of one container share. Only the engine creates it; nothing of it is public. */
import { AsyncSubject, firstValueFrom, ReplaySubject, Subject } from 'rxjs';
import type { ProcessExit } from '../../contract/compute-process.js';
import type { SystemExit } from '../../contract/compute-system.js';
import { RxshimError } from '../../failures/errors.js';
import type { ApiClient } from '../api/client.js';
import type { ExecSettings } from './options.js';
import type { ContainerDetails } from './state.js';

/** How the exit of a process is learned. */
export interface ExitWatch {
  readonly exit: Promise<ProcessExit>;
  /** Looks for the exit from now on, without waiting for the end of the stream. */
  look(): void;
}

export interface Container {
  readonly api: ApiClient;
  /** The name that its user gave it, or the one made for it. */
  readonly name: string;
  readonly reconnectTimeout: number;
  /** How execs are started in it. */
  readonly execs: ExecSettings;
  /** Whether its image has what the scripts that signal a process need; absent: not looked at yet. */
  hasTools?: boolean;
  /** How long the last exec took until it was seen to run, in milliseconds. */
  execStartTime?: number;
  /** Execs whose exit is known, and whose record in the container is still to be removed. */
  readonly settledRecords: string[];
  /** The daemon's id, once it exists. */
  id: string | undefined;
  phase: 'new' | 'creating' | 'created' | 'running' | 'ended';
  /** It is to end, whatever becomes of what is in progress. */
  ending: boolean;
  /** The last time at which no daemon was listening for certain, by this host's clock. */
  downAt?: number;
  /** The signals that this program has sent to its first process. */
  readonly sent: Set<number>;
  /** The result of the last inspection. */
  details: ContainerDetails | undefined;
  readonly exit$: AsyncSubject<SystemExit>;
  /** The exits of the processes beside its first one, as long as they are not known. */
  readonly execExits: Set<ExitWatch>;
  /** The kernel killed a process of it because it was out of memory. */
  readonly oom$: Subject<void>;
  /** Whether the daemon's events are watched for it, and whether they have reported one. */
  oom: 'unwatched' | 'watched' | 'reported';
  /** The handle is closed: no more requests are sent to the daemon, and all listeners end. */
  isClosed: boolean;
  readonly closed$: ReplaySubject<void>;
}

export const newContainer = (
  api: ApiClient,
  name: string,
  reconnectTimeout: number,
  execs: ExecSettings = { requireSignals: false, recordExits: false },
): Container => ({
  api,
  name,
  reconnectTimeout,
  execs,
  settledRecords: [],
  id: undefined,
  phase: 'new',
  ending: false,
  sent: new Set(),
  details: undefined,
  exit$: new AsyncSubject(),
  execExits: new Set(),
  oom$: new Subject(),
  oom: 'unwatched',
  isClosed: false,
  closed$: new ReplaySubject(1),
});

/** The system is gone; only the first reason counts, as the subject takes no second. */
export const leave = ({ exit$, oom$ }: Container, exit: SystemExit): void => {
  oom$.complete();
  exit$.next(exit);
  exit$.complete();
};

/** @throws RxshimError `failedPrecondition` for a container that was not created yet. */
export const idOf = ({ id, name }: Container): string => {
  if (id === undefined) throw new RxshimError('failedPrecondition', `container ${name} does not exist yet`);
  return id;
};

export const inspect = async (container: Container): Promise<ContainerDetails> => {
  const details = await firstValueFrom(
    container.api.call<ContainerDetails>({
      method: 'GET',
      path: `/containers/${idOf(container)}/json`,
      what: `inspect container ${container.name}`,
      within: inspectTimeout,
    }),
  );
  if (typeof details?.State?.Status !== 'string')
    throw new RxshimError('unknown', `inspect container ${container.name}: the answer holds no state`);
  container.details = details;
  return details;
};

/** In milliseconds: a daemon that does not answer is asked again, as one that cannot be reached. */
const inspectTimeout = 30_000;
