/**
 * What containerd and its clients do with the containers of one pod.
 *
 * containerd joins or starts a daemon, creates the container, waits, starts it, deletes it after its exit, and follows that
 * with a shutdown. A call whose connection was lost, or that passed its deadline, it makes again. After a restart of its
 * own it asks every container that it knows for its state, and waits again or deletes. Its clients make further calls
 * at any time.
 */
import { mkdirSync, rmSync } from 'node:fs';
import type { SimScheduler } from '../sim-scheduler.js';
import type { Asked } from './requests.js';
import type { CallEvent, ContainerEvent, DaemonScenario, Manner } from './scenario.js';
import type { Answer, SimCaller } from './sim-caller.js';
import type { SimEvents } from './sim-events.js';
import type { SimNode } from './sim-node.js';
import type { Unplaced } from './trace.js';

export interface ContainerdOptions {
  readonly scenario: DaemonScenario;
  readonly scheduler: SimScheduler;
  readonly record: (entry: Unplaced) => void;
  readonly node: SimNode;
  readonly caller: SimCaller;
  readonly events: SimEvents;
  /** Where the bundles are. */
  readonly folder: string;
}

/** Between two attempts of a call, and of what is tried until it succeeds. */
const retryAfter = 100;
/** How long to go on trying after the faults have ended. */
const timeout = 400_000;
/** A caller does not ask for a shutdown before the events had time to be published again. */
const settled = 20_000;
const sigkill = 9;
const once: Manner = { deadline: 0, repeats: 0 };
/** As containerd deletes what it cleans up. */
const thorough: Manner = { deadline: 10_000, repeats: 0 };

interface Known {
  /** A create was asked for, and no delete has succeeded since. */
  claimed: boolean;
  /** containerd has forgotten it. */
  forgotten: boolean;
  /** How many creates have not been answered. */
  creating: number;
}

