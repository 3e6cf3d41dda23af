/** The exit is recorded: stdout and stderr are copied to their end, or cut by the drain policy. */
import { defer, EMPTY, merge, type Observable } from 'rxjs';
import type { ComputeProcess } from '../../../hcs/contract/compute-process.js';
import type { OutputGap } from '../../../hcs/contract/output-gap.js';
import { drainedWithin } from '../../../operators/drained-within.js';
import { known } from '../../../operators/known.js';
import { mergeOne } from '../../../operators/merge-one.js';
import { steps } from '../../../operators/steps.js';
import { errorData } from '../../error-data.js';
import type { Logger } from '../../log.js';
import type { RunningRelay } from '../../stdio/relay/relay-port.js';
import type { Unread } from '../../stdio/upstream.js';
import type { ExecEffect, Ports } from '../ports.js';
import type { Fact } from '../state/fact.js';
import type { RecordedIoError } from '../state/state.js';
import { closeProcess } from './release.js';

/** While the tree is being ended, its output still counts. */
export const drain: ExecEffect = (ports, { tree }) => {
  if (tree === 'awaited') return EMPTY;
  const { handles, policies, scheduler } = ports;
  const { relay } = handles;
  if (relay === undefined) return known(drained(ports, false));
  const bounds = { moved: () => relay.moved(), owed$: relay.owed$, scheduler, ...policies.drain };
  return relay.through$.pipe(
    drainedWithin(bounds),
    mergeOne((outcome) => (outcome === 'through' ? known(drained(ports, false)) : cutting(ports, relay))),
  );
};

/** Closing ends the reads that are pending; cutting cancels the writes that no reader takes. */
const cutting = (ports: Ports, relay: RunningRelay): Observable<Fact> => {
  const { policies, scheduler, log } = ports;
  log?.warn({ timeout: policies.drain.cap }, 'timed out waiting for stdio relay');
  return merge(
    steps([closeProcess(ports)], scheduler),
    defer(() => known(drained(ports, cut(relay, log)))),
  );
};

const drained = ({ options, handles }: Ports, truncated: boolean): Fact => {
  const { names, dropped } = options.upstream.unread?.() ?? allRead;
  return {
    type: 'drained',
    truncated: truncated || dropped,
    unread: names,
    ioErrors: ioErrorsOf(handles.relay),
    gaps: gapsOf(handles.process),
  };
};

const allRead: Unread = { names: [], dropped: false };

const noGaps: readonly OutputGap[] = [];

/** A copy, as with the errors. */
const gapsOf = (process: ComputeProcess | undefined): readonly OutputGap[] =>
  process?.gaps === undefined || process.gaps.length === 0 ? noGaps : process.gaps.map((gap) => ({ ...gap }));

const none: readonly RecordedIoError[] = [];

/** A copy: a failure after the drain is no longer part of the outcome. */
const ioErrorsOf = (relay: RunningRelay | undefined): readonly RecordedIoError[] => {
  const ioErrors = relay?.ioErrors?.() ?? none;
  return ioErrors.length === 0
    ? none
    : ioErrors.map(({ stream, error }) => ({ stream, error: errorData(error) }));
};

/** A relay that fails to cut may have lost something. */
const cut = (relay: RunningRelay, log: Logger | undefined): boolean => {
  try {
    return relay.cut() !== false;
  } catch (err) {
    log?.warn({ err }, 'failed to cut the stdio relay');
    return true;
  }
};
