/**
 * Launches a process: prepares its container or stdio, then lets the engine create it.
 *
 * The creation is detached: if the engine answers after the start has timed out, the process exists all the same. It is
 * then killed and closed.
 */
import { defer, EMPTY } from 'rxjs';
import type { Act, ComputeProcess } from '../../../hcs/contract/compute-process.js';
import { RxshimError } from '../../../hcs/failures/errors.js';
import { firstOr } from '../../../operators/first-or.js';
import { known } from '../../../operators/known.js';
import { settledTo } from '../../../operators/settled-to.js';
import { steps } from '../../../operators/steps.js';
import { errorData } from '../../error-data.js';
import { createProcess } from '../engine/create-process.js';
import { type ExecEffect, type Ports, processOf, step } from '../ports.js';
import type { Fact } from '../state/fact.js';

/** Has no timeout, because a container may take long to start. ForceExit sets a deadline. */
export const prepare: ExecEffect = (ports, { prepared, failure }) => {
  const preparing = preparationOf(ports);
  if (preparing === undefined || prepared || failure !== undefined) return EMPTY;
  return settledTo(
    preparing,
    (failure): Fact =>
      failure?.kind === 'failed' ? launchFailed(ports, failure.error) : { type: 'prepared' },
  );
};

/** Starts the container of an init, or opens stdio that was to be opened at the start. */
const preparationOf = ({ isInit, options: { system, upstream } }: Ports): (() => Act) | undefined => {
  if (isInit) return () => system.start();
  return upstream.open === undefined ? undefined : () => upstream.open?.() ?? EMPTY;
};

export const launch: ExecEffect = (ports, { prepared, failure }) => {
  if (failure !== undefined || !(prepared || preparationOf(ports) === undefined)) return EMPTY;
  const { options, handles, isInit } = ports;
  if (handles.process !== undefined) return known(launched(handles.process));
  return defer(() => createProcess(options, isInit)).pipe(
    firstOr(
      (process): Fact => {
        if (typeof process?.pid !== 'number') throw noProcess();
        handles.holdProcess(process);
        return launched(process);
      },
      (error = noProcess()): Fact =>
        // The container of an init is terminated first.
        isInit ? { type: 'undoing', failure: errorData(error) } : launchFailed(ports, error),
    ),
  );
};

/** A process that was created before its start is closed with its exec. */
export const abandon: ExecEffect = (ports) => {
  const { options, policies, scheduler } = ports;
  if (options.process !== undefined) return EMPTY;
  const process = processOf(ports);
  return steps(
    [
      step(
        ports,
        () => (process.tree ?? process).kill(),
        policies.exitTimeout,
        'failed to kill the process of a start that had timed out',
      ),
      step(
        ports,
        () => process.close(),
        policies.closeTimeout,
        'failed to close the process of a start that had timed out',
      ),
    ],
    scheduler,
  );
};

const launched = ({ pid, tree }: ComputeProcess): Fact => ({
  type: 'launched',
  pid,
  tree: tree !== undefined,
});

const launchFailed = ({ scheduler }: Ports, error: unknown): Fact => ({
  type: 'launchFailed',
  failure: errorData(error),
  at: scheduler.now(),
});

const noProcess = (): RxshimError =>
  new RxshimError('unknown', 'the compute system made no process and gave no error');
