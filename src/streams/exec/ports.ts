/**
 * The ports that the effects and commands of one exec use: those that it was made with, its queue of commands, and its
 * handles. Read-only. Decisions depend only on the state, never on these.
 */
import type { SchedulerLike } from 'rxjs';
import type { ComputeProcess } from '../../hcs/contract/compute-process.js';
import type { Enqueue } from '../../operators/serial-queue.js';
import type { SettleFailure } from '../../operators/settle-within.js';
import type { Step } from '../../operators/steps.js';
import { type Logger, logFailure } from '../log.js';
import type { Effect } from '../loop.js';
import type { Policies } from '../policies.js';
import type { RunningRelay } from '../stdio/relay/relay-port.js';
import type { ExecOptions } from './options.js';
import type { Fact } from './state/fact.js';
import type { State } from './state/state.js';

export interface Ports {
  readonly options: ExecOptions;
  readonly isInit: boolean;
  readonly policies: Policies;
  readonly scheduler: SchedulerLike;
  readonly log: Logger | undefined;
  /** Commands that touch the process wait here for each other. */
  readonly enqueue: Enqueue;
  readonly handles: Handles;
}

/** The process and the copy of its stdio, held from the moment that they exist. */
export interface Handles {
  readonly process: ComputeProcess | undefined;
  readonly relay: RunningRelay | undefined;
  holdProcess(process: ComputeProcess): void;
  holdRelay(relay: RunningRelay): void;
}

export type ExecEffect = Effect<Ports, State, Fact>;

// A class, because ten thousand of these may be held at a time: methods on a prototype take no memory.
class HeldHandles implements Handles {
  process: ComputeProcess | undefined;
  relay: RunningRelay | undefined = undefined;

  constructor(process: ComputeProcess | undefined) {
    this.process = process;
  }

  holdProcess(process: ComputeProcess): void {
    this.process = process;
  }

  holdRelay(relay: RunningRelay): void {
    this.relay = relay;
  }
}

export const handlesOf = (process: ComputeProcess | undefined): Handles => new HeldHandles(process);

/** The process of an exec in a phase that has one. */
export const processOf = ({ handles: { process } }: Ports): ComputeProcess => {
  if (process === undefined) throw new Error('an exec without a process reached an effect that needs one');
  return process;
};

/** When a process that is killed now is no longer expected to report its exit. */
export const exitDeadline = ({ scheduler, policies }: Ports): number =>
  scheduler.now() + policies.exitTimeout;

/** A step that the exec does not depend on: its failure is logged, and its time limited. */
export const step = ({ log }: Ports, act: Step['act'], within: number, failing: string): Step =>
  new LoggedStep(log, act, within, failing);

// A class, because each exec ends with three of them: one object, with its method on a prototype.
class LoggedStep implements Step {
  readonly act: Step['act'];
  readonly within: number;
  readonly #log: Logger | undefined;
  readonly #failing: string;

  constructor(log: Logger | undefined, act: Step['act'], within: number, failing: string) {
    this.#log = log;
    this.act = act;
    this.within = within;
    this.#failing = failing;
  }

  onFailure(failure: SettleFailure): void {
    logFailure(this.#log, failure, this.#failing);
  }
}
