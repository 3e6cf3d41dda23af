/**
 * A container's state as a daemon reports it, and which states are an exit.
 *
 * The invariant: only an answer that cannot be anything else counts as an exit code. Everything else is looked up again.
 */
import type { ProcessExit } from '../../contract/compute-process.js';
import { exited, signaled, unknownExit } from '../../contract/exit-code.js';

/** The part of `GET /containers/ID/json` that rxshim reads. */
export interface ContainerDetails {
  readonly Id: string;
  readonly Name?: string;
  readonly State: ContainerState;
  readonly Config?: {
    readonly Tty?: boolean;
    readonly OpenStdin?: boolean;
    readonly StopSignal?: string;
    readonly Labels?: Readonly<Record<string, string>>;
  };
  /** Seconds and their parts, as text. */
  readonly Created?: string;
  readonly ExecIDs?: readonly string[] | null;
  readonly NetworkSettings?: {
    readonly Ports?: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[] | null>>;
    readonly Networks?: NetworkEndpoints;
  };
}

/** By the name of the network. */
export type NetworkEndpoints = Readonly<Record<string, { readonly EndpointID?: string } | null>>;

export interface ContainerState {
  readonly Status: string;
  readonly Running?: boolean;
  readonly Pid?: number;
  readonly ExitCode?: number;
  readonly OOMKilled?: boolean;
  readonly StartedAt?: string;
  readonly FinishedAt?: string;
  readonly Health?: { readonly Status?: string };
}

/**
 * The exit code in the answer to `POST /containers/ID/wait`, if there is one.
 *
 * A daemon that is killed cuts the answer off; one that cannot tell says so in `Error`, next to a code of 0; Podman says
 * -1 for a container that never ran.
 */
export const exitCodeOfWait = (answer: unknown): number | undefined => {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { StatusCode, Error: failure } = answer as {
    StatusCode?: unknown;
    Error?: { Message?: string } | null;
  };
  if (failure?.Message || !Number.isInteger(StatusCode) || (StatusCode as number) < 0) return undefined;
  return StatusCode as number;
};

/** The standing of a container's process, by the container's state. */
export const standingOf = ({ Status, ExitCode }: ContainerState): 'running' | 'notStarted' | ProcessExit => {
  if (['created', 'configured', 'initialized'].includes(Status)) return 'notStarted';
  if (!['exited', 'dead', 'stopped'].includes(Status)) return 'running';
  // Podman reports -1 where it has found none.
  return ExitCode === undefined || ExitCode < 0
    ? unknownExit('the daemon knows no exit code')
    : exited(ExitCode);
};

/** With the time of its end, where the daemon knows it. */
export const endedAt = (exit: ProcessExit, { FinishedAt }: ContainerState): ProcessExit => {
  const at = Date.parse(FinishedAt ?? '');
  // The year 1 stands for none.
  return at > 0 ? { ...exit, at } : exit;
};

/**
 * An exit by its code. A daemon says 137 both of a process that was killed and of one that called `exit(137)`: it counts
 * as ended by a signal only where this program has sent that signal.
 */
export const exitWith = (code: number, sent: ReadonlySet<number>): ProcessExit =>
  sent.has(code - 128) ? signaled(code - 128) : exited(code);
