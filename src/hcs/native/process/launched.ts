/**
 * The interface of a started process, independent of how it was started.
 */
import { AsyncSubject, type Observable } from 'rxjs';
import type { ProcessExit } from '../../contract/compute-process.js';
import { killed } from './send-signal.js';

/** A running process. Node stays alive until its exit is emitted. */
export interface Launched {
  readonly pid: number;
  /** Emits the exit once, also to late subscribers, and completes. */
  readonly exit$: Observable<ProcessExit>;
  /** Sends a signal. Returns `false` once the process is reaped, since its pid may be reused. */
  send(signal: number): boolean;
}

/** The stdio of a process: three descriptors (`undefined` for /dev/null), or the path of its terminal. */
export type ChildStdio = readonly [number | undefined, number | undefined, number | undefined] | string;

/** The pid of a started process, and a function that calls back with its exit. */
export interface Started {
  readonly pid: number;
  readonly watch: (end: (exit: ProcessExit) => void) => void;
}

/** Starts to wait for the exit of a process. */
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
