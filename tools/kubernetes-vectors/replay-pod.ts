/** Replays the life of one pod: served as recorded, slower, with the watch cut, ended or expired after each event. */

import type { ServerResponse } from 'node:http';
import { EMPTY, firstValueFrom, lastValueFrom } from 'rxjs';
import type { ProcessExit } from '../../src/hcs/contract/compute-process.js';
import { messageOf, RxshimError } from '../../src/hcs/failures/errors.js';
import { kubernetes } from '../../src/hcs/kubernetes/index.js';
import { isSettledWithin } from '../../src/hcs/remote/pause.js';
import { type Expected, expectedOf, type PodLife } from './pod-lives.js';
import { sendAnswer, startReplayServer } from './replay-server.js';
import type { RecordedEvent } from './session.js';

export type PodVariant =
  | { readonly kind: 'recorded' | 'slower' }
  /** After so many events: in the middle of a line, in order, or as too old, by which the next event is missed. */
  | { readonly kind: 'cut' | 'ended' | 'expired'; readonly after: number };

export const podVariants = ({ events }: PodLife): readonly PodVariant[] => [
  { kind: 'recorded' },
  { kind: 'slower' },
  ...events.flatMap((_, after): PodVariant[] => [
    { kind: 'cut', after },
    { kind: 'ended', after },
    { kind: 'expired', after },
  ]),
];

/** What differs, in words; none if nothing does. */
export const replayPod = async (life: PodLife, variant: PodVariant): Promise<string[]> => {
  const { events, created, name, spec, main } = life;
  const { visible, isMissing } = visibleOf(events, variant);
  const expected = expectedOf(life, visible, isMissing);
  const served = serveEvents(events, variant);
  const server = await startReplayServer({
    answer: ({ method, url }, response) => {
      if (method === 'POST') {
        sendAnswer(response, created);
        return served.begin();
      }
      if (method === 'DELETE') return sendAnswer(response, { status: 200, body: {} });
      if (url.searchParams.has('watch'))
        return served.watch(Number(url.searchParams.get('resourceVersion')), response);
      sendAnswer(response, { status: 200, body: served.list() });
    },
  });
  try {
    const system = kubernetes({
      server: server.server,
      name,
      podSpec: { ...spec },
      container: main,
      startTimeout:
        expected.kind === 'failed' && expected.exitStatus === undefined && expected.reason !== 'StartError'
          ? 1_000
          : 10_000,
    });
    const process = await firstValueFrom(system.create?.({}) ?? EMPTY);
    const failure = await lastValueFrom(system.start(), { defaultValue: undefined }).then(
      () => undefined,
      (error: unknown) => error,
    );
    const found = await outcome(process.exit$, failure, expected, served.done);
    await lastValueFrom(system.close(), { defaultValue: undefined });
    return found;
  } finally {
    await server.close();
  }
};

const outcome = async (
  exit$: Parameters<typeof firstValueFrom<ProcessExit>>[0],
  failure: unknown,
  expected: Expected,
  served: Promise<void>,
): Promise<string[]> => {
  if (expected.kind === 'failed') {
    if (!(failure instanceof RxshimError)) return [`a failed start expected, got ${messageOf(failure)}`];
    if (!failure.message.includes(expected.reason))
      return [`${expected.reason} is missing in: ${failure.message}`];
    return expected.exitStatus === undefined || failure.exitStatus === expected.exitStatus
      ? []
      : [`exit status ${expected.exitStatus} expected, got ${failure.exitStatus}: ${failure.message}`];
  }
  if (failure !== undefined) return [`failed to start: ${messageOf(failure)}`];
  if (expected.kind === 'running') {
    await served;
    const exit = firstValueFrom(exit$);
    const early = (await isSettledWithin(exit, 50)) ? await exit : undefined;
    return early === undefined ? [] : [`it runs on, but an exit was reported: ${JSON.stringify(early)}`];
  }
  const ended = firstValueFrom(exit$);
  const exit = (await isSettledWithin(ended, 8_000)) ? await ended : undefined;
  if (expected.kind === 'lost')
    return exit?.kind === 'unknown' ? [] : [`no exit code expected, got ${JSON.stringify(exit)}`];
  return exit?.kind === 'exited' && exit.code === expected.code
    ? []
    : [`exit code ${expected.code} expected, got ${JSON.stringify(exit)}`];
};

/** How many events happen before a list after an expired watch: that shows the state after the last of them. */
const missedAt = (events: readonly RecordedEvent[], at: number): number => Math.min(2, events.length - at);

/** What can be seen, and whether the pod is gone without that having been seen. */
const visibleOf = (events: readonly RecordedEvent[], variant: PodVariant) => {
  if (variant.kind !== 'expired') return { visible: events, isMissing: false };
  const last = variant.after + missedAt(events, variant.after) - 1;
  const isMissing = events[last]?.type === 'DELETED';
  const isSeen = (at: number): boolean => at < variant.after || at > last || (at === last && !isMissing);
  return { visible: events.filter((_, at) => isSeen(at)), isMissing };
};

/** The events of one pod, each once, to whatever watches. */
const serveEvents = (events: readonly RecordedEvent[], variant: PodVariant) => {
  let at = 0;
  let disturbed = !('after' in variant);
  let current: ServerResponse | undefined;
  let pumping = false;
  let hasBegun = false;
  let finish = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const versionAt = (index: number): string => events[index]?.object.metadata?.resourceVersion ?? '1';
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  const disturb = (response: ServerResponse, line: string): void => {
    disturbed = true;
    current = undefined;
    if (variant.kind === 'cut') {
      response.write(line.slice(0, line.length >> 1), () => response.destroy());
      return;
    }
    if (variant.kind === 'expired') {
      response.write(
        `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' } })}\n`,
      );
      // They happen while there is no watch.
      at += missedAt(events, at);
    }
    response.end();
  };
  const pump = async (): Promise<void> => {
    if (pumping) return;
    pumping = true;
    while (hasBegun && current !== undefined && at < events.length) {
      const response = current;
      const line = `${JSON.stringify(events[at])}\n`;
      if (!disturbed && 'after' in variant && at === variant.after) {
        disturb(response, line);
        break;
      }
      at += 1;
      if (variant.kind === 'slower') {
        const third = Math.ceil(line.length / 3);
        for (let from = 0; from < line.length; from += third) {
          response.write(line.slice(from, from + third));
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      } else response.write(line);
      await turn();
    }
    pumping = false;
    if (at >= events.length) finish();
  };
  return {
    done,
    begin: () => {
      hasBegun = true;
      void pump();
    },
    list: () => {
      const last = at === 0 ? undefined : events[at - 1];
      return {
        kind: 'PodList',
        metadata: { resourceVersion: at === 0 ? '1' : versionAt(at - 1) },
        items: last === undefined || last.type === 'DELETED' ? [] : [last.object],
      };
    },
    watch: (from: number, response: ServerResponse) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.flushHeaders();
      response.on('error', () => undefined);
      // A watch goes on after the version that its client has seen.
      while (at > 0 && Number(versionAt(at - 1)) > from) at -= 1;
      current = response;
      response.once('close', () => {
        if (current === response) current = undefined;
      });
      void pump();
    },
  };
};
