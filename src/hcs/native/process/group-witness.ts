/**
 * Tells whether a signal came to the whole process group of this program, or to this program alone.
 *
 * A terminal signals its foreground group (Ctrl-C), timeout(1) and CI runners a group that they made: a child in that group
 * has the signal already, and must not get it from here a second time. Node hides who sent a signal (`si_code`), so a
 * process in the group bears witness: all signals are blocked in it, and one that came stays pending, which /proc shows. It
 * is a `cat` whose input ends with this program, whatever way that ends.
 */
import { closeSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { openPipe } from '../pipe/pipe.js';
import { posixSpawn } from './posix-spawn.js';
import { reap } from './reap.js';

export interface GroupWitness {
  /** Whether the group got this signal since it was last asked for. */
  saw(signal: NodeJS.Signals): boolean;
  close(): void;
}

/** @returns `undefined` where there is no such process to be had. */
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
      // What is pending stays so: the next one is another's to see.
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
