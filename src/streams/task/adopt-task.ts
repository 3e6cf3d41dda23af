/**
 * Adopts a task: takes over a container that an earlier process of the program, or another client, has created.
 *
 * The result is the task that `createTask` would have returned: the state of the container and of its execs is restored
 * over the processes that the system has found. An exit that happened meanwhile is published now; what was published
 * before the adoption is not published again. The invariant: an adoption that fails or is cancelled changes nothing in
 * the container.
 */
import { context } from '@opentelemetry/api';
import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  from,
  ignoreElements,
  map,
  type Observable,
  switchMap,
  take,
  throwIfEmpty,
  toArray,
} from 'rxjs';
import type { AdoptedProcess, AdoptedSystem, OutputStart } from '../../hcs/contract/adoption.js';
import type { ComputeProcess } from '../../hcs/contract/compute-process.js';
import type { OutputGap } from '../../hcs/contract/output-gap.js';
import { invalid, messageOf, RxshimError } from '../../hcs/failures/errors.js';
import { refuseUnknown } from '../../hcs/failures/refuse-unknown.js';
import type { Command, CommandOptions } from '../../operators/command.js';
import { requireId, requireObject, requirePorts } from '../arguments.js';
import { eventOutbox } from '../event-outbox.js';
import { execFrom } from '../exec/exec.js';
import type { Exec } from '../exec/interface.js';
import type { ExecOptions, ExecPorts } from '../exec/options.js';
import { execIn, runningState } from '../exec/snapshot.js';
import { type Policies, policiesOf } from '../policies.js';
import type { StdioRequest } from '../stdio/upstream/stdio-request.js';
import type { UpstreamIo } from '../stdio/upstream.js';
import { defaultTracer, tracedCommand } from '../traced-command.js';
import { initFrom } from './effects/execs.js';
import type { Task, TaskOptions } from './interface.js';
import { resume, taskLoop } from './machine.js';
import { hold, type Ports } from './ports.js';
import { agreeOnTerminal, openStdio } from './process-request.js';
import { type IdMap, noIds, setId } from './state/id-map.js';
import { initialState, type State } from './state/state.js';
import { claim, handOver, portsOf } from './task.js';

/** Options of `adoptTask`. */
export interface AdoptTaskOptions
  extends Omit<ExecPorts, 'publish'>,
    Pick<TaskOptions, 'id' | 'system' | 'bundle' | 'publish' | 'namespace'> {
  /** Where the output of each process begins. Default: `left`. */
  readonly output?: OutputStart;
  /** The stdio of the init. Default: not connected. The terminal is that of the process. */
  readonly stdio?: StdioRequest;
  /** The stdio of an exec, by its id. Default: not connected. */
  readonly execStdio?: (execId: string) => StdioRequest | undefined;
}

/**
 * Takes over a container with its execs.
 *
 * Errors with RxshimError `notImplemented` if the engine does not offer adoption, `notFound` if there is no such
 * container, `failedPrecondition` if it cannot be taken over or the system belongs to another task.
 *
 * @throws RxshimError `invalidArgument` for options of the wrong type.
 * @example
 * const task = await adoptTask({ id: 'web', system: registry.system('web'), stdio: { stdout: 'inherit' } });
 * const { kind, status } = await task.wait(); // kind is `lost` if the exit cannot be found out
 */
export const adoptTask = (given: AdoptTaskOptions, commandOptions?: CommandOptions): Command<Task> => {
  const parent = given?.context ?? context.active();
  const adopted$ = defer(() => {
    requireOptions(given);
    const options = { context: parent, ...given };
    const { system, output } = options;
    if (system.adopt === undefined) throw cannotAdopt(options);
    claim(options, 'adopt');
    return system.adopt({ ...(output && { output }) }).pipe(
      take(1),
      throwIfEmpty(noAnswer),
      switchMap((adopted) => taskOf(options, adopted)),
    );
  });
  return tracedCommand(
    {
      tracer: given?.tracer ?? defaultTracer,
      name: 'Adopt',
      attributes: () => ({ tid: given.id, bundle: given.bundle ?? '' }),
    },
    adopted$,
    commandOptions,
  );
};

const noAnswer = (): RxshimError =>
  new RxshimError('unknown', 'the system adopted nothing and gave no error');

const cannotAdopt = ({ id, system }: AdoptTaskOptions): RxshimError =>
  new RxshimError('notImplemented', `adopt task ${id}: the engine of system ${system.id} offers no adoption`);

const known = [
  'id',
  'system',
  'bundle',
  'publish',
  'namespace',
  'output',
  'stdio',
  'execStdio',
  'policies',
  'scheduler',
  'startRelay',
  'log',
  'tracer',
  'context',
] as const satisfies readonly (keyof AdoptTaskOptions)[];

