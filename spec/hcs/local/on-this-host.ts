/**
 * What these specs say about real processes without saying how.
 */
import { firstValueFrom, lastValueFrom, type Observable } from 'rxjs';
import type { ByteSource } from '../../../src/hcs/contract/bytes.js';
import type { ComputeProcess, ProcessExit } from '../../../src/hcs/contract/compute-process.js';
import type { ComputeSystem, Descriptors } from '../../../src/hcs/contract/compute-system.js';
import type { ProcessSpec } from '../../../src/hcs/contract/process-spec.js';
import { type LocalOptions, local } from '../../../src/hcs/local/index.js';
import { hasEnded } from '../../support/has-ended.js';

export const done = (act: Observable<unknown>): Promise<unknown> =>
  lastValueFrom(act, { defaultValue: undefined });

/** A process with all streams, save those that have a descriptor. */
export const create = (
  system: ComputeSystem,
  spec: ProcessSpec,
  descriptors: Descriptors = {},
): Promise<ComputeProcess> =>
  firstValueFrom(
    system.createProcess(
      { OciProcess: spec, CreateStdInPipe: true, CreateStdOutPipe: true, CreateStdErrPipe: !spec?.terminal },
      descriptors,
    ),
  );

export const shell = (script: string, more: Omit<ProcessSpec, 'args'> = {}): ProcessSpec => ({
  args: ['sh', '-c', script],
  ...more,
});

/** Gives a system to the test and ends it afterwards, whatever happened. */
export const inSystem = async <T>(
  test: (system: ComputeSystem) => Promise<T>,
  options?: LocalOptions,
): Promise<T> => {
  const system = local(options);
  try {
    return await test(system);
  } finally {
    await done(system.terminate());
    await done(system.exit$);
  }
};

export const text = async (source: ByteSource | undefined): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of source ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
};

/** Reads on until the text matches; what comes after stays unread. */
export const until = async (source: ByteSource | undefined, pattern: RegExp): Promise<string> => {
  const iterator = source![Symbol.asyncIterator]();
  let seen = '';
  while (!pattern.test(seen)) {
    const { done: ended, value } = await iterator.next();
    if (ended) throw new Error(`ended before ${pattern}: ${seen}`);
    seen += Buffer.from(value as Uint8Array).toString();
  }
  return seen;
};

export interface Outcome {
  readonly exit: ProcessExit;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a process in a system of its own until its end and the end of its output. */
export const run = (
  spec: ProcessSpec,
  descriptors?: Descriptors,
  env?: LocalOptions['env'],
): Promise<Outcome> =>
  inSystem(async (system) => {
    const process = await create(system, spec, descriptors);
    const { stdout, stderr } = process.stdio;
    const [exit, out, err] = await Promise.all([firstValueFrom(process.exit$), text(stdout), text(stderr)]);
    await done(process.close());
    return { exit, stdout: out, stderr: err };
  }, env && { env });

/** Whether there is such a process, other than as a zombie. */
export const lives = (pid: number): boolean => !hasEnded(pid);

/** A process that lives until its input ends. */
export const init = (system: ComputeSystem): Promise<ComputeProcess> => create(system, { args: ['cat'] });