export const simContainerd = (options: ContainerdOptions): void => {
  const { scenario, scheduler, record, node, caller, events, folder } = options;
  const known = new Map<number, Known>();
  const exits = new Map<number, Set<() => void>>();
  let up = true;
  let comesBack: (() => void)[] = [];
  let healed = false;

  /** Whatever fails here is a fault of the simulation itself. */
  const run = (work: Promise<void>): void => {
    work.catch((error) => record({ is: 'broken', what: `the simulation itself: ${error?.stack ?? error}` }));
  };
  const sleep = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => scheduler.later(milliseconds, resolve));
  const isUp = (): Promise<void> =>
    up ? Promise.resolve() : new Promise((resolve) => comesBack.push(resolve));
  const bundleOf = (c: number): string => `${folder}/c${c}`;
  const knownOf = (c: number): Known => {
    let one = known.get(c);
    if (one === undefined) {
      one = { claimed: false, forgotten: false, creating: 0 };
      known.set(c, one);
    }
    return one;
  };
  const asked = (c: number, e: number, name: Asked['name'], value: number): Asked => ({
    c,
    e,
    name,
    value,
    deadline: 0,
    bundle: bundleOf(c),
  });

  const unanswered = (answer: Answer): boolean =>
    !answer.ok && (answer.kind === 'closed' || answer.kind === 'deadlineExceeded');

  /** Makes a call in its manner: again where no answer came. */
  const make = async (what: Asked, { deadline, cut, repeats }: Manner): Promise<Answer> => {
    for (let left = repeats; ; left -= 1) {
      await isUp();
      const first = left === repeats;
      const isCreate = what.name === 'create';
      const one = knownOf(what.c);
      if (isCreate) one.creating += 1;
      const answer = await caller.call({ ...what, deadline, cut: first && !healed ? cut : undefined });
      if (isCreate) one.creating -= 1;
      if (left === 0 || healed || !unanswered(answer)) return answer;
      await sleep(retryAfter);
    }
  };

  const removeBundle = (c: number): void => {
    rmSync(bundleOf(c), { recursive: true, force: true });
    record({ is: 'bundle', c, does: 'removed' });
  };

  /** As the launcher does: joins the daemon that listens, or starts one. */
  const launch = async (c: number): Promise<void> => {
    for (let left = 100; left > 0; left -= 1) {
      await isUp();
      const joined = await caller.call({ ...asked(c, 0, 'join', 0), deadline: 5_000 });
      if (joined.ok) return;
      if (node.listens()) await sleep(5);
      else return node.startDaemon();
    }
  };

  /** Resolves when containerd knows that the init has exited: by the event, or by an answer. */
  const exited = (c: number, until: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const those = exits.get(c) ?? new Set();
      exits.set(c, those);
      const done = (): void => {
        those.delete(done);
        resolve();
      };
      those.add(done);
      const watch = async (): Promise<void> => {
        for (let attempt = 0; attempt < 200 && !until() && those.has(done); attempt += 1) {
          await isUp();
          if (attempt > 0) {
            await caller.call(asked(c, 0, 'connect', 0));
            const state = await caller.call(asked(c, 0, 'state', 0));
            if (!state.ok && state.kind === 'notFound') return done();
            if (state.ok && state.learned.status === 'STOPPED') return done();
          }
          const answer = await caller.call(asked(c, 0, 'wait', 0));
          if (!unanswered(answer)) return done();
          await sleep(retryAfter);
        }
      };
      run(watch());
    });

  const remove = async (c: number, manner: Manner): Promise<boolean> => {
    const one = knownOf(c);
    const answer = await make(asked(c, 0, 'delete', 0), manner);
    const gone = answer.ok || answer.kind === 'notFound';
    if (gone && one.claimed) {
      one.claimed = false;
      removeBundle(c);
    }
    return gone;
  };

  const live = async (event: ContainerEvent): Promise<void> => {
    const { c } = event;
    const one = knownOf(c);
    await sleep(event.at);
    for (let life = 0; life < event.lives && !healed && !one.forgotten; life += 1) {
      caller.leave(c);
      mkdirSync(bundleOf(c), { recursive: true });
      record({ is: 'bundle', c, does: 'made' });
      await launch(c);
      await sleep(event.createAfter);
      if (healed) return;
      one.claimed = true;
      const created = await make(asked(c, 0, 'create', 0), event.create);
      if (!created.ok) {
        if (healed) return;
        await remove(c, thorough);
        if (event.shutdown) await make(asked(c, 0, 'shutdown', 0), once);
        continue;
      }
      const start = async (): Promise<void> => {
        await sleep(event.startAfter);
        if (!healed) await make(asked(c, 0, 'start', 0), event.start);
      };
      if (event.startAfter >= 0) run(start());
      await exited(c, () => healed);
      if (event.deleteAfter < 0 || healed) return;
      await sleep(event.deleteAfter);
      if (healed || one.forgotten) return;
      const gone = await remove(c, event.delete);
      if (!gone) return;
      if (event.shutdown) await make(asked(c, 0, 'shutdown', 0), once);
    }
  };

  /** Kills and deletes what is left of a container. */
  const finish = async (c: number): Promise<void> => {
    const one = knownOf(c);
    // What was begun at the same instant comes first.
    await sleep(1_000);
    while (one.creating > 0) await sleep(1_000);
    const until = scheduler.now() + timeout;
    while (scheduler.now() < until) {
      if (!node.listens()) return record({ is: 'finished', c, how: 'deleted' });
      const state = await caller.call({ ...asked(c, 0, 'state', 0), deadline: 10_000 });
      if (!state.ok && state.kind === 'notFound') return record({ is: 'finished', c, how: 'deleted' });
      if (one.forgotten && state.ok && state.learned.status === 'STOPPED')
        return record({ is: 'finished', c, how: 'forgotten' });
      await caller.call({ ...asked(c, 0, 'killAll', sigkill), deadline: 10_000 });
      await caller.call({ ...asked(c, 0, 'kill', sigkill), deadline: 10_000 });
      if (!one.forgotten) await remove(c, thorough);
      await sleep(state.ok ? 5_000 : retryAfter);
    }
    record({ is: 'finished', c, how: 'stuck' });
  };

  const all = (): number[] => [
    ...new Set(scenario.events.flatMap((event) => ('c' in event ? [event.c] : []))),
  ];

  const heal = async (): Promise<void> => {
    healed = true;
    record({ is: 'healed' });
    node.heal();
    events.heal();
    comes();
    await Promise.all(all().map(finish));
    await sleep(settled);
    await caller.call({ ...asked(0, 0, 'shutdown', 0), deadline: 10_000 });
  };

  const comes = (): void => {
    if (up) return;
    up = true;
    events.comes();
    record({ is: 'containerd', does: 'comes' });
    const those = comesBack;
    comesBack = [];
    for (const resume of those) resume();
  };

  const callOf = async ({ c, exec, name, value, manner }: CallEvent): Promise<void> => {
    if (!up || healed) return;
    if (name === 'create') {
      if (knownOf(c).forgotten) return;
      mkdirSync(bundleOf(c), { recursive: true });
      knownOf(c).claimed = true;
    }
    await make(asked(c, exec, name, value), manner);
  };

  events.onExit((c) => {
    for (const done of [...(exits.get(c) ?? [])]) done();
  });
  for (const event of scenario.events) {
    switch (event.kind) {
      case 'container':
        run(live(event));
        break;
      case 'call':
        scheduler.later(event.at, () => run(callOf(event)));
        break;
      case 'cut':
        scheduler.later(event.at, () => !healed && caller.cut(event.c));
        break;
      case 'restart':
        scheduler.later(event.at, () => {
          if (healed || !up) return;
          up = false;
          record({ is: 'containerd', does: 'goes' });
          events.goes();
          caller.cutAll();
          scheduler.later(event.away, comes);
        });
        break;
      case 'vanish':
        scheduler.later(event.at, () => {
          if (healed) return;
          knownOf(event.c).forgotten = true;
          removeBundle(event.c);
        });
        break;
      case 'stop':
        scheduler.later(event.at, () => !healed && node.stopDaemon());
        break;
      default:
        break;
    }
  }
  scheduler.later(scenario.healAt, () => run(heal()));
};
