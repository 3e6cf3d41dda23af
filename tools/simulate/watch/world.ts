/** One cluster whose pods are followed, over the production watch, store and follower, in virtual time. */
import type { Cluster } from '../../../src/hcs/kubernetes/api/cluster.js';
import { type FollowedPod, type FoundExit, followPod } from '../../../src/hcs/kubernetes/pod/follow-pod.js';
import { newPodContext } from '../../../src/hcs/kubernetes/pod/pod-context.js';
import type { ApiPod } from '../../../src/hcs/kubernetes/pods/api-pod.js';
import { factsOf } from '../../../src/hcs/kubernetes/pods/pod-facts.js';
import { podStore } from '../../../src/hcs/kubernetes/pods/pod-store.js';
import { randomFrom } from '../../../src/testing/simulate/random.js';
import type { Judged, Violation } from '../subject.js';
import type { WatchScenario } from './scenario.js';
import { simServer } from './sim-api-server.js';
import { type SimPod, simPod } from './sim-pod.js';
import { virtualTimers } from './virtual-timers.js';

export interface WatchVerdict extends Judged {
  readonly log: {
    readonly trace: readonly { readonly at: number; readonly what: string }[];
    readonly exits: number;
  };
}

/** In milliseconds. */
const limits = { startTimeout: 120_000, stuckTimeout: 60_000, reconnectTimeout: 60_000 };

/** After it has healed: a silent connection (150 s), a stuck deletion, and the pauses between. */
const afterHealing = 150_000 + limits.startTimeout + limits.stuckTimeout + 60_000;

/** What must hold. */
export const watchInvariants = {
  true: 'an exit code is one that the container ended with',
  lost: 'an exit is lost only where the cluster did not report it to this client, or past its bounds',
  start: 'a start fails only where the cluster refuses it, or past its bound',
  settled: 'every exit is known, or lost, within its bounds',
  runs: 'each end of a container that was read is reported, once',
  quiet: 'nothing is left when all pods have ended: no connection and no timer',
  calm: 'a faulty server is not asked in a busy loop',
} as const;

interface Followed {
  readonly pod: SimPod;
  readonly follower: FollowedPod;
  readonly runs: string[];
  readonly isStuck: boolean;
  found: FoundExit | undefined;
}

let worlds = 0;

export const runScenario = async (scenario: WatchScenario): Promise<WatchVerdict> => {
  const timers = virtualTimers();
  try {
    return await live(scenario, timers);
  } finally {
    timers.restore();
  }
};

