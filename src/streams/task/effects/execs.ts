/** The effects on the init and on the other execs. */
import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  take,
} from 'rxjs';
import { statusWhenKilled } from '../../../hcs/contract/exit-code.js';
import { execFrom } from '../../exec/exec.js';
import type { Exec } from '../../exec/interface.js';
import type { ExecOptions } from '../../exec/options.js';
import type { Policies } from '../../policies.js';
import { initOf, type Ports, upstreamOf } from '../ports.js';
import type { Fact } from '../state/fact.js';
import type { State } from '../state/state.js';
import { traceInitExit } from '../trace.js';
import { timedOutAt } from './container.js';

/** From here on the task has an init. */
export const watchInit = (ports: Ports): Observable<Fact> => {
  ports.handles.init ??= makeInit(ports);
  const init = initOf(ports);
  return merge(
    init.exit$.pipe(map((): Fact => ({ type: 'initExited' }))),
    init.released$.pipe(map((): Fact => ({ type: 'initReleased' }))),
  );
};

const makeInit = (ports: Ports): Exec => initFrom(ports, execFrom);

/** @param make makes the exec: a new one, or one in the state of an adopted process. */
export const initFrom = (ports: Ports, make: (options: ExecOptions, policies: Policies) => Exec): Exec => {
  const { options, execPorts, policies, handles, tracing } = ports;
  const { id, bundle = '', spec } = options;
  const { process } = handles;
  const init = make(
    {
      taskId: id,
      id,
      bundle,
      upstream: upstreamOf(ports),
      ...(spec && { spec }),
      ...(process && { process }),
      ...execPorts,
    },
    policies,
  );
  traceInitExit(tracing, id, init.released$);
  return init;
};

export const endInit = (ports: Ports): Observable<never> =>
  defer(() => initOf(ports).forceExit(1)).pipe(
    ignoreElements(),
    catchError(() => EMPTY),
  );

/** When the container is gone, each exec exits. The same fact discards the execs that were never started. */
export const awaitExecs = (ports: Ports, { deadline }: State): Observable<Fact> =>
  merge(
    concat(released(ports), of<Fact>({ type: 'execsReleased' })),
    timedOutAt(ports, deadline, 'execs have outlived their container'),
  ).pipe(take(1));

/** Each exec has its own timeouts. Their exits are published before the exit of the init. */
export const endExecs = (ports: Ports): Observable<Fact> =>
  concat(
    defer(() => {
      const left = [...ports.handles.execs.values()].filter(({ state }) => state !== 'exited');
      return merge(...left.map((exec) => exec.forceExit(statusWhenKilled)), released(ports));
    }).pipe(
      ignoreElements(),
      catchError(() => EMPTY),
    ),
    of<Fact>({ type: 'execsReleased' }),
  );

const released = ({ handles }: Ports): Observable<never> =>
  defer(() => merge(...[...handles.execs.values()].map((exec) => exec.released$))).pipe(ignoreElements());
