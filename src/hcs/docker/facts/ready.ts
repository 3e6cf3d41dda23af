/** When a container can be used: it is healthy, has written a line, or takes connections at a published port. */
import {
  defer,
  exhaustMap,
  filter,
  map,
  merge,
  mergeMap,
  type Observable,
  race,
  take,
  throwError,
  timer,
} from 'rxjs';
import { invalid, RxshimError } from '../../failures/errors.js';
import type { Container } from '../container/container.js';
import { takesConnections } from './connects.js';
import { containerHealth } from './health.js';
import { containerLogs } from './logs.js';
import { publishedPort } from './ports.js';

/**
 * - `healthy`: its own health check says so.
 * - `line`: it has written a line that contains the text or matches.
 * - `port`: a published port of it takes connections.
 */
export type ReadyCondition =
  | { readonly healthy: true }
  | { readonly line: string | RegExp }
  | { readonly port: number | string };

/** Milliseconds between two tries to connect. */
const interval = 100;

/** Emits once; errors with `unavailable` after the time, and with `failedPrecondition` where the container ends before. */
export const whenReady = (
  container: Container,
  condition: ReadyCondition,
  within: number,
): Observable<void> =>
  defer(() => {
    const [what, ready$] = watch(container, condition);
    const name = `container ${container.name}`;
    const ended$ = container.exit$.pipe(
      mergeMap(() =>
        throwError(() => new RxshimError('failedPrecondition', `${name} has ended before ${what}`)),
      ),
    );
    const late$ = timer(within).pipe(
      mergeMap(() =>
        throwError(() => new RxshimError('unavailable', `${name}: not within ${within} ms: ${what}`)),
      ),
    );
    return merge(race(ready$, ended$), late$).pipe(
      take(1),
      map(() => undefined),
    );
  });

const watch = (
  container: Container,
  condition: ReadyCondition,
): readonly [what: string, Observable<unknown>] => {
  if (typeof condition === 'object' && condition !== null) {
    if ('line' in condition) {
      const { line } = condition;
      // A pattern with the flag g or y would go on where it was.
      const pattern =
        typeof line === 'string' ? line : new RegExp(line.source, line.flags.replace(/[gy]/g, ''));
      const matches = (text: string): boolean =>
        typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
      return [
        `it wrote a line with ${line}`,
        containerLogs(container).pipe(filter(({ text }) => matches(text))),
      ];
    }
    if ('port' in condition) {
      const { port } = condition;
      const connected$ = publishedPort(container, port).pipe(
        mergeMap((published) => takesConnections(container, port, published)),
        filter((yes) => yes),
      );
      return [`port ${port} took connections`, timer(0, interval).pipe(exhaustMap(() => connected$))];
    }
    if ('healthy' in condition)
      return [
        'it was healthy',
        containerHealth(container).pipe(
          map((health) => {
            if (health === 'none')
              throw new RxshimError('failedPrecondition', `container ${container.name} has no health check`);
            return health;
          }),
          filter((health) => health === 'healthy'),
        ),
      ];
  }
  throw invalid('condition', condition, '{ healthy: true }, { line } or { port }');
};
