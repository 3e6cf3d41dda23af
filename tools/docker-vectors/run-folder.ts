/** All sessions of a folder and its subfolders: every life in each, in every variant. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { messageOf } from '../../src/hcs/failures/errors.js';
import { type ContainerLife, type ExecLife, livesOf } from './lives.js';
import { replayLife } from './replay-life.js';
import { parseSession, type Session } from './session.js';
import { variantsOf, variantText } from './variants.js';

export interface DockerFolderOptions {
  /** Part of the paths of the sessions to run. Default: all. */
  readonly wanted?: string | undefined;
  readonly verbose?: boolean;
  readonly print: (line: string) => void;
}

/** Runs them, says what came of it, and answers whether all passed. The last line counts. */
export const runDockerFolder = async (
  folder: string,
  { wanted = '', verbose = false, print }: DockerFolderOptions,
): Promise<boolean> => {
  let [passed, failed] = [0, 0];
  try {
    const files = sessionFiles(folder).filter((file) => relative(folder, file).includes(wanted));
    for (let at = 0; at < files.length; at += filesAtOnce) {
      const some = files.slice(at, at + filesAtOnce);
      const results = await Promise.all(some.map(runFile));
      for (const [index, result] of results.entries()) {
        const name = relative(folder, some[index] as string).replace(/\.json$/, '');
        if (result === undefined) {
          print(`no session: ${name}`);
          continue;
        }
        const { replayed, found } = result;
        const isGood = found.length === 0;
        if (isGood) passed += 1;
        else failed += 1;
        if (!isGood || verbose) print(`${isGood ? 'ok    ' : 'FAILED'} ${name} (${replayed} replays)`);
        for (const difference of found.slice(0, 20)) print(`        ${difference}`);
      }
    }
  } catch (error) {
    print(`cannot run ${folder}: ${messageOf(error)}`);
    failed += 1;
  }
  print(`${passed} passed, ${failed} failed`);
  return passed > 0 && failed === 0;
};

/** Most of a replay is waiting. */
const filesAtOnce = 8;

const runFile = async (file: string): Promise<{ replayed: number; found: string[] } | undefined> => {
  const session = parseSession(readFileSync(file, 'utf8'));
  return session && runSession(session);
};

const sessionFiles = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .sort((one, other) => one.name.localeCompare(other.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sessionFiles(path);
      return entry.name.endsWith('.json') ? [path] : [];
    });

export const runSession = async (session: Session): Promise<{ replayed: number; found: string[] }> => {
  const replays: (() => Promise<string[]>)[] = [];
  for (const [at, life] of distinct(livesOf(session)).entries()) {
    const canReturn =
      life.kind === 'container' && life.attached?.answer.status === 101 && life.code !== undefined;
    for (const variant of variantsOf(life.traffic, canReturn)) {
      replays.push(async () => {
        const differing = await replayLife(session, life, variant);
        return differing.map(
          (text) => `${life.kind} ${at} ${commandOf(life)}, ${variantText(variant)}: ${text}`,
        );
      });
    }
  }
  const found: string[] = [];
  for (let at = 0; at < replays.length; at += atOnce)
    found.push(...(await Promise.all(replays.slice(at, at + atOnce).map((replay) => replay()))).flat());
  return { replayed: replays.length, found };
};

const atOnce = 64;

/** A session may have run one thing many times: what differs in nothing that is compared is replayed once. */
const distinct = (lives: readonly (ContainerLife | ExecLife)[]): (ContainerLife | ExecLife)[] => {
  const seen = new Map<string, ContainerLife | ExecLife>();
  for (const life of lives) {
    const { created, started, ...rest } = life;
    const attached = life.kind === 'container' ? life.attached : undefined;
    const key = JSON.stringify([
      { ...rest, attached: [...(attached?.query ?? [])] },
      [created.status, started?.status, attached?.answer.status],
    ]);
    if (!seen.has(key)) seen.set(key, life);
  }
  return [...seen.values()];
};

const commandOf = ({ request }: ContainerLife | ExecLife): string =>
  JSON.stringify(request['Cmd'] ?? '').slice(0, 60);
