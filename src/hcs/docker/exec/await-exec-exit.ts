/**
 * The exit of an exec: the daemon is asked for it once the stream has ended. The end of the stream alone is no exit.
 *
 * If the stream has ended and the exec still runs, the connection was lost: the daemon is asked again until the exec has ended,
 * or is forgotten. A stalled reader delays the end of the stream, but not the exit: the daemon is asked then as well.
 */
import { firstValueFrom } from 'rxjs';
import type { ProcessExit } from '../../contract/compute-process.js';
import { unknownExit } from '../../contract/exit-code.js';
import { messageOf, RxshimError } from '../../failures/errors.js';
import { backoff, pause } from '../../remote/pause.js';
import { statusIn } from '../api/api-error.js';
import type { Container, ExitWatch } from '../container/container.js';
import { exitWith } from '../container/state.js';
import { inspectExec } from './exec-api.js';
import { exitCodeOfExec } from './exit-of-exec.js';
import { readRecord } from './recorded-exec.js';
import type { StartedExec } from './started-exec.js';

export const awaitExecExit = (exec: StartedExec, sent: ReadonlySet<number>): ExitWatch => {
  const { container, id, output, streamEnd, record } = exec;
  let settled = false;
  let looking = false;
  let settle = (_: ProcessExit): void => undefined;
  const exit = new Promise<ProcessExit>((resolve) => {
    settle = (found) => {
      settled = true;
      if (record !== undefined && found.kind !== 'unknown') container.settledRecords.push(record.nonce);
      // Output written before the exit is still on its way; daemons end the stream soon after the process.
      output.writersGone();
      resolve(found);
    };
  });

  /** The answer of the daemon that is known already. */
  let known = exec.ended;
  /** The exit according to one answer; `undefined`: the exec runs. */
  const ask = async (ended: boolean): Promise<ProcessExit | undefined> => {
    const details = known ?? (await inspectExec(container, id));
    known = undefined;
    const code = exitCodeOfExec(details, { started: true, ended });
    return code === undefined ? undefined : exitWith(code, sent);
  };

  /** Asks while the stream has not ended. A failure is ignored: the daemon is asked again at the end of the stream. */
  const look = async (): Promise<void> => {
    if (looking || settled) return;
    looking = true;
    const next = backoff(50, 1_000);
    while (!settled) {
      await pause(next());
      const found = await ask(false).catch(() => undefined);
      if (found !== undefined && !settled) settle(found);
    }
  };

  const atEnd = async (): Promise<void> => {
    const { error } = await streamEnd;
    record?.flush?.();
    const found = await untilEnded(exec, ask, sent, exec.wasCut || error !== undefined);
    // A stream that ended while the process ran was cut: what came afterwards is lost, as an exec has but one stream.
    output.finish(error ?? (found.wasCut ? cut(found.why) : undefined));
    if (!settled) settle(found.exit);
  };

  void atEnd();
  void record?.ended?.then((code) => {
    if (!settled) settle(exitWith(code, sent));
  });
  output.onStall(() => void look());
  const watch: ExitWatch = { exit, look: () => void look() };
  container.execExits.add(watch);
  void exit.then(() => container.execExits.delete(watch));
  return watch;
};

interface Found {
  readonly exit: ProcessExit;
  readonly wasCut: boolean;
  readonly why: unknown;
}

const untilEnded = async (
  { container, record }: StartedExec,
  ask: (ended: boolean) => Promise<ProcessExit | undefined>,
  sent: ReadonlySet<number>,
  isCut: boolean,
): Promise<Found> => {
  const next = backoff(10, 2_000);
  let deadline = Number.POSITIVE_INFINITY;
  let wasCut = isCut;
  let why: unknown;
  /** The service was gone, and has not reported since then that the exec runs. */
  let isDoubtful = false;
  const isMadeUp = async (exit: ProcessExit | undefined): Promise<boolean> =>
    isDoubtful && exit?.kind === 'exited' && exit.code === 0 && (await isPodman(container));
  for (;;) {
    if (wasCut && record !== undefined) {
      // The daemon may have forgotten it, or report forever that it runs.
      const found = await readRecord(container, record.nonce);
      if ('code' in found) return { exit: exitWith(found.code, sent), wasCut, why };
      const exit = await ask(true).catch(() => undefined);
      const isKnown = exit !== undefined && !(await isMadeUp(exit));
      return { exit: isKnown ? exit : unknownExit(found.why), wasCut, why };
    }
    try {
      const exit = await ask(true);
      if (exit !== undefined)
        return { exit: (await isMadeUp(exit)) ? unknownExit(notNoted) : exit, wasCut, why };
      deadline = Number.POSITIVE_INFINITY;
      isDoubtful = false;
    } catch (error) {
      why = error;
      isDoubtful = true;
      wasCut = true;
      if (statusIn(error) === 404)
        return {
          exit: unknownExit('the daemon has forgotten the exec, with its container or by a restart'),
          wasCut,
          why,
        };
      deadline = Math.min(deadline, Date.now() + container.reconnectTimeout);
      if (Date.now() >= deadline)
        return { exit: unknownExit(`the daemon cannot be reached: ${messageOf(error)}`), wasCut, why };
    }
    if (container.exit$.isStopped)
      return { exit: unknownExit('its container has ended, and its exit was not reported'), wasCut, why };
    const wait = next();
    // A daemon may say for a moment that it still runs; longer than that is a stream that was cut.
    if (wait > 100) wasCut = true;
    await pause(wait);
  }
};

/** A service that was killed has noted neither that an exec was started nor how it ended; its successor reports 0. */
const notNoted =
  'the service of Podman has restarted and reports 0, which is also what it reports of an exec that it has not noted';

const isPodman = async ({ api }: Container): Promise<boolean> => (await firstValueFrom(api.daemon$)).isPodman;

const cut = (why: unknown): RxshimError =>
  new RxshimError(
    'truncated',
    `output is not all there: ${why === undefined ? 'the connection ended before the process' : messageOf(why)}`,
    { cause: why },
  );
