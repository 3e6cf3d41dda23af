/**
 * The facts about a task while it lives, as values with a time. The timeline, the events file and the demo's table are
 * all made from them.
 */
import { concatMap, defer, from, map, merge, mergeMap, type Observable } from 'rxjs';
import type { Exec, ExecExit, ExecState, Task, TaskEvent } from '../../index.js';

/** `at` is in milliseconds since the start of the program's clock. */
export type Fact = { readonly at: number } & (
  | { readonly kind: 'state'; readonly exec: string; readonly state: ExecState }
  | { readonly kind: 'exit'; readonly exec: string; readonly exit: ExecExit }
  | { readonly kind: 'drained'; readonly exec: string; readonly truncated: boolean }
  | { readonly kind: 'released'; readonly exec: string }
  | ({ readonly kind: 'asked' } & Asked)
  /** An event as containerd gets it. */
  | { readonly kind: 'event'; readonly event: TaskEvent }
);

/** A command of this program to an exec, with its reason. */
export interface Asked {
  readonly exec: string;
  readonly to: 'stop' | 'resize';
  readonly what: string;
}

/** In milliseconds since the beginning. */
export type Clock = () => number;

/** All facts about a task, until it is deleted. */
export const factsOf = (task: Task, asked$: Observable<Asked>, clock: Clock): Observable<Fact> =>
  merge(
    task.execs$.pipe(mergeMap((exec) => factsOfExec(exec, clock))),
    task.events$.pipe(map((event): Fact => ({ at: clock(), kind: 'event', event }))),
    asked$.pipe(map((asked): Fact => ({ at: clock(), kind: 'asked', ...asked }))),
  );

/** Each state, directly followed by the milestones reached with it. */
const factsOfExec = ({ id: exec, state$ }: Exec, clock: Clock): Observable<Fact> =>
  defer(() => {
    let before: ExecState | undefined;
    return state$.pipe(
      concatMap((state) => {
        const at = clock();
        const facts: Fact[] = [{ at, kind: 'state', exec, state }];
        if (state.exit !== before?.exit && state.exit)
          facts.push({ at, kind: 'exit', exec, exit: state.exit });
        if (state.phase === 'releasing') {
          facts.push({ at, kind: 'drained', exec, truncated: state.truncated });
        }
        if (state.phase === 'released') facts.push({ at, kind: 'released', exec });
        before = state;
        return from(facts);
      }),
    );
  });
