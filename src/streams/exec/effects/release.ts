/**
 * From the end of the output to the release: closes the handles, then publishes the exit, each within a timeout.
 */
import { EMPTY, finalize, Subject } from 'rxjs';
import { type Step, steps } from '../../../operators/steps.js';
import { exitEvent } from '../events.js';
import { type ExecEffect, type Ports, step } from '../ports.js';
import type { Fact } from '../state/fact.js';
import type { State } from '../state/state.js';

const released: Fact = { type: 'released' };

export const release: ExecEffect = (ports, state) =>
  steps(
    [closeProcess(ports), closeUpstream(ports), publishExit(ports, state)],
    ports.scheduler,
    () => released,
  );

export const retire: ExecEffect = (ports, { exit }) => {
  ports.log?.debug({ status: exit?.status }, 'hcsExec::exitFromCreatedL');
  // If the start event of an init could not be published, its process was terminated with its container.
  const madeBeforehand = ports.options.process !== undefined;
  return steps(
    madeBeforehand ? [closeProcess(ports), closeUpstream(ports)] : [closeUpstream(ports)],
    ports.scheduler,
    () => released,
  );
};

export const closeProcess = (ports: Ports): Step =>
  step(
    ports,
    () => ports.handles.process?.close() ?? EMPTY,
    ports.policies.closeTimeout,
    'failed to close the process',
  );

const closeUpstream = (ports: Ports): Step =>
  step(
    ports,
    () => ports.options.upstream.close(),
    ports.policies.closeTimeout,
    'failed to close the upstream',
  );

/** The exit of an init is published by its task, once the container has ended. */
const publishExit = (ports: Ports, state: State): Step => {
  const { options, isInit, policies } = ports;
  const event = isInit ? undefined : exitEvent(options, state);
  return step(
    ports,
    () => (event === undefined ? EMPTY : options.publish(event)),
    policies.publishTimeout,
    'failed to publish TaskExitEvent',
  );
};

export const holdQueue: ExecEffect = ({ enqueue, policies }) => {
  const left$ = new Subject<never>();
  return enqueue(left$, { workTimeout: policies.exitTimeout }).pipe(finalize(() => left$.complete()));
};
