/** What the parts of one task share. Only the task itself makes one; nothing of it is public. */
import type { Observable, SchedulerLike, Subject, Subscription } from 'rxjs';
import type { EventSink } from '../event-outbox.js';
import type { Exec, ExecOutcome } from '../exec/interface.js';
import type { ExecPorts } from '../exec/options.js';
import type { Policies } from '../policies.js';
import type { UpstreamIo } from '../stdio/upstream.js';
import type { Container } from './container.js';
import { noSuchExec } from './task-errors.js';
import type { TaskOptions } from './task-interface.js';

export interface TaskContext {
  readonly options: TaskOptions;
  readonly container: Container;
  /** What all execs of the task are made with. */
  readonly ports: ExecPorts;
  readonly policies: Policies;
  readonly scheduler: SchedulerLike;
  readonly events: EventSink;
  readonly init: Exec;
  /** That of the init. */
  readonly upstream: UpstreamIo;
  /** The execs beside the init. A claimed id has no exec yet: its stdio is being opened. */
  readonly execs: Map<string, Exec | undefined>;
  readonly added$: Subject<Exec>;
  /** Init released, container gone, its exit told. */
  readonly closed$: Observable<ExecOutcome>;
  /** The create event is out, and its user has the task. */
  told: boolean;
  /** Completes as soon as it is decided whether that is so. */
  readonly decided$: Subject<never>;
  /** The delete of the whole was told: it can be told once. */
  deleted: boolean;
  /** Timers of the task; over when it is closed. */
  readonly life: Subscription;
}

export const execsOf = ({ execs }: TaskContext): Exec[] =>
  [...execs.values()].filter((exec) => exec !== undefined);

/** An exec by id; the init for an empty one. The init's own id is not the id of an exec. */
export const lookUp = ({ options, init, execs }: TaskContext, execId: string): Exec => {
  const exec = execId === '' ? init : execs.get(execId);
  if (exec === undefined) throw noSuchExec(options.id, execId);
  return exec;
};
