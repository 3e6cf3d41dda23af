/**
 * The children of the keeper, for the engine: the keeper starts them, sees their ends, and keeps each exit until it is
 * confirmed here.
 *
 * The exit of a command is confirmed as soon as it is delivered. The exit of a container's process is confirmed when it is
 * recorded, so that the next brain finds it in the records or with the keeper. An exit may arrive before its process is taken
 * over: it is kept while a launch in flight may still take it. A process that no launch takes is an orphan; its exit is
 * confirmed at once.
 */
import { AsyncSubject } from 'rxjs';
import type { ProcessExit } from '../../hcs/contract/compute-process.js';
import { unknownExit } from '../../hcs/contract/exit-code.js';
import { type ChildHost, type KeptThings, locksOf } from '../../hcs/native/process/child-host.js';
import type { Launched } from '../../hcs/native/process/launched.js';
import { systemClock } from '../ttrpc/index.js';
import type { KeeperCommands } from './keeper-commands.js';
import type { KeeperFact, KeeperLink, KeptExit } from './link.js';

export interface KeeperChildren extends ChildHost {
  readonly kept: KeptThings;
  /** Facts about exits; others are ignored. */
  happened(fact: KeeperFact): void;
  /** Resolves when no command of an earlier brain runs any longer, or not within a timeout. */
  commandsEnded(timeout: number): Promise<void>;
  /** Lets go of the descriptors that an earlier brain has had kept under these names, and this one has no use for. */
  releaseUnused(held: readonly string[]): void;
  /** Confirms the exits that were delivered, save for those of processes that are still `needed`. */
  confirmDelivered(needed: (pid: number) => boolean): void;
}

/** Tags the runtime commands. Those of an earlier brain continue, and this brain waits for them. */
const commandTag = 'command';

interface Followed {
  /** Exits up to this number are another process's. */
  readonly after: bigint;
  end(kept: KeptExit): void;
}

export const keeperChildren = (
  commands: KeeperCommands,
  link: Pick<KeeperLink, 'confirm'>,
  delivered = (): void => undefined,
): KeeperChildren => {
  const followed = new Map<number, Followed>();
  /** Of the process that was taken last with this pid. */
  const startedAfter = new Map<number, bigint>();
  const used = new Set<string>();
  /** The commands of an earlier brain: by their pid the number of the latest exit before them. */
  const commandsLeft = new Map<number, bigint>();
  let commandEnded = (): void => undefined;
  const unconfirmed = new Map<bigint, number>();
  let unclaimed: KeptExit[] = [];
  let launches = 0;

  const confirm = (number: bigint): void => {
    unconfirmed.delete(number);
    link.confirm(number);
  };

  const follow = (pid: number, after: bigint, isRecorded: boolean): Launched => {
    const exit$ = new AsyncSubject<ProcessExit>();
    let over = false;
    const end = ({ number, exit }: Pick<KeptExit, 'number' | 'exit'>): void => {
      over = true;
      followed.delete(pid);
      if (isRecorded) unconfirmed.set(number, pid);
      else link.confirm(number);
      exit$.next(exit);
      exit$.complete();
      if (isRecorded) delivered();
    };
    if (isRecorded) startedAfter.set(pid, after);
    const known = unclaimed.find((kept) => kept.pid === pid && kept.number > after);
    if (known === undefined) {
      followed.set(pid, { after, end });
    } else {
      unclaimed = unclaimed.filter((kept) => kept !== known);
      end(known);
    }
    return { pid, exit$: exit$.asObservable(), send: (signal) => !over && commands.kill(pid, signal) };
  };

  const dropOrphans = (): void => {
    for (const { number } of unclaimed.splice(0)) link.confirm(number);
  };

  return {
    spawn: (program, stdio, mark) => {
      const locks = mark === undefined ? undefined : locksOf(mark);
      const { pid, after } = commands.spawn(
        { ...program, tag: commandTag, ...(locks !== undefined && { locks }) },
        stdio,
      );
      return follow(pid, after, false);
    },
    beginLaunch: () => {
      launches += 1;
      let open = true;
      return () => {
        if (open) launches -= 1;
        open = false;
        if (launches === 0) dropOrphans();
      };
    },
    take: (pid) => {
      if (followed.has(pid)) return undefined;
      // It may have ended: the news is on its way then, or here.
      const after = commands.child(pid);
      return after === undefined ? undefined : follow(pid, after, true);
    },
    kept: {
      follow: (pid, after) => {
        const start = BigInt(after);
        const isThere = unclaimed.some((kept) => kept.pid === pid && kept.number > start);
        if (isThere || commands.child(pid) !== undefined) return follow(pid, start, true);
        return lostChild(pid);
      },
      childAfter: (pid) => commands.child(pid)?.toString(),
      startedAfter: (pid) => startedAfter.get(pid)?.toString(),
      keep: (name, descriptor) => {
        used.add(name);
        commands.release(name);
        commands.hold(name, descriptor);
      },
      take: (name) => {
        used.add(name);
        return commands.take(name);
      },
      release: (name) => {
        used.delete(name);
        commands.release(name);
      },
    },
    commandsEnded: (timeout) =>
      new Promise((resolve) => {
        const cancel = systemClock.after(timeout, resolve);
        commandEnded = () => {
          if (commandsLeft.size > 0) return;
          cancel();
          resolve();
        };
        commandEnded();
      }),
    releaseUnused: (held) => {
      for (const name of held) if (!used.has(name)) commands.release(name);
    },
    happened: (fact) => {
      if (fact.type === 'spawned') return void commandsLeft.set(fact.pid, fact.after);
      if (fact.type !== 'exit') return;
      const before = commandsLeft.get(fact.pid);
      if (before !== undefined && fact.number > before) {
        commandsLeft.delete(fact.pid);
        link.confirm(fact.number);
        return commandEnded();
      }
      const found = followed.get(fact.pid);
      if (found !== undefined && fact.number > found.after) return found.end(fact);
      unclaimed.push(fact);
      if (launches === 0) dropOrphans();
    },
    confirmDelivered: (needed) => {
      for (const [number, pid] of unconfirmed) {
        if (needed(pid)) continue;
        if (!followed.has(pid)) startedAfter.delete(pid);
        confirm(number);
      }
    },
  };
};

/** The keeper keeps but so many exits. */
const lostChild = (pid: number): Launched => {
  const exit$ = new AsyncSubject<ProcessExit>();
  exit$.next(unknownExit('its exit was not kept'));
  exit$.complete();
  return { pid, exit$: exit$.asObservable(), send: () => false };
};
