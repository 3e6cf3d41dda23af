/**
 * A process that copies a pipe into a file: the launcher of the shim, as `copy`. Its `copy.h` defines the protocol.
 *
 * The invariant: at any moment either the process reads the pipe or this one does. The process reports why it ends, and leaves
 * unread bytes in the pipe for the next reader.
 */
import { closeSync, readSync, writeSync } from 'node:fs';
import { libc } from '../call/libc.js';
import { memoryFile } from '../descriptor/memory-file.js';
import { forget, whenReady } from '../descriptor/readiness.js';
import { openPipe, type PipeEnds } from '../pipe/pipe.js';
import { helperProgram } from '../process/helper-program.js';
import { posixSpawn } from '../process/posix-spawn.js';
import { reap } from '../process/reap.js';

/** Why a process has ended. After all but `ended` and `unreadable` the pipe is to be read on. */
export interface CopyEnd {
  readonly reason: 'ended' | 'idle' | 'unreadable' | 'unwritable' | 'killed';
  readonly errno: number;
  /** How many of the bytes that have left the pipe the file did not take. */
  readonly dropped: number;
  /** Whether the last byte ended a line; `undefined` where none was written. */
  readonly lineEnded: boolean | undefined;
}

export interface CopyProcess {
  /** How many bytes have left the pipe and were written or dropped. */
  moved(): number;
  /** Whether a write is in progress. */
  writing(): boolean;
  /** Asks for `settled`. */
  settle(): void;
  /** It finishes the piece in its hands, and reads no more. No callback follows. */
  stop(): void;
}

export interface CopyEvents {
  /** All that had arrived when it was asked for is in the file. */
  settled(): void;
  ended(end: CopyEnd): void;
}

/** Both descriptors stay the caller's. */
export interface CopyEnds {
  /** A pipe that does not block. */
  readonly from: number;
  readonly to: number;
  /** The process ends when nothing came for so many milliseconds. Default: 10 s. */
  readonly idle?: number;
}

/** The process reads this much at once: all that can be missing if it is killed. */
export const PIECE = 128 * 1024;

const IDLE = 10_000;
const SETTLED = 1;
const reasons = ['killed', 'killed', 'ended', 'idle', 'killed', 'unreadable', 'unwritable'] as const;
const NOTICE_SIZE = 24;
const PROGRESS_SIZE = 16;
const SETTLE = Uint8Array.of(0x73);
const killed: CopyEnd = { reason: 'killed', errno: 0, dropped: 0, lineEnded: undefined };

/** Returns `undefined` where no such process can be started. */
export const copyProcess = (
  { from, to, idle = IDLE }: CopyEnds,
  events: CopyEvents,
): CopyProcess | undefined => {
  const program = helperProgram();
  if (program === undefined) return undefined;
  const opened: number[] = [];
  const pipe = (): PipeEnds => {
    const ends = openPipe();
    opened.push(ends.read, ends.write);
    return ends;
  };
  let ends: Ends;
  try {
    const [notices, commands] = [pipe(), pipe()];
    const memory = memoryFile('rxshim-copy');
    opened.push(memory);
    // As long as what is shared, before the process maps it.
    writeSync(memory, new Uint8Array(PROGRESS_SIZE));
    const executable = { file: program, args: ['rxshim-copy', 'copy', `${idle}`], env: [], cwd: '/' };
    reap(posixSpawn(executable, [from, to, notices.write], [commands.read, memory]), () => undefined);
    for (const fd of [notices.write, commands.read]) closeSync(fd);
    ends = { notices: notices.read, commands: commands.write, memory };
  } catch {
    // Without descriptors, memory or processes the bytes are copied here.
    for (const fd of opened) closeSync(fd);
    return undefined;
  }
  return watched(ends, events);
};

interface Ends {
  readonly notices: number;
  readonly commands: number;
  readonly memory: number;
}

const watched = ({ notices, commands, memory }: Ends, events: CopyEvents): CopyProcess => {
  const progress = new BigUint64Array(2);
  const notice = new DataView(new ArrayBuffer(NOTICE_SIZE));
  const noticeBytes = new Uint8Array(notice.buffer);
  let open = true;

  const look = (): BigUint64Array => {
    if (open) readSync(memory, progress, 0, PROGRESS_SIZE, 0);
    return progress;
  };

  const stop = (): void => {
    if (!open) return;
    look();
    open = false;
    forget(notices);
    for (const fd of [notices, commands, memory]) closeSync(fd);
  };

  const end = (how: CopyEnd): void => {
    stop();
    events.ended(how);
  };

  const listen = (): void => {
    const length = libc().read(notices, noticeBytes, NOTICE_SIZE);
    if (length !== NOTICE_SIZE) return end(killed);
    const type = notice.getUint32(0, true);
    if (type !== SETTLED) return end(endOf(type, notice));
    events.settled();
    if (open) whenReady(notices, 'read', listen);
  };

  whenReady(notices, 'read', listen);
  return {
    moved: () => Number(look()[0]),
    writing: () => look()[1] !== 0n,
    settle: () => {
      // A pipe with one byte for each request is never full.
      if (open) libc().write(commands, SETTLE, SETTLE.length);
    },
    stop,
  };
};

const endOf = (type: number, notice: DataView): CopyEnd => ({
  reason: reasons[type] ?? 'killed',
  errno: notice.getInt32(4, true),
  dropped: Number(notice.getBigUint64(8, true)),
  lineEnded: [false, true][Number(notice.getBigUint64(16, true))],
});
