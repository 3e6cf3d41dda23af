/**
 * The HCS_PROCESS_INFORMATION structure: the pid, and handles of the caller's ends of the stdio pipes.
 */
import type { ProcessInfo } from './api.js';

const [PID, STDIN, STDOUT, STDERR, SIZE] = [0, 8, 16, 24, 32];
/** INVALID_HANDLE_VALUE, which also means that there is no such stream. */
const NO_HANDLE = 0xffff_ffff_ffff_ffffn;

/** Allocates the structure. */
export const processInfoSlot = (): DataView => new DataView(new ArrayBuffer(SIZE));

export const readProcessInfo = (from: DataView): ProcessInfo => {
  const handle = (at: number): number => {
    const value = from.getBigUint64(at, true);
    return value === NO_HANDLE ? 0 : Number(value);
  };
  return {
    pid: from.getUint32(PID, true),
    stdin: handle(STDIN),
    stdout: handle(STDOUT),
    stderr: handle(STDERR),
  };
};
