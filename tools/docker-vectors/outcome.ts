/** What a user of the engine sees of one life, and what was to be seen. */
import { firstValueFrom, lastValueFrom } from 'rxjs';
import type { ByteSource } from '../../src/hcs/contract/bytes.js';
import type { ComputeProcess, ProcessExit } from '../../src/hcs/contract/compute-process.js';
import { RxshimError } from '../../src/hcs/failures/errors.js';
import type { Traffic } from './lives.js';

export interface Outcome {
  /** Where it failed to be created or started. */
  readonly failed?: { readonly at: 'create' | 'start'; readonly error: unknown };
  readonly exit?: ProcessExit;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether a reader got an error at the end. */
  readonly truncated: boolean;
}

export const failure = (at: 'create' | 'start', error: unknown): Outcome => ({
  failed: { at, error },
  stdout: '',
  stderr: '',
  truncated: false,
});

/** Follows a process that runs to its end, while its client writes what the session's client wrote. */
export const followed = async (process: ComputeProcess, traffic: readonly Traffic[]): Promise<Outcome> => {
  void feed(process, traffic).catch(() => undefined);
  const [stdout, stderr, exit] = await Promise.all([
    read(process.stdio.stdout),
    read(process.stdio.stderr),
    firstValueFrom(process.exit$),
  ]);
  await lastValueFrom(process.close(), { defaultValue: undefined });
  return { exit, stdout: stdout.text, stderr: stderr.text, truncated: stdout.failed || stderr.failed };
};

const feed = async (process: ComputeProcess, traffic: readonly Traffic[]): Promise<void> => {
  for (const { dir, bytes } of traffic) {
    if (dir === 'out') await process.stdio.stdin?.write(bytes);
    if (dir === 'half-close') await lastValueFrom(process.closeStdin(), { defaultValue: undefined });
  }
};

const read = async (source: ByteSource | undefined): Promise<{ text: string; failed: boolean }> => {
  const chunks: Buffer[] = [];
  let failed = false;
  try {
    for await (const chunk of source ?? []) chunks.push(Buffer.from(chunk as Uint8Array));
  } catch {
    failed = true;
  }
  return { text: Buffer.concat(chunks).toString(), failed };
};

export interface Wanted {
  readonly failedAt?: 'create' | 'start';
  /** For a failure of the executable. */
  readonly exitStatus?: number | undefined;
  readonly code?: number | undefined;
  readonly signal?: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** What comes may be less, if a reader gets an error for it. */
  readonly mayBeTruncated: boolean;
  /** A failure of the start is as good. */
  readonly mayFail?: boolean;
}

/** What differs, in words; none if nothing does. */
export const differences = (wanted: Wanted, seen: Outcome): string[] => {
  const { failed, exit } = seen;
  if (wanted.failedAt !== undefined) {
    if (failed?.at !== wanted.failedAt)
      return [`expected a failure of ${wanted.failedAt}, got ${failed ? `one of ${failed.at}` : show(exit)}`];
    if (!(failed.error instanceof RxshimError)) return [`an error without a kind: ${String(failed.error)}`];
    const { exitStatus, message } = failed.error;
    return wanted.exitStatus === undefined || exitStatus === wanted.exitStatus
      ? []
      : [`exit status ${wanted.exitStatus} expected, got ${exitStatus}: ${message}`];
  }
  if (failed !== undefined && wanted.mayFail && failed.at === 'start') return [];
  if (failed !== undefined) return [`failed to ${failed.at}: ${String(failed.error)}`];
  const kind = wanted.signal === undefined ? 'exited' : 'signaled';
  const found: string[] = [];
  if (exit?.kind !== kind || exit.code !== wanted.code)
    found.push(`${kind} with ${wanted.code} expected, got ${show(exit)}`);
  for (const name of ['stdout', 'stderr'] as const) {
    if (seen[name] === wanted[name]) continue;
    if (wanted.mayBeTruncated && seen.truncated && wanted[name].startsWith(seen[name])) continue;
    found.push(`${name}: ${brief(wanted[name])} expected, got ${brief(seen[name])}`);
  }
  if (seen.truncated && !wanted.mayBeTruncated) found.push('a reader got an error though nothing was lost');
  return found;
};

const show = (exit: ProcessExit | undefined): string => JSON.stringify(exit ?? 'no exit');

const brief = (text: string): string =>
  `${text.length} characters ${JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)}`;

/** The text of one stream. */
export const sentText = (traffic: readonly Traffic[], stderr: boolean): string =>
  Buffer.concat(
    traffic.filter(({ dir, type }) => dir === 'in' && (type === 2) === stderr).map(({ bytes }) => bytes),
  ).toString();
