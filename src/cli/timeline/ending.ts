/**
 * Describes the state or the end of a life in a few words.
 */
import { constants } from 'node:os';
import type { ExecExit } from '../../index.js';
import type { Life } from './lives.js';
import type { Colour } from './paint.js';

/** For the end of a marble line: `0`, `143 SIGTERM`, `0 truncated`; before the exit the pid. */
export const standing = ({ exit, truncated, pid }: Life): string => {
  if (exit === undefined) return pid === 0 ? '' : `pid ${pid}`;
  const how = exit.forced ? 'forced' : exit.kind === 'signaled' ? signalName(exit.signal) : wordOf(exit);
  return [`${exit.status}`, how, truncated ? 'truncated' : ''].filter(Boolean).join(' ');
};

export const colourOf = ({ exit, truncated }: Life): Colour => {
  if (exit === undefined) return 'dim';
  if (exit.kind === 'signaled') return 'yellow';
  if (exit.kind !== 'exited' || exit.code !== 0) return 'red';
  return truncated ? 'yellow' : 'green';
};

/** As a phrase: `exited with 3`, `ended by SIGTERM`, `never started: …`. */
export const endingOf = (exit: ExecExit): string => {
  switch (exit.kind) {
    case 'exited':
      return `exited with ${exit.code}`;
    case 'signaled':
      return `ended by ${signalName(exit.signal)}`;
    case 'lost':
      return `lost: ${exit.reason}`;
    case 'discarded':
      return 'never started';
    case 'startFailed':
      return 'failed to start';
  }
};

export const signalName = (signal: number): string =>
  Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `signal ${signal}`;

const wordOf = ({ kind }: ExecExit): string => {
  switch (kind) {
    case 'lost':
      return 'lost';
    case 'startFailed':
      return 'not started';
    case 'discarded':
      return 'discarded';
    default:
      return '';
  }
};
