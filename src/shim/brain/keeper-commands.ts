/**
 * The brain's synchronous commands to the keeper: start and signal children, hold descriptors, move streams.
 */
import type { MoveEnds } from '../../hcs/native/mover/mover.js';
import type { Executable } from '../../hcs/native/process/posix-spawn.js';
import type { CommandChannel } from './command-channel.js';
import { type KeptMove, reportIn } from './link.js';
import { command, encode, type Field } from './wire.js';

/** A descriptor, or /dev/null, for each of the three. */
export type SpawnStdio = readonly [number | undefined, number | undefined, number | undefined];

export interface Spawn extends Executable {
  /** By which the next brain recognises the child. */
  readonly tag: string;
  /** Its soft limit of file locks; absent for the keeper's own. */
  readonly locks?: bigint;
}

export interface KeeperCommands {
  /** @throws an error with the `code` of what failed */
  spawn(program: Spawn, stdio: SpawnStdio): { readonly pid: number; readonly after: bigint };
  /** Returns false if the pid is not, or no longer, a child of the keeper. */
  kill(pid: number, signal: number): boolean;
  /**
   * The number of an exit before this child's own, and after that of any earlier process with its pid. Only for a child that
   * runs, or whose exit is not confirmed.
   */
  child(pid: number): bigint | undefined;
  /** The keeper keeps a duplicate. @throws with the code `EEXIST` for a name in use */
  hold(name: string, descriptor: number): void;
  /** A duplicate of what is held; `undefined` for none. */
  take(name: string): number | undefined;
  release(name: string): void;
  /** Returns false where the kernel cannot move the bytes. @throws with the code `EEXIST` for a name in use */
  attach(name: string, ends: MoveEnds): boolean;
  detach(name: string): void;
  settle(name: string): void;
  finish(name: string, all: boolean, stall: number): void;
  report(name: string): Omit<KeptMove, 'name'> | undefined;
  names(prefix: string): readonly string[];
}

export const keeperCommands = ({ ask }: CommandChannel): KeeperCommands => {
  const named = (name: keyof typeof command, ...fields: readonly Field[]): Buffer =>
    encode({ u8: command[name] }, ...fields);
  const unless = <T>(codes: readonly string[], otherwise: T, act: () => T): T => {
    try {
      return act();
    } catch (error) {
      if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return otherwise;
      throw error;
    }
  };
  return {
    spawn: ({ tag, cwd, file, umask, place, locks, args, env }, stdio) => {
      const given = stdio.filter((fd) => fd !== undefined);
      const bits = stdio.reduce<number>((all, fd, at) => (fd === undefined ? all : all | (1 << at)), 0);
      const request = named(
        'spawn',
        tag,
        cwd,
        file,
        { u32: umask ?? 0xffff_ffff },
        { u8: place === 'group' ? 0 : 1 },
        { u64: locks ?? 0n },
        { u32: args.length },
        ...args,
        { u32: env.length },
        ...env,
        { u8: bits },
      );
      const { body } = ask('posix_spawn', request, given);
      return { pid: body.u32(), after: body.u64() };
    },
    kill: (pid, signal) =>
      unless(['ESRCH'], false, () => {
        ask('kill', named('kill', { u32: pid }, { u32: signal }));
        return true;
      }),
    child: (pid) =>
      unless(['ECHILD'], undefined, () => ask('waitid', named('child', { u32: pid })).body.u64()),
    hold: (name, descriptor) => void ask('hold', named('hold', name), [descriptor]),
    take: (name) => unless(['ENOENT'], undefined, () => ask('take', named('take', name)).descriptor),
    release: (name) => void ask('release', named('release', name)),
    attach: (name, { from, to }) =>
      unless(['EINVAL', 'EPERM'], false, () => {
        ask('attach', named('attach', name), [from, to]);
        return true;
      }),
    detach: (name) => void ask('detach', named('detach', name)),
    settle: (name) => unless(['ENOENT'], undefined, () => void ask('settle', named('settle', name))),
    finish: (name, all, stall) =>
      unless(
        ['ENOENT'],
        undefined,
        () => void ask('finish', named('finish', name, { u8: all ? 1 : 0 }, { u32: stall })),
      ),
    report: (name) =>
      unless(['ENOENT'], undefined, () => reportIn(ask('report', named('report', name)).body)),
    names: (prefix) => {
      const { body } = ask('names', named('names', prefix));
      const names: string[] = [];
      while (body.left > 0) names.push(body.string());
      return names;
    },
  };
};
