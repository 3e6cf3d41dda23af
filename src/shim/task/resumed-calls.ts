/**
 * Calls that an earlier daemon had begun but not answered, and that are delivered again. Each is answered from its result,
 * finished, or, if nothing of it is left, performed anew.
 */
import { catchError, defer, EMPTY, filter, type Observable, of, switchMap, take, throwError } from 'rxjs';
import { kindOf } from '../../hcs/failures/errors.js';
import type { Exec } from '../../streams/exec/interface.js';
import {
  CreateTaskResponse,
  DeleteResponse,
  StartResponse,
  type TaskDefinition,
  timestampOf,
} from '../messages/index.js';
import type { Handlers, Metadata } from '../ttrpc/index.js';
import type { Containers } from './containers.js';
import { withStartFailure } from './start-failure.js';

type Method = keyof typeof TaskDefinition.methods;

export interface Deleted {
  readonly pid: number;
  readonly exitStatus: number;
  /** Milliseconds since the epoch. */
  readonly exitedAt?: number;
}

/** The entry of a call, written before the call acts. */
export interface JournalledCall {
  readonly method: Method;
  readonly id: string;
  readonly execId: string;
  /** The object that the call creates existed before the call. */
  readonly existed: boolean;
  /** The answer of a deletion, present once the object is gone. */
  readonly answer?: Deleted;
}

export interface TaskJournal {
  /** Returns what an earlier daemon has noted of the very same call; `undefined` for a new one, which is noted. */
  begin(metadata: Metadata, call: JournalledCall): JournalledCall | undefined;
}

/** The methods that change nothing, or the same however often they are performed. */
const repeatable: ReadonlySet<string> = new Set<Method>([
  'wait',
  'state',
  'pids',
  'stats',
  'connect',
  'shutdown',
  'closeIO',
  'resizePty',
  'update',
  'checkpoint',
]);

interface Named {
  readonly id: string;
  readonly execId?: string;
}

type TaskMethod = (request: Named, context: { readonly metadata: Metadata }) => Observable<unknown>;

/** The same methods, of which each call is noted before it acts. */
export const journalled = (
  methods: Handlers<typeof TaskDefinition>,
  journal: TaskJournal,
  containers: Containers,
): Handlers<typeof TaskDefinition> => {
  const noted = ([name, handler]: [string, unknown]): [string, unknown] => {
    if (repeatable.has(name)) return [name, handler];
    const perform: TaskMethod = (request, context) =>
      defer(() => {
        const { id, execId = '' } = request;
        const method = name as Method;
        const call = { method, id, execId, existed: exists(containers, id, execId) };
        const work = defer(() => (handler as TaskMethod)(request, context));
        const begun = journal.begin(context.metadata, call);
        return begun === undefined ? work : resumed(begun, work, containers);
      });
    return [name, perform];
  };
  return Object.fromEntries(Object.entries(methods).map(noted)) as unknown as Handlers<typeof TaskDefinition>;
};

const execOf = (containers: Containers, id: string, execId: string): Exec | undefined => {
  const task = containers.find(id)?.task;
  return execId === '' ? task?.init : task?.execs.find((exec) => exec.id === execId);
};

const exists = (containers: Containers, id: string, execId: string): boolean =>
  execOf(containers, id, execId) !== undefined;

const resumed = (
  { method, id, execId, existed, answer }: JournalledCall,
  work: Observable<unknown>,
  containers: Containers,
): Observable<unknown> => {
  const exec = execOf(containers, id, execId);
  switch (method) {
    case 'create':
      return existed || exec === undefined ? work : of(CreateTaskResponse.create({ pid: exec.pid }));
    case 'exec':
      return existed || exec === undefined ? work : EMPTY;
    case 'start':
      return exec === undefined ? work : started(exec, work);
    case 'kill':
      // It may have been this very signal that has ended it.
      return work.pipe(
        catchError((error) => (kindOf(error) === 'notFound' ? EMPTY : throwError(() => error))),
      );
    case 'delete':
      return exec === undefined && answer !== undefined ? of(responseOf(answer)) : work;
    case 'pause':
      return containers.find(id)?.pausing === 'paused' ? EMPTY : work;
    case 'resume':
      return containers.find(id)?.pausing === 'no' ? EMPTY : work;
    default:
      return work;
  }
};

const responseOf = ({ pid, exitStatus, exitedAt }: Deleted): DeleteResponse =>
  DeleteResponse.create({
    pid,
    exitStatus,
    exitedAt: timestampOf(exitedAt === undefined ? undefined : new Date(exitedAt)),
  });

/** Waits for a start in flight; begins one that had not begun. */
const started = (exec: Exec, work: Observable<unknown>): Observable<unknown> =>
  exec.state$.pipe(
    filter(({ phase }) => phase !== 'starting' && phase !== 'announcing'),
    take(1),
    switchMap(({ phase, exit, announced }) => {
      if (phase === 'created') return work;
      if (exit?.kind === 'startFailed') return throwError(() => exit.error).pipe(withStartFailure());
      return announced ? of(StartResponse.create({ pid: exec.pid })) : work;
    }),
  );
