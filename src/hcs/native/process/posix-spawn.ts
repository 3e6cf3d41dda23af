/**
 * Binds posix_spawn of the C library.
 *
 * The child runs none of our code between fork and exec, so it is safe in a process with threads. A failed exec is
 * reported before this returns. Memory is not copied, however large this process is.
 */
import { closeSync } from 'node:fs';
import { type Koffi, koffi, type NativeFunction } from '../call/koffi.js';
import { nativeError } from '../call/libc.js';
import { duplicate } from '../descriptor/duplicate.js';
import type { ChildStdio } from './launched.js';

// Larger than the structures of any C library of Linux. They are opaque, and freed by `destroy`.
const sizeOfActions = 256;
const sizeOfAttributes = 1024;
const sizeOfSignals = 128;

const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;

const O_RDONLY = 0;
const O_WRONLY = 1;
const O_RDWR = 2;

const signatures = {
  posix_spawnp: ['int', 'void *', 'str', 'void *', 'void *', 'const char **', 'const char **'],
  posix_spawn_file_actions_init: ['int', 'void *'],
  posix_spawn_file_actions_destroy: ['int', 'void *'],
  posix_spawn_file_actions_addopen: ['int', 'void *', 'int', 'str', 'int', 'uint'],
  posix_spawn_file_actions_adddup2: ['int', 'void *', 'int', 'int'],
  posix_spawn_file_actions_addchdir_np: ['int', 'void *', 'str'],
  posix_spawnattr_init: ['int', 'void *'],
  posix_spawnattr_setflags: ['int', 'void *', 'short'],
  posix_spawnattr_setsigdefault: ['int', 'void *', 'void *'],
  posix_spawnattr_setsigmask: ['int', 'void *', 'void *'],
  sigfillset: ['int', 'void *'],
} as const;

interface Bound extends Readonly<Record<keyof typeof signatures, NativeFunction>> {
  readonly attributes: Readonly<Record<NonNullable<Executable['place']>, Uint8Array>>;
  /** Missing in some C libraries. */
  readonly closeFrom: NativeFunction | undefined;
}

let bound: Bound | undefined;

/** The program and how to start it. */
export interface Executable {
  /** A path, or a name to look up in the PATH of this process. `args[0]` is the name that the process sees. */
  readonly file: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly umask?: number | undefined;
  /**
   * `session`: it leads a session of its own; the default. `group`: it stays in the process group of this process,
   * which a terminal signals as a whole. `witness`: as `group`, with every signal blocked, so that signals stay
   * pending.
   */
  readonly place?: 'session' | 'group' | 'witness';
}

/**
 * Starts a program, by default in a session of its own, with no signal blocked or ignored. A given terminal becomes its
 * controlling terminal: the leader of a session without one opens it.
 *
 * @param extra descriptors that it gets as 3, 4 and so on.
 * @returns its pid.
 * @throws an error with the `code` of the failed call.
 */
export const posixSpawn = (program: Executable, stdio: ChildStdio, extra: readonly number[] = []): number => {
  const c = native();
  const actions = Buffer.alloc(sizeOfActions);
  must('posix_spawn_file_actions_init', c.posix_spawn_file_actions_init(actions));
  const spare: number[] = [];
  try {
    must('chdir', c.posix_spawn_file_actions_addchdir_np(actions, program.cwd));
    const given = 3 + extra.length;
    connect(c, actions, typeof stdio === 'string' ? stdio : [...stdio, ...extra], spare);
    // Node's own descriptors are close-on-exec. Descriptors that this process has inherited may not be, and must not
    // leak to the child.
    if (c.closeFrom) must('closefrom', c.closeFrom(actions, given));
    return spawn(c, actions, program);
  } finally {
    spare.forEach((fd) => closeSync(fd));
    c.posix_spawn_file_actions_destroy(actions);
  }
};

const connect = (
  c: Bound,
  actions: Uint8Array,
  stdio: string | readonly (number | undefined)[],
  spare: number[],
): void => {
  const open = (target: number, path: string, flags: number) =>
    must('open', c.posix_spawn_file_actions_addopen(actions, target, path, flags, 0));
  const dup = (fd: number, target: number) =>
    must('dup2', c.posix_spawn_file_actions_adddup2(actions, fd, target));
  if (typeof stdio === 'string') {
    open(0, stdio, O_RDWR);
    dup(0, 1);
    dup(0, 2);
    return;
  }
  // A low descriptor may be overwritten before it is duplicated, so it is moved to a higher number first.
  const sources = stdio.map((fd, target) => {
    if (fd === undefined || fd >= stdio.length || fd === target) return fd;
    let higher = duplicate(fd);
    spare.push(higher);
    while (higher < stdio.length) {
      higher = duplicate(fd);
      spare.push(higher);
    }
    return higher;
  });
  sources.forEach((fd, target) => {
    if (fd === undefined) open(target, '/dev/null', target === 0 ? O_RDONLY : O_WRONLY);
    else dup(fd, target);
  });
};

const spawn = (c: Bound, actions: Uint8Array, executable: Executable): number => {
  const { file, args, env, umask, place = 'session' } = executable;
  const pid = new Int32Array(1);
  const before = umask === undefined ? undefined : process.umask(umask);
  try {
    must(
      'posix_spawn',
      c.posix_spawnp(pid, file, actions, c.attributes[place], [...args, null], [...env, null]),
    );
  } finally {
    if (before !== undefined) process.umask(before);
  }
  return pid[0] as number;
};

const native = (): Bound => (bound ??= bind());

const bind = (): Bound => {
  const library = koffi().load(null);
  const functions = Object.entries(signatures).map(([name, [result, ...parameters]]) => {
    return [name, library.func(name, result, parameters)];
  });
  const c = Object.fromEntries(functions) as Omit<Bound, 'attributes' | 'closeFrom'>;
  // Not by sigfillset, which omits signals 32 and 33 that the C library uses: the child would ignore them.
  const everySignal = Buffer.alloc(sizeOfSignals, 0xff);
  const all = Buffer.alloc(sizeOfSignals);
  must('sigfillset', c.sigfillset(all));
  // Created once. All signals get their default action, because Node ignores SIGPIPE and a child would inherit that.
  // The default mask is empty.
  const attributesFor = (flags: number, masked?: Uint8Array): Uint8Array => {
    const attributes = Buffer.alloc(sizeOfAttributes);
    must('posix_spawnattr_init', c.posix_spawnattr_init(attributes));
    must('posix_spawnattr_setsigdefault', c.posix_spawnattr_setsigdefault(attributes, everySignal));
    if (masked) must('posix_spawnattr_setsigmask', c.posix_spawnattr_setsigmask(attributes, masked));
    must('posix_spawnattr_setflags', c.posix_spawnattr_setflags(attributes, SETSIGDEF | SETSIGMASK | flags));
    return attributes;
  };
  const attributes = {
    session: attributesFor(SETSID),
    group: attributesFor(0),
    witness: attributesFor(0, all),
  };
  return { ...c, attributes, closeFrom: closeFromOf(library) };
};

const closeFromOf = (library: ReturnType<Koffi['load']>): NativeFunction | undefined => {
  try {
    return library.func('posix_spawn_file_actions_addclosefrom_np', 'int', ['void *', 'int']);
  } catch {
    return undefined;
  }
};

const must = (syscall: string, errno: number): void => {
  if (errno !== 0) throw nativeError(syscall, errno);
};
