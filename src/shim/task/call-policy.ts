/**
 * Decides what happens to a call whose caller no longer waits: the connection was lost, or the deadline passed.
 *
 * The invariant: every method that changes something runs to its end once, and a repeated call neither starts the same work
 * a second time nor finds half of it done. This is the only place that decides it; the handlers say what they do.
 */
import { defer, type Observable, tap } from 'rxjs';
import type { Enqueue } from '../../operators/serial-queue.js';
import { singleFlight } from '../../operators/single-flight.js';
import type { TaskDefinition } from '../messages/index.js';
import type { CallContext, Handlers } from '../ttrpc/index.js';

/**
 * - `dropped`: it only reads or waits. Its subscriptions end with the call.
 * - `undone`: nothing is left of the call. The handler undoes it on unsubscribe.
 * - `command`: cancelled while it waits in the queue of its exec; once begun it runs to its end, as all commands of an
 *   exec do.
 * - `serial`: one at a time for a container, in the order of arrival; cancelled while it waits, and runs to its end
 *   once begun.
 * - `joined`: it runs to its end, and a repeated call joins it and gets its answer.
 */
type CallPolicy = 'dropped' | 'undone' | 'command' | 'serial' | 'joined';

type Method = keyof typeof TaskDefinition.methods;

/**
 * containerd's own shim passes the caller's context to runc, which is killed with it, and keeps the other calls of the
 * container waiting. So it undoes Create, may leave Start, Update and Checkpoint half done, and finishes Delete.
 */
const policies: Readonly<Record<Method, CallPolicy>> = {
  // If containerd gets no answer, it deletes the container, by the shim and then by the shim's executable.
  create: 'undone',
  start: 'command',
  exec: 'command',
  kill: 'command',
  closeIO: 'command',
  resizePty: 'command',
  // A pause that waits for a resume in flight succeeds, as with containerd's own shim.
  pause: 'serial',
  resume: 'serial',
  update: 'serial',
  checkpoint: 'serial',
  delete: 'joined',
  wait: 'dropped',
  state: 'dropped',
  pids: 'dropped',
  stats: 'dropped',
  connect: 'dropped',
  shutdown: 'dropped',
};

/** The fields of every request that matter here. */
interface Named {
  readonly id: string;
  readonly execId?: string;
}

type TaskMethod = (request: Named, context: CallContext) => Observable<unknown>;

export interface CallPorts {
  /** The queue of a container for what must not happen to it at the same time; absent where there is no such container. */
  readonly queueOf: (id: string) => Enqueue | undefined;
}

/** The same methods, each under its policy. Their handlers are Observables: cold, and one run for each subscription. */
export const underPolicies = (
  methods: Handlers<typeof TaskDefinition>,
  { queueOf }: CallPorts,
): Handlers<typeof TaskDefinition> => {
  const joined = new Map<string, Observable<unknown>>();

  const join = (key: string, work: Observable<unknown>): Observable<unknown> => {
    const over = (): void => void joined.delete(key);
    const run = joined.get(key) ?? singleFlight(work.pipe(tap({ error: over, complete: over })));
    joined.set(key, run);
    return run;
  };

  const apply = (name: Method, request: Named, work: Observable<unknown>): Observable<unknown> => {
    switch (policies[name]) {
      case 'joined':
        return join(`${name} ${request.id} ${request.execId ?? ''}`, work);
      case 'serial':
        return queueOf(request.id)?.(work) ?? work;
      default:
        return work;
    }
  };

  const guarded = ([name, handler]: [string, unknown]): [string, TaskMethod] => [
    name,
    (request, context) => {
      const work = defer(() => (handler as TaskMethod)(request, context));
      return defer(() => apply(name as Method, request, work));
    },
  ];
  return Object.fromEntries(Object.entries(methods).map(guarded)) as unknown as Handlers<
    typeof TaskDefinition
  >;
};
