/**
 * From the exit to the release: output drained, handles closed, the exit told, in that order and each within a bound.
 */
import { EMPTY } from 'rxjs';
import { drainedWithin } from '../../operators/drained-within.js';
import type { Logger } from '../log.js';
import { type IoError, noIoErrors } from '../stdio/io-error.js';
import type { RunningRelay } from '../stdio/relay-port.js';
import type { Unread } from '../stdio/upstream.js';
import { brief, type ExecContext } from './exec-context.js';
import { exitEvent } from './exec-events.js';

/** What a tree that is being ended still writes is part of the output. */
export const drain = (exec: ExecContext): void => {
  const { treeEnd, latest } = exec;
  // A process that was given up has not ended, and neither has its tree.
  if (latest.exit?.forced) treeEnd?.giveUp();
  if (treeEnd === undefined) drainOutput(exec);
  else treeEnd.over$.subscribe({ complete: () => drainOutput(exec) });
};

const drainOutput = (exec: ExecContext): void => {
  const { relay, policies, scheduler, log, post } = exec;
  const drained = (truncated: boolean): void => {
    const { names, dropped } = exec.options.upstream.unread?.() ?? allRead;
    post({ type: 'drained', truncated: truncated || dropped, unread: names, ...failures(relay) });
  };
  if (relay === undefined) return drained(false);
  const bounds = { moved: () => relay.moved(), owed$: relay.owed$, scheduler, ...policies.drain };
  relay.through$.pipe(drainedWithin(bounds)).subscribe((outcome) => {
    if (outcome === 'through') return drained(false);
    log?.warn({ timeout: policies.drain.cap }, 'timed out waiting for stdio relay');
    // Closing ends the reads that are pending; cutting gives up the writes that nobody takes.
    closeProcess(exec);
    drained(cut(relay, log));
  });
};

const allRead: Unread = { names: [], dropped: false };

/** A list of its own: what fails after the drain is no part of the outcome any more. */
const failures = (relay: RunningRelay | undefined): { readonly ioErrors?: readonly IoError[] } => {
  const ioErrors = relay?.ioErrors?.() ?? noIoErrors;
  return ioErrors.length === 0 ? {} : { ioErrors: [...ioErrors] };
};

/** What cannot be cut in order has lost something, for all anybody knows. */
const cut = (relay: RunningRelay, log: Logger | undefined): boolean => {
  try {
    return relay.cut() !== false;
  } catch (err) {
    log?.warn({ err }, 'failed to cut the stdio relay');
    return true;
  }
};

export const release = (exec: ExecContext): void =>
  closeProcess(exec, () =>
    closeUpstream(exec, () => publishExit(exec, () => exec.post({ type: 'released' }))),
  );

export const retire = (exec: ExecContext): void => {
  exec.log?.debug({ status: exec.latest.exit?.status }, 'hcsExec::exitFromCreatedL');
  const close = (): void => closeUpstream(exec, () => exec.post({ type: 'released' }));
  // Without one of its own: an init whose start could not be told has had its process taken down with its container.
  if (exec.options.process === undefined) close();
  else closeProcess(exec, close);
};

const closeProcess = (exec: ExecContext, then?: () => void): void =>
  brief(
    exec,
    () => exec.process?.close() ?? EMPTY,
    exec.policies.closeTimeout,
    'failed to close the process',
    then,
  );

const closeUpstream = (exec: ExecContext, then: () => void): void =>
  brief(
    exec,
    () => exec.options.upstream.close(),
    exec.policies.closeTimeout,
    'failed to close the upstream',
    then,
  );

const publishExit = (exec: ExecContext, then: () => void): void => {
  const { options, policies, latest, isInit } = exec;
  // An init's exit is told by its task, once the container is gone.
  const event = isInit ? undefined : exitEvent(options, latest);
  if (event === undefined) return then();
  brief(exec, () => options.publish(event), policies.publishTimeout, 'failed to publish TaskExitEvent', then);
};
