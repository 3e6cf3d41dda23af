/**
 * Takes over a container that another program, or an earlier run of this one, has created, with its execs.
 *
 * The invariant: adoption changes nothing in the container and guesses nothing: output that the daemon's log does not have is
 * a gap, and the exit of an exec that the daemon has forgotten is unknown.
 */
import { firstValueFrom } from 'rxjs';
import type { AdoptedProcess, AdoptedSystem, AdoptRequest } from '../../contract/adoption.js';
import type { OutputGap } from '../../contract/output-gap.js';
import { messageOf } from '../../failures/errors.js';
import { statusIn } from '../api/api-error.js';
import { awaitExit, type FoundExit } from '../container/await-exit.js';
import { type Container, inspect } from '../container/container.js';
import { attach, heldInit } from '../container/create-init.js';
import { followOutput } from '../container/follow-output.js';
import { initProcess } from '../container/init-process.js';
import { reportedEnd } from '../container/missed-end.js';
import { type ContainerDetails, standingOf } from '../container/state.js';
import { outputOf, type Received } from '../stdio/output.js';
import { adoptExecs } from './adopt-execs.js';

export interface Adopted extends AdoptedSystem {
  /** The error with which its start fails. */
  readonly startError: unknown;
}

export const adoptContainer = async (
  container: Container,
  { output: from = 'left' }: AdoptRequest = {},
): Promise<Adopted> => {
  container.id = container.name;
  const details = await inspect(container);
  // Its name may be given to another one.
  container.id = details.Id;
  const labels = details.Config?.Labels ?? {};
  const terminal = details.Config?.Tty === true;
  if (standingOf(details.State) === 'notStarted') {
    container.phase = 'created';
    const wanted = { stdin: details.Config?.OpenStdin === true, stdout: true, stderr: !terminal };
    const { process, startError } = await heldInit(container, wanted, terminal);
    return { init: { id: '', phase: 'created', process, terminal }, execs: [], labels, startError };
  }
  container.phase = 'running';
  const init = await runningInit(container, details, terminal, from === 'end');
  const execs = await adoptExecs(container, details);
  return { init, execs, labels, startError: undefined };
};

/** A connection for its input cannot be had a second time: its daemon has closed it with the first one. */
const runningInit = async (
  container: Container,
  details: ContainerDetails,
  terminal: boolean,
  onlyNew: boolean,
): Promise<AdoptedProcess> => {
  const standing = standingOf(details.State);
  const exit: Promise<FoundExit> =
    typeof standing === 'object'
      ? Promise.resolve({ exit: await reportedEnd(container, details, standing), intact: false })
      : awaitExit(container, Promise.resolve(undefined));
  const output = outputOf(!terminal);
  const gaps: OutputGap[] = [];
  try {
    const before = await written(container, terminal);
    void followOutput(container, output, exit, undefined, onlyNew ? before : undefined);
  } catch (error) {
    if (statusIn(error) === undefined) throw error;
    // Its log driver cannot be read: there is what comes from now on.
    const reason = `its log cannot be read: ${messageOf(error)}`;
    if (!onlyNew)
      gaps.push({ stream: 'stdout', reason }, ...(terminal ? [] : [{ stream: 'stderr' as const, reason }]));
    if (typeof standing === 'object') output.finish();
    else
      void followOutput(
        container,
        output,
        exit,
        await attach(container, { stdin: false, stdout: true, stderr: !terminal }),
      );
  }
  const wanted = { stdout: true, stderr: !terminal };
  const process = initProcess(container, { input: undefined, output, terminal }, wanted, exit);
  return {
    id: '',
    phase: 'started',
    process: Object.assign(process, { gaps }),
    terminal,
  };
};

/** How much its log has of each stream. */
const written = async (container: Container, terminal: boolean): Promise<Received> => {
  const log = await firstValueFrom(
    container.api.stream({
      method: 'GET',
      path: `/containers/${container.id}/logs`,
      query: { stdout: true, stderr: true },
      what: `read the log of container ${container.name}`,
    }),
  );
  const counted = outputOf(!terminal);
  counted.stdout.close();
  counted.stderr.close();
  await new Promise((resolve) => counted.connect({ stream: log }, resolve));
  return counted.received();
};
