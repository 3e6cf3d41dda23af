/** Scenarios for the watch: the pods of a simulated cluster, and the faults of the connection that reports their changes. */
import { randomFrom } from '../../../src/testing/simulate/random.js';
import type { Sized } from '../subject.js';

/** What a pod does; an event that its state does not allow is ignored. */
export const podActs = [
  'run',
  'restart',
  'exit',
  'startError',
  'finish',
  'delete',
  'gone',
  'exitGone',
  'force',
] as const;

export const watchFaults = [
  /** The connection breaks, also within a line. */
  'cut',
  /** The server ends it in order. */
  'end',
  /** The versions so far are too old: the next watch is answered with 410. */
  'expire',
  /** The same, while the connection is open. */
  'expireNow',
  /** The last events are sent again. */
  'repeat',
  /** Nothing more comes over this connection. */
  'hang',
  /** All comes late. */
  'late',
  /** No request is answered. */
  'refuse',
  /** Requests are refused with 500. */
  'fail',
] as const;

export type WatchEvent =
  | {
      readonly at: number;
      readonly kind: 'create';
      readonly pod: number;
      readonly restarts: boolean;
      readonly stuck: boolean;
    }
  | {
      readonly at: number;
      readonly kind: 'pod';
      readonly pod: number;
      readonly does: (typeof podActs)[number];
      readonly code: number;
    }
  | {
      readonly at: number;
      readonly kind: 'fault';
      readonly does: (typeof watchFaults)[number];
      readonly ms: number;
    };

export interface WatchScenario extends Sized {
  readonly healAt: number;
  readonly events: readonly WatchEvent[];
}

export const generate = (seed: number): WatchScenario => {
  const random = randomFrom(seed + 0x3a7c);
  const events: WatchEvent[] = [];
  const span = random.pick([200, 2_000, 30_000]);
  for (let pod = 0; pod < 1 + random.below(4); pod += 1) {
    let at = random.below(span);
    events.push({ at, kind: 'create', pod, restarts: random.chance(0.3), stuck: random.chance(0.15) });
    const lives = random.pick([
      ['run', 'exit', 'finish', 'gone'],
      ['run', 'exit', 'delete', 'gone'],
      ['run', 'delete', 'exit', 'gone'],
      ['run', 'restart', 'run', 'restart', 'run', 'exit', 'finish'],
      ['run', 'delete', 'exitGone'],
      ['run'],
      ['run', 'delete'],
      ['startError', 'finish', 'gone'],
      ['run', 'force'],
      ['run', 'delete', 'force'],
      ['delete', 'gone'],
      ['run', 'exit', 'force'],
    ] as const);
    for (const does of lives) {
      at += random.chance(0.3) ? 0 : random.below(span / 2);
      events.push({ at, kind: 'pod', pod, does, code: random.pick([0, 0, 1, 3, 137]) });
    }
  }
  for (let faults = random.below(8); faults > 0; faults -= 1)
    events.push({
      at: random.below(span * 2),
      kind: 'fault',
      does: random.pick(watchFaults),
      ms: random.pick([1, 100, 3_000, 90_000]),
    });
  return { seed, ties: seed, healAt: span * 3, events: events.sort((a, b) => a.at - b.at) };
};
