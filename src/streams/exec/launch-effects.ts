/**
 * The way into running: container and process are made, the relays started, the start told.
 *
 * Leaves nothing behind when it fails: an init takes its container down again, an exec's process is killed (the
 * lifecycle sees to that), and a process that an engine delivers too late is killed and closed.
 */
import { defer } from 'rxjs';
import type { ComputeProcess } from '../../hcs/contract/compute-process.js';
import { RxshimError } from '../../hcs/failures/errors.js';
import { ask } from '../../operators/ask.js';
import { conclude } from '../../operators/conclude.js';
import { pullRelay } from '../stdio/relay.js';
import { createProcess } from './create-process.js';
import { brief, type ExecContext, processOf } from './exec-context.js';
import { startEvent } from './exec-events.js';
import { startFailed } from './exits.js';

export const launch = (exec: ExecContext): void => {
  const { system, upstream } = exec.options;
  const failed = (error: unknown): void => launchFailed(exec, error);
  if (!exec.isInit) {
    if (upstream.open === undefined) return launchProcess(exec, failed);
    upstream.open().subscribe({
      error: failed,
      complete: () => {
        if (exec.latest.phase === 'starting') launchProcess(exec, failed);
      },
    });
    return;
  }
  // No bound: a container may take its time. Who loses patience forces the exit.
  defer(() => system.start()).subscribe({
    error: failed,
    complete: () => {
      // Given up in the meantime: who ends the container is its task.
      if (exec.latest.phase !== 'starting') return;
      if (exec.process !== undefined) return exec.post({ type: 'launched', pid: exec.process.pid });
      launchProcess(exec, (error) => {
        if (exec.latest.phase !== 'starting') return;
        // Said before the container is taken down: that may end the exec, and this is why.
        exec.failure = error;
        undoContainer(exec, () => failed(error));
      });
    },
  });
};

export const announce = (exec: ExecContext): void => {
  const { options, isInit, policies, scheduler, post } = exec;
  const process = processOf(exec);
  const event = startEvent(options, process.pid);
  const tell = () => {
    startRelay(exec, process);
    return options.publish(event);
  };
  exec.giveUpTelling = conclude(tell, policies.publishTimeout, scheduler, (trouble) => {
    // Given up in the meantime: what came of it changes nothing.
    if (exec.latest.phase !== 'announcing') return;
    if (trouble === undefined) return post({ type: 'announced' });
    exec.failure = trouble.kind === 'failed' ? trouble.error : publishOverdue(event.topic);
    if (!isInit) return post({ type: 'announceFailed' });
    undoContainer(exec, () => post({ type: 'undone', exit: startFailed(exec.failure, scheduler.now()) }));
  });
};

export const takeBack = ({ giveUpTelling }: ExecContext): void => giveUpTelling?.();

const launchProcess = (exec: ExecContext, failed: (error: unknown) => void): void =>
  ask(
    () => createProcess(exec.options, exec.isInit),
    (process) => {
      if (typeof process?.pid !== 'number') return failed(noProcess());
      // The exec may have been given up while the engine was still at it: nobody else knows of this process.
      if (exec.latest.phase !== 'starting') return abandon(exec, process);
      exec.process = process;
      exec.post({ type: 'launched', pid: process.pid });
    },
    (error) => failed(error ?? noProcess()),
  );

const noProcess = (): RxshimError =>
  new RxshimError('unknown', 'the compute system made no process and gave no error');

const launchFailed = (exec: ExecContext, error: unknown): void => {
  exec.failure = error;
  exec.post({ type: 'launchFailed', exit: startFailed(error, exec.scheduler.now()) });
};

const startRelay = (exec: ExecContext, process: ComputeProcess): void => {
  const { stdin, stdout, stderr } = process.stdio;
  if (!(stdin ?? stdout ?? stderr)) return;
  const start = exec.options.startRelay ?? pullRelay;
  const { taskId, id, upstream } = exec.options;
  exec.relay = start(process, upstream, exec.log, {
    name: `${taskId}/${id}`,
    rest: exec.policies.drain.rest,
  });
};

/** Unless the start is given up on the way: then the container is its task's to end, and may be removed already. */
const undoContainer = (exec: ExecContext, then: () => void): void => {
  const { system } = exec.options;
  const { closeTimeout } = exec.policies;
  const { phase } = exec.latest;
  const close = (): void => {
    if (exec.latest.phase !== phase) return;
    brief(exec, () => system.close(), closeTimeout, 'failed to close the container of a failed start', then);
  };
  brief(
    exec,
    () => system.terminate(),
    closeTimeout,
    'failed to terminate the container of a failed start',
    close,
  );
};

const abandon = (exec: ExecContext, process: ComputeProcess): void => {
  const { exitTimeout, closeTimeout } = exec.policies;
  brief(
    exec,
    () => (process.tree ?? process).kill(),
    exitTimeout,
    'failed to kill the process of a start given up',
    () => brief(exec, () => process.close(), closeTimeout, 'failed to close the process of a start given up'),
  );
};

const publishOverdue = (topic: string): RxshimError =>
  new RxshimError('unavailable', `publishing ${topic} took too long`);
