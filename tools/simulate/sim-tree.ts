/**
 * What a simulated process has started: one process stands for all of it. It may outlive its parent, and be signalled,
 * ended and awaited together with it.
 */
import { Observable, type Subscriber } from 'rxjs';
import type { Delivery, ProcessTree } from '../../src/hcs/contract/compute-process.js';
import type { Perform } from './perform.js';
import type { Scenario, SimEvent } from './scenario.js';
import type { SimScheduler } from './sim-scheduler.js';
import type { Entry } from './trace.js';

export type TreeEvent = Extract<SimEvent, { kind: 'tree' }>;

export interface SimTree {
  readonly process: ProcessTree;
  /** The program of its parent begins. */
  begin(): void;
  /** Whether what its parent has started runs. */
  alive(): boolean;
  end(): void;
  hit(signal: number): void;
  /** A process of the tree has ended. */
  look(): void;
  listeners(): number;
}

/** A process that may have started others. */
export interface Member {
  readonly exec: string;
  readonly pid: number;
  readonly alive: boolean;
  readonly tree: SimTree | undefined;
  hit(signal: number): void;
}

export interface TreeOptions {
  readonly scenario: Scenario;
  readonly scheduler: SimScheduler;
  readonly record: (entry: Entry) => void;
  readonly perform: Perform;
  readonly event: TreeEvent;
  /** Its parent, and for an init all processes of the container. */
  readonly members: () => readonly Member[];
  readonly parent: () => Member;
  /** Some process of some tree has ended. */
  readonly ended: () => void;
  /** The tree is no longer awaited. */
  readonly left: () => void;
}

export const simTree = ({
  event,
  members,
  parent,
  ended,
  left,
  scenario,
  scheduler,
  record,
  perform,
}: TreeOptions): SimTree => {
  const listeners = new Set<Subscriber<undefined>>();
  const dying = scenario.lags?.dying ?? 0;
  let alive = false;

  const say = (is: 'treeBegan' | 'treeEnded'): void => {
    const { exec, pid } = parent();
    record({ at: scheduler.now(), exec, is, pid });
  };
  const runs = (): boolean => members().some((process) => process.alive || process.tree?.alive());
  const look = (): void => {
    if (listeners.size === 0 || runs()) return;
    for (const listener of [...listeners]) {
      listener.next(undefined);
      listener.complete();
    }
  };
  const end = (): void => {
    if (!alive) return;
    alive = false;
    say('treeEnded');
    ended();
  };
  const hit = (signal: number): void => {
    if (!alive || (event.deaf && signal !== 9)) return;
    if (dying === 0) end();
    else scheduler.later(dying, end);
  };
  const asked = (call: string, signal: number, number = signal): Observable<Delivery> => {
    let found = false;
    return perform({
      exec: parent().exec,
      pid: parent().pid,
      call,
      signal: number,
      tree: true,
      effect: () => {
        found = runs();
        for (const process of members()) {
          process.tree?.hit(signal);
          if (process.alive) process.hit(signal);
        }
        return undefined;
      },
      value: (): Delivery => (found ? 'delivered' : 'notDelivered'),
    });
  };
  return {
    process: {
      signal: ({ Signal }) => asked('process.signal', Signal as number),
      kill: () => asked('process.kill', 9, 0),
      gone$: new Observable<undefined>((listener) => {
        listeners.add(listener);
        listener.add(() => {
          listeners.delete(listener);
          if (listeners.size === 0) left();
        });
        look();
      }),
    },
    begin: () => {
      alive = true;
      say('treeBegan');
      if (event.lasts >= 0) scheduler.later(event.lasts, end);
    },
    alive: () => alive,
    end,
    hit,
    look,
    listeners: () => listeners.size,
  };
};
