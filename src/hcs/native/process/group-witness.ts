/**
 * Detects whether a signal was sent to the whole process group of this program, or to this program alone.
 *
 * A terminal signals its foreground group (Ctrl-C), and timeout(1) and CI runners signal a group that they created: a
 * child in that group already has the signal and must not get it twice. Node hides the sender (`si_code`). So a helper
 * process in the group, a `cat` with all signals blocked, shows in /proc which signals are pending. It exits when this
 * program does, by the end of its input.
 */
import { closeSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { openPipe } from '../pipe/pipe.js';
import { posixSpawn } from './posix-spawn.js';
import { reap } from './reap.js';

export interface GroupWitness {
  /** Whether the group got this signal since the last call. */
  saw(signal: NodeJS.Signals): boolean;
  close(): void;
}

/** @returns `undefined` if the helper cannot be started. */
export const groupWitness = (): GroupWitness | undefined => {
  let witness = tryCall();
  if (witness === undefined) return undefined;
  const dismiss = (): void => {
    witness?.dismiss();
    witness = undefined;
  };
  return {
    saw: (signal) => {
      if (witness === undefined || !isPending(witness.pid, constants.signals[signal])) return false;
      // A pending signal stays pending, so a helper detects each signal once and is replaced.
      dismiss();
      witness = tryCall();
      return true;
    },
    close: dismiss,
  };
};

interface Witness {
  readonly pid: number;
  readonly dismiss: () => void;
}

const tryCall = (): Witness | undefined => {
  try {
    return call();
  } catch {
    return undefined;
  }
};

const call = (): Witness => {
  const { read, write } = openPipe();
  try {
    const env = [`PATH=${process.env['PATH'] ?? ''}`];
    const cat = { file: 'cat', args: ['cat'], env, cwd: '/', place: 'witness' as const };
    const pid = posixSpawn(cat, [read, undefined, undefined]);
    return {
      pid,
      dismiss: () => {
        closeSync(write);
        reap(pid, () => undefined);
      },
    };
  } catch (error) {
    closeSync(write);
    throw error;
  } finally {
    closeSync(read);
  }
};

const isPending = (pid: number, signal: number): boolean => {
  try {
    const [, pending = ''] =
      /^ShdPnd:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return ((BigInt(`0x${pending || 0}`) >> BigInt(signal - 1)) & 1n) === 1n;
  } catch {
    return false;
  }
};
