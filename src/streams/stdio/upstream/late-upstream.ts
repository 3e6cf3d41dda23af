/**
 * An upstream that is opened when its exec is started, not when that is made.
 *
 * A client that makes named pipes for an exec takes their opening for its start: containerd's clients begin to send input
 * then, and can end it only from then on.
 */
import { defer, EMPTY, ignoreElements, type Observable, tap } from 'rxjs';
import type { Act } from '../../../hcs/contract/compute-process.js';
import type { UpstreamIo } from '../upstream.js';
import { act, pathOf } from './open-streams.js';
import { planOf } from './plan.js';
import type { UpstreamRequest } from './stdio-request.js';

/** @throws RxshimError for a request that can never be opened. */
export const lateUpstream = (request: UpstreamRequest, opening: () => Observable<UpstreamIo>): UpstreamIo => {
  planOf(request);
  let opened: UpstreamIo | undefined;
  let inputEnded = false;
  let closed = false;

  const open = (): Act =>
    defer(() => (closed ? EMPTY : opening())).pipe(
      tap((upstream) => {
        opened = upstream;
        late.stdin = upstream.stdin;
        late.stdout = upstream.stdout;
        late.stderr = upstream.stderr;
        if (upstream.closeWaits) late.closeWaits = true;
        // The requests that came in the meantime.
        if (closed) upstream.close().subscribe();
        else if (inputEnded) upstream.closeStdin().subscribe();
      }),
      ignoreElements(),
    );

  const late: { -readonly [P in keyof UpstreamIo]: UpstreamIo[P] } = {
    open,
    stdin: undefined,
    stdout: undefined,
    stderr: undefined,
    stdinPath: pathOf(request.stdin),
    stdoutPath: pathOf(request.stdout),
    stderrPath: pathOf(request.stderr),
    terminal: request.terminal === true,
    handedOver: (descriptors) => opened?.handedOver?.(descriptors),
    closeStdin: () => {
      inputEnded = true;
      return opened?.closeStdin() ?? act(() => undefined);
    },
    close: () => {
      closed = true;
      return opened?.close() ?? EMPTY;
    },
  };
  return late;
};
