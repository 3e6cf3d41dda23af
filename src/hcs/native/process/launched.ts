/**
 * What starting a process comes down to, whichever way it is done.
 */
import { AsyncSubject, type Observable } from 'rxjs';
import type { ProcessExit } from '../../contract/compute-process.js';
import { killed } from './send-signal.js';

/** A process that runs, and whose end will be told. Node stays alive until then. */
export interface Launched {
  readonly pid: number;
  /** Emits once and completes; the same for every subscriber, however late. */
  readonly exit$: Observable<ProcessExit>;
  /** Sends a signal number. Answers `false` once the process was reaped: its number may be another's by then. */
  send(signal: number): boolean;
}

/** Where a process has its streams: three descriptors (`undefined` for /dev/null), or the path of its terminal. */
export type ChildStdio = readonly [number | undefined, number | undefined, number | undefined] | string;

/** A process just started: its number, and something that will call back with its end. */
export interface Started {
  readonly pid: number;
  readonly watch: (end: (exit: ProcessExit) => void) => void;
}

/** The life of a process just started. Its end is watched from here on, whoever asks. */
export const launched = ({ pid, watch }: Started): Launched => {
  const exit$ = new AsyncSubject<ProcessExit>();
  let reaped = false;
  watch((exit) => {
    reaped = true;
    exit$.next(exit);
    exit$.complete();
  });
  return { pid, exit$: exit$.asObservable(), send: (signal) => !reaped && killed(pid, signal) };
};
