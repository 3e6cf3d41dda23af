/** All sessions of a folder and its subfolders: every pod, exec, attachment and refusal in each, in every variant. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { messageOf } from '../../src/hcs/failures/errors.js';
import { podLivesOf } from './pod-lives.js';
import { podVariants, replayPod } from './replay-pod.js';
import { isRefusal, replayRefusal } from './replay-refusal.js';
import { isReplayable, replayStream, streamVariants } from './replay-stream.js';
import { parseSession, type RecordedStream, type Session } from './session.js';

export interface KubernetesFolderOptions {
  /** Part of the paths of the sessions to run. Default: all. */
  readonly wanted?: string | undefined;
  readonly verbose?: boolean;
  readonly print: (line: string) => void;
}

/** Runs them, says what came of it, and answers whether all passed. The last line counts. */
export const runKubernetesFolder = async (
  folder: string,
  { wanted = '', verbose = false, print }: KubernetesFolderOptions,
): Promise<boolean> => {
  let [passed, failed] = [0, 0];
  try {
    const files = sessionFiles(folder).filter((each) => relative(folder, each).includes(wanted));
    const results = inOrder(files, filesAtOnce, async (file) => {
      const session = parseSession(readFileSync(file, 'utf8'));
      return session && runSession(session);
    });
    for (const [at, file] of files.entries()) {
      const name = relative(folder, file).replace(/\.json$/, '');
      const result = await results[at];
      if (result === undefined || result.replays === 0) {
        print(`nothing to replay: ${name}`);
        continue;
      }
      const isGood = result.found.length === 0;
      if (isGood) passed += 1;
      else failed += 1;
      if (!isGood || verbose) print(`${isGood ? 'ok    ' : 'FAILED'} ${name} (${result.replays} replays)`);
      for (const difference of result.found.slice(0, 20)) print(`        ${difference}`);
    }
  } catch (error) {
    print(`cannot run ${folder}: ${messageOf(error)}`);
    failed += 1;
  }
  print(`${passed} passed, ${failed} failed`);
  return passed > 0 && failed === 0;
};

/** Most of a replay is waiting. */
const filesAtOnce = 6;

/** The results of tasks of which only some run at a time, each as soon as it is there. */
const inOrder = <T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): readonly Promise<R>[] => {
  const lanes = Array.from({ length: atOnce }, (): Promise<unknown> => Promise.resolve());
  return items.map((item, at) => {
    const result = (lanes[at % atOnce] as Promise<unknown>).then(() => work(item));
    lanes[at % atOnce] = result.catch(() => undefined);
    return result;
  });
};

const sessionFiles = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .sort((one, other) => one.name.localeCompare(other.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sessionFiles(path);
      return entry.name.endsWith('.json') ? [path] : [];
    });

interface Replay {
  readonly what: string;
  run(): Promise<string[]>;
}

export const runSession = async (session: Session): Promise<{ replays: number; found: string[] }> => {
  const replays = [...podReplays(session), ...streamReplays(session), ...refusalReplays(session)];
  const found: string[] = [];
  for (let at = 0; at < replays.length; at += atOnce) {
    const results = await Promise.all(
      replays.slice(at, at + atOnce).map(async ({ what, run }) => {
        const differences = await run().catch((error: unknown) => [`the replay failed: ${messageOf(error)}`]);
        return differences.map((text) => `${what}: ${text}`);
      }),
    );
    found.push(...results.flat());
  }
  return { replays: replays.length, found };
};

const atOnce = 16;

const podReplays = (session: Session): readonly Replay[] =>
  podLivesOf(session).flatMap((life) =>
    podVariants(life).map((variant) => ({
      what: `pod ${life.name}, ${variant.kind}${'after' in variant ? ` after ${variant.after} events` : ''}`,
      run: () => replayPod(life, variant),
    })),
  );

const streamReplays = (session: Session): readonly Replay[] =>
  session.steps.flatMap(({ stream }) =>
    stream === undefined || !isReplayable(stream)
      ? []
      : streamVariants(stream).map((variant) => ({
          what: `${stream.label ?? stream.path.slice(-60)}, ${variant.mode}${variant.slower ? ', slower' : ''}${
            variant.cutAfter === undefined ? '' : `, cut after ${variant.cutAfter} frames`
          }`,
          run: () => replayStream(withStatus(stream, session), variant, hasEnded(stream)),
        })),
  );

/** Whether the process of an exec had ended when its status came: the recordings that break off announce an end. */
const hasEnded = ({ path, frames = [] }: RecordedStream): boolean => {
  const announces = /echo\+done/.test(path);
  return !announces || frames.some(({ ch, text = '' }) => ch === 1 && text.includes('done'));
};

/** A long status was left out of the frames, and stands in the outcome. */
const withStatus = (stream: RecordedStream, { outcome }: Session): RecordedStream => {
  const { status } = (outcome ?? {}) as { readonly status?: unknown };
  const frames = stream.frames?.map((frame) =>
    frame.ch === 3 && frame.text === undefined ? { ...frame, text: JSON.stringify(status ?? {}) } : frame,
  );
  return { ...stream, ...(frames && { frames }) };
};

const refusalReplays = ({ steps }: Session): readonly Replay[] =>
  steps.filter(isRefusal).map((step) => ({
    what: `${step.request?.method} ${step.request?.path}`,
    run: () => replayRefusal(step),
  }));
