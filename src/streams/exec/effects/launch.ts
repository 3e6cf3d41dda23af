/**
 * The way to a process: what it needs is prepared, then the engine creates it.
 *
 * Creating is detached: an engine that answers after the start has timed out has made a process all the same, which is
 * then killed and closed.
 */
import { defer, EMPTY, of } from 'rxjs';
import type { Act, ComputeProcess } from '../../../hcs/contract/compute-process.js';
import { RxshimError } from '../../../hcs/failures/errors.js';
import { firstOr } from '../../../operators/first-or.js';
import { settledTo } from '../../../operators/settled-to.js';
import { steps } from '../../../operators/steps.js';
import { errorData } from '../../error-data.js';
import { createProcess } from '../engine/create-process.js';
import { type ExecEffect, type Ports, processOf, step } from '../ports.js';
import type { Fact } from '../state/fact.js';

/** Without a timeout: a container may take its time, and ForceExit sets a deadline. */
export const prepare: ExecEffect = (ports, { prepared, failure }) => {
  const preparing = preparationOf(ports);
  if (preparing === undefined || prepared || failure !== undefined) return EMPTY;
  return settledTo(
    preparing,
    (failure): Fact =>
      failure?.kind === 'failed' ? launchFailed(ports, failure.error) : { type: 'prepared' },
  );
};

/** The container of an init, or stdio that is opened when its exec starts. */
const preparationOf = ({ isInit, options: { system, upstream } }: Ports): (() => Act) | undefined => {
  if (isInit) return () => system.start();
  return upstream.open === undefined ? undefined : () => upstream.open?.() ?? EMPTY;
};

export const launch: ExecEffect = (ports, { prepared, failure }) => {
  if (failure !== undefined || !(prepared || preparationOf(ports) === undefined)) return EMPTY;
  const { options, handles, isInit } = ports;
  if (handles.process !== undefined) return of(launched(handles.process));
  return defer(() => createProcess(options, isInit)).pipe(
    firstOr(
      (process): Fact => {
        if (typeof process?.pid !== 'number') throw noProcess();
        handles.holdProcess(process);
        return launched(process);
      },
      (error = noProcess()): Fact =>
        // The container of an init is taken down first.
        isInit ? { type: 'undoing', failure: errorData(error) } : launchFailed(ports, error),
    ),
  );
};

/** A process that was made before its start is retired with its exec. */
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
