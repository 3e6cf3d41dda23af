/**
 * The children of the keeper, for the engine: the keeper starts them, sees their ends, and keeps each exit until it is
 * confirmed here.
 *
 * An exit may arrive before the process is taken: then it is kept, as long as a launch is under way that may still take it.
 * What nothing takes is an orphan, whose exit is confirmed without a word.
 */
import { AsyncSubject } from 'rxjs';
import type { ProcessExit } from '../../hcs/contract/compute-process.js';
import { type ChildHost, locksOf } from '../../hcs/native/process/child-host.js';
import type { Launched } from '../../hcs/native/process/launched.js';
import type { KeeperCommands } from './keeper-commands.js';
import type { KeeperFact, KeeperLink, KeptExit } from './link.js';

export interface KeeperChildren extends ChildHost {
  /** Facts about exits; others are passed over. */
  happened(fact: KeeperFact): void;
}

interface Followed {
  /** Exits up to this number are another process's. */
  readonly after: bigint;
  end(kept: KeptExit): void;
}

export const keeperChildren = (
  commands: KeeperCommands,
  link: Pick<KeeperLink, 'confirm'>,
): KeeperChildren => {
  const followed = new Map<number, Followed>();
  let unclaimed: KeptExit[] = [];
  let launches = 0;

  const follow = (pid: number, after: bigint): Launched => {
    const exit$ = new AsyncSubject<ProcessExit>();
    let over = false;
    const end = ({ number, exit }: KeptExit): void => {
      over = true;
      followed.delete(pid);
      link.confirm(number);
      exit$.next(exit);
      exit$.complete();
    };
    const known = unclaimed.find((kept) => kept.pid === pid && kept.number > after);
    if (known === undefined) {
      followed.set(pid, { after, end });
    } else {
      unclaimed = unclaimed.filter((kept) => kept !== known);
      // Never before its caller has it.
      queueMicrotask(() => end(known));
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
        { ...program, tag: '', ...(locks !== undefined && { locks }) },
        stdio,
      );
      return follow(pid, after);
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
      return after === undefined ? undefined : follow(pid, after);
    },
    happened: (fact) => {
      if (fact.type !== 'exit') return;
      const found = followed.get(fact.pid);
      if (found !== undefined && fact.number > found.after) return found.end(fact);
      unclaimed.push(fact);
      if (launches === 0) dropOrphans();
    },
  };
};
