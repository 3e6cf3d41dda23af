/**
 * A Windows job object: its processes and all their descendants end together.
 */
import { kernel32, orFail } from '../../native/windows/index.js';

export interface Job {
  /** Adds a process by its handle. Its future children belong to the job too. */
  add(process: number): void;
  pids(): readonly number[];
  /** Terminates every process in it. */
  terminate(): void;
  /** Closes the job; its processes keep running. May be called more than once. */
  close(): void;
}

const BASIC_PROCESS_ID_LIST = 3;
const EXTENDED_LIMIT_INFORMATION = 9;
/** The size of the structure, the offset of its flags, and the one flag used here. */
const [LIMITS, LIMIT_FLAGS, KILL_ON_JOB_CLOSE] = [144, 16, 0x2000];
const MORE_DATA = 234;
/** The structure of the process list: two counts, then pids as wide as a pointer. */
const HEAD = 8;
const EACH = 8;

/** The exit code of killed processes. */
export const codeWhenKilled = 1;

/** @param endsWithProgram kills the processes when this program ends in any way: Windows then closes its handles. */
export const openJob = (endsWithProgram: boolean): Job => {
  const handle = orFail('CreateJobObjectW', kernel32.CreateJobObjectW(null, null));
  let closed = false;

  const setLimits = (flags: number): void => {
    const limits = new DataView(new ArrayBuffer(LIMITS));
    limits.setUint32(LIMIT_FLAGS, flags, true);
    const bytes = new Uint8Array(limits.buffer);
    orFail(
      'SetInformationJobObject',
      kernel32.SetInformationJobObject(handle, EXTENDED_LIMIT_INFORMATION, bytes, bytes.length),
    );
  };
  if (endsWithProgram) setLimits(KILL_ON_JOB_CLOSE);

  const list = (room: number): readonly number[] => {
    const found = new DataView(new ArrayBuffer(HEAD + room * EACH));
    const bytes = new Uint8Array(found.buffer);
    const all = kernel32.QueryInformationJobObject(handle, BASIC_PROCESS_ID_LIST, bytes, bytes.length, null);
    if (!all && kernel32.GetLastError() === MORE_DATA) return list(room * 2);
    const count = Math.min(found.getUint32(4, true), room);
    if (all && count < found.getUint32(0, true)) return list(room * 2);
    return Array.from({ length: count }, (_, at) => Number(found.getBigUint64(HEAD + at * EACH, true)));
  };

  return {
    add: (process) =>
      void orFail('AssignProcessToJobObject', kernel32.AssignProcessToJobObject(handle, process)),
    pids: () => (closed ? [] : list(64)),
    terminate: () => {
      if (!closed) orFail('TerminateJobObject', kernel32.TerminateJobObject(handle, codeWhenKilled));
    },
    close: () => {
      if (closed) return;
      closed = true;
      if (endsWithProgram) setLimits(0);
      kernel32.CloseHandle(handle);
    },
  };
};
