/** One runtime in a soak: what it is asked to do, what became of it, and how its daemons have grown. */
import type { Installed } from '../../spec/support/containerd/runtime.js';
import type { Clock } from './clock.js';
import { type Held, hasGrown, measure } from './daemons.js';
import { livesOf } from './life.js';
import type { Site } from './site.js';
import { emptyTally, type Tally } from './tally.js';
import { type Workload, workloadOf } from './workload.js';

export interface Runtime {
  readonly name: string;
  /** The first part of the ids of its containers. */
  readonly key: string;
  readonly installed: Installed;
}

/** A daemon that was there from the first window to the last. */
export interface Growth {
  readonly first: Held;
  readonly last: Held | undefined;
  readonly isGrowth: boolean;
}

export interface Contender {
  readonly name: string;
  readonly tally: Tally;
  readonly workload: Workload;
  readonly growth: readonly Growth[];
  owns(id: string): boolean;
  /** Measures its daemons for so many milliseconds; what they held the first time is compared with the last. */
  measure(window: number): Promise<void>;
}

export const contenderOf = (site: Site, clock: Clock, { name, key, installed }: Runtime): Contender => {
  const tally = emptyTally();
  const runtime = site.runtimeOf(key, installed.executable);
  const workload = workloadOf(key, runtime, livesOf(site, tally, clock.stopped), clock);
  let first: ReadonlyMap<number, Held> | undefined;
  let last: ReadonlyMap<number, Held> = new Map();

  /** Those of residents that are no more have gone with them. */
  const daemons = async (): Promise<number[]> => {
    const pids = new Set<number>();
    for (const { id } of workload.residents.filter(({ lives }) => lives)) {
      const shim = site.containerd.shim(id);
      pids.add(await shim.shimPid());
      shim.close();
    }
    return [...pids];
  };

  return {
    name,
    tally,
    workload,
    owns: (id) => id.startsWith(`${key}-`),
    measure: async (window) => {
      const held = await measure(await daemons(), window, clock.stopped);
      first ??= held;
      last = held;
    },
    get growth() {
      return [...(first ?? [])].map(([pid, held]) => {
        const now = last.get(pid);
        return { first: held, last: now, isGrowth: now !== undefined && hasGrown(held, now) };
      });
    },
  };
};