const live = async (
  { seed, ties, healAt, events }: WatchScenario,
  timers: ReturnType<typeof virtualTimers>,
): Promise<WatchVerdict> => {
  const random = randomFrom(ties + 0x51);
  const trace: { at: number; what: string }[] = [];
  const note = (what: string): void => void trace.push({ at: timers.now(), what });
  let violation: Violation | undefined;
  const broken = (sentence: keyof typeof watchInvariants, what: string): void => {
    violation ??= { sentence: watchInvariants[sentence], what };
  };
  const followed = new Map<number, Followed>();
  const byUid = new Map<string, SimPod>();
  const server = simServer(timers, random, (read, isList, names) => {
    const pod = byUid.get(read.metadata?.uid ?? '');
    if (pod !== undefined) pod.wasRead(read, timers.now());
    if (isList) for (const one of byUid.values()) one.wasListed(names, timers.now());
  });
  worlds += 1;
  const cluster: Cluster = {
    key: `watch-${seed}-${worlds}`,
    reconnectTimeout: limits.reconnectTimeout,
    access: () => Promise.resolve({ server: new URL('http://cluster'), namespace: 'sim', options: {} }),
    forget: () => undefined,
    answer: server.answer,
  };
  const store = podStore({ cluster, namespace: 'sim' });

  const judge = (number: number, { pod, runs }: Followed, found: FoundExit): void => {
    const now = timers.now();
    const { exit, lost } = found;
    note(
      `pod ${number}: ${exit.kind === 'exited' ? `exit ${exit.code}` : exit.kind === 'unknown' ? exit.reason : exit.kind}`,
    );
    const { truth } = pod;
    if (exit.kind !== 'unknown') {
      const code = exit.kind === 'exited' ? exit.code : undefined;
      if (truth.end === undefined || truth.end.code !== code)
        broken('true', `pod ${number} is said to have ended with ${code}, and ended with ${truth.end?.code}`);
      if (truth.end !== undefined && !runs.includes(truth.end.id))
        broken('runs', `the end of pod ${number} is not among its runs`);
      for (const id of truth.earlierRuns)
        if (!runs.includes(id)) broken('runs', `run ${id} of pod ${number} is not reported`);
      return;
    }
    if (!lost) {
      const isLate = now >= truth.createdAt + limits.startTimeout && !(truth.runReadAt < now);
      if (truth.refusedReadAt > now && !isLate)
        broken('start', `the start of pod ${number} failed: ${exit.reason}`);
      return;
    }
    const isStuck = now >= truth.deletionReadAt + truth.grace * 1_000 + limits.stuckTimeout;
    const isUnreachable = now >= server.lastHead() + limits.reconnectTimeout;
    const isRemoved = truth.removedReadAt <= now || truth.missedAt <= now;
    if (truth.endReadAt <= now)
      broken('lost', `pod ${number} is lost, although its end was read at ${truth.endReadAt} ms`);
    else if (!isRemoved && !isStuck && !isUnreachable)
      broken('lost', `pod ${number} is lost: ${exit.reason}`);
  };

  const create = (number: number, restarts: boolean, isStuck: boolean): void => {
    if (followed.has(number)) return;
    const pod = simPod(number, restarts, timers.now());
    byUid.set(pod.uid, pod);
    // The answer of the creation comes after the watch was opened.
    const watching = store.watching$.subscribe();
    server.publish('ADDED', pod.document());
    const context = newPodContext(cluster, pod.name, 'sim', 'c');
    context.uid = pod.uid;
    const runs: string[] = [];
    context.runs$.subscribe(({ id = '' }) => {
      if (runs.includes(id)) broken('runs', `run ${id} of pod ${number} is reported twice`);
      runs.push(id);
    });
    const spec = { restartPolicy: restarts ? 'OnFailure' : 'Never' } as const;
    const follower = followPod(context, { ...limits, spec }, store, factsOf(pod.document() as ApiPod));
    const one: Followed = { pod, follower, runs, isStuck, found: undefined };
    followed.set(number, one);
    watching.unsubscribe();
    void follower.exit.then((found) => {
      one.found = found;
      judge(number, one, found);
    });
  };

  for (const event of events)
    timers.later(event.at, () => {
      if (event.kind === 'create') {
        note(`pod ${event.pod} is created`);
        create(event.pod, event.restarts, event.stuck);
      } else if (event.kind === 'fault') {
        note(`fault: ${event.does} ${event.ms}`);
        server.fault(event.does, event.ms);
      } else {
        const type = followed.get(event.pod)?.pod.act(event.does, event.code);
        if (type === undefined) return;
        note(`pod ${event.pod}: ${event.does} ${event.code}`);
        server.publish(type, (followed.get(event.pod) as Followed).pod.document());
      }
    });
  timers.later(healAt, () => {
    note('healed');
    server.heal();
    for (const { pod, isStuck } of followed.values())
      for (const act of isStuck ? (['delete'] as const) : (['delete', 'exit', 'gone'] as const)) {
        const type = pod.act(act, 143);
        if (type !== undefined) server.publish(type, pod.document());
      }
  });
  let steps = 0;
  while (steps < 20_000 && (await timers.step(healAt + afterHealing))) steps += 1;

  for (const [number, { found }] of followed)
    if (found === undefined)
      broken('settled', `pod ${number} has no exit ${afterHealing} ms after all was well`);
  if (violation === undefined && (server.open() > 0 || timers.pending() > 0))
    broken('quiet', `${server.open()} connections and ${timers.pending()} timers`);
  const { requests } = server;
  const most = 30;
  if (requests.some((at, place) => (requests[place + most] ?? Number.POSITIVE_INFINITY) < at + 1_000))
    broken('calm', `more than ${most} requests within a second`);
  for (const { follower } of followed.values()) follower.stop();
  return {
    log: { trace, exits: [...followed.values()].filter(({ found }) => found !== undefined).length },
    violation,
  };
};