const requireOptions = (options: AdoptTaskOptions): void => {
  requireObject('options', options);
  refuseUnknown('', options, known);
  requireId('id', options.id);
  requirePorts(options);
  const { output, stdio, execStdio } = options;
  policiesOf(options.policies);
  if (stdio !== undefined) agreeOnTerminal({ stdio });
  if (output !== undefined && !['left', 'start', 'end'].includes(output))
    throw invalid('output', output, 'left, start or end');
  if (execStdio !== undefined && typeof execStdio !== 'function')
    throw invalid('execStdio', execStdio, 'a function');
};

interface Opened {
  readonly adopted: AdoptedProcess;
  readonly upstream: UpstreamIo;
}

/** Opens the stdio of all processes, and makes the task when that has succeeded. */
const taskOf = (options: AdoptTaskOptions, adopted: AdoptedSystem): Observable<Task> => {
  const processes = [adopted.init, ...adopted.execs];
  const opened: Opened[] = [];
  let isMade = false;
  return from(processes).pipe(
    concatMap((one) =>
      openStdio(options, stdioOf(options, one)).pipe(
        map((upstream) => void opened.push({ adopted: one, upstream })),
      ),
    ),
    toArray(),
    map(() => {
      isMade = true;
      return made(options, adopted, opened as [Opened, ...Opened[]]);
    }),
    finalize(() => {
      if (isMade) return;
      // Failed or cancelled: handles are released, the container goes on.
      concat(
        ...opened.map(({ upstream }) => quietly(() => upstream.close())),
        ...processes.map(({ process }) => quietly(() => process.close())),
      ).subscribe();
    }),
  );
};

const quietly = (act: () => Observable<unknown>): Observable<never> =>
  defer(act).pipe(
    ignoreElements(),
    catchError(() => EMPTY),
  );

/** A terminal is a property of the process. */
const stdioOf = (options: AdoptTaskOptions, { id, terminal }: AdoptedProcess): StdioRequest => {
  const stdio = id === '' ? options.stdio : options.execStdio?.(id);
  return agreeOnTerminal({ spec: { terminal }, ...(stdio && { stdio }) }).stdio;
};

const made = (
  { output: _, execStdio: __, ...options }: AdoptTaskOptions,
  adopted: AdoptedSystem,
  [init, ...execs]: readonly [Opened, ...Opened[]],
): Task => {
  const bundle = options.bundle ?? adopted.bundle;
  const ports = portsOf(
    { ...options, stdio: options.stdio ?? {}, ...(bundle !== undefined && { bundle }) },
    { makeSink: eventOutbox },
  );
  const task = taskLoop(ports, adoptedState(execs));
  hold(ports, { upstream: init.upstream, process: init.adopted.process });
  // The execs first: the exit of the init is the last.
  for (const { adopted: one, upstream } of execs)
    ports.handles.execs.set(one.id, adoptedExec(ports, one, upstream));
  const initExec = initFrom(ports, (initOptions, policies) =>
    init.adopted.phase === 'created'
      ? execFrom(initOptions, policies)
      : running(initOptions, init.adopted.process, policies),
  );
  hold(ports, { init: initExec });
  resume(task);
  return handOver(task);
};

const adoptedExec = (ports: Ports, { id, process }: AdoptedProcess, upstream: UpstreamIo) => {
  const { options, execPorts, policies } = ports;
  const identity = { taskId: options.id, id, isInit: false, bundle: options.bundle ?? '' };
  return running({ ...identity, upstream, process, ...execPorts }, process, policies);
};

/** An exec whose process runs or has ended. If its output cannot be copied, all of it is a gap. */
const running = (options: ExecOptions, process: ComputeProcess, policies: Policies): Exec => {
  try {
    return execIn(runningState(process), { ...options, process }, policies);
  } catch (error) {
    const reason = `its output cannot be copied: ${messageOf(error)}`;
    const lost = (['stdout', 'stderr'] as const)
      .filter((stream) => process.stdio[stream] !== undefined)
      .map((stream): OutputGap => ({ stream, reason }));
    const unread: ComputeProcess = Object.create(process, {
      stdio: { value: {} },
      gaps: { value: [...(process.gaps ?? []), ...lost] },
    });
    return execIn(runningState(unread), { ...options, process: unread }, policies);
  }
};

const adoptedState = (execs: readonly Opened[]): State => ({
  ...initialState,
  phase: 'up',
  announcement: 'published',
  execs: execs.reduce<IdMap<'added'>>((ids, { adopted }) => setId(ids, adopted.id, 'added'), noIds),
});
