/** The execs of the soak: each kind with what it must end with. */
import { firstValueFrom, lastValueFrom } from 'rxjs';
import type { ComputeProcess } from '../../src/hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../src/hcs/contract/compute-system.js';
import { statusOf } from '../../src/hcs/contract/exit-code.js';
import { kindOf } from '../../src/hcs/failures/errors.js';

/** Does one exec; the kind is chosen by its number. Throws if it does not end as it must. */
export const execNumber = async (container: ComputeSystem, number: number): Promise<void> => {
  const kind = kinds[number % kinds.length]!;
  const got = await kind.run(container);
  if (got !== kind.expected) throw new Error(`exec ${number}: ${got} instead of ${kind.expected}`);
};

interface Kind {
  readonly expected: string;
  run(container: ComputeSystem): Promise<string>;
}

const where = { cwd: '/', env: ['PATH=/usr/bin:/bin'] };

const kinds: readonly Kind[] = [
  { expected: '0', run: (container) => output(container, ['true'], (made) => ended(made)) },
  { expected: 'hello 0', run: (container) => output(container, ['echo', 'hello'], (made) => ended(made)) },
  { expected: 'word 0', run: (container) => echoed(container) },
  { expected: '137', run: (container) => output(container, ['sleep', '600'], (made) => killed(made)) },
  { expected: 'notFound', run: (container) => refused(container) },
];

const output = async (
  container: ComputeSystem,
  args: readonly string[],
  end: (made: ComputeProcess) => Promise<number>,
): Promise<string> => {
  const OciProcess = { args, ...where };
  const made = await firstValueFrom(
    container.createProcess({ OciProcess, CreateStdOutPipe: true, CreateStdErrPipe: true }),
  );
  return said(made, end(made));
};

const echoed = async (container: ComputeSystem): Promise<string> => {
  const made = await firstValueFrom(
    container.createProcess({
      OciProcess: { args: ['cat'], ...where },
      CreateStdInPipe: true,
      CreateStdOutPipe: true,
    }),
  );
  await made.stdio.stdin!.write(Buffer.from('word'));
  await lastValueFrom(made.closeStdin(), { defaultValue: undefined });
  return said(made, ended(made));
};

const refused = async (container: ComputeSystem): Promise<string> => {
  const OciProcess = { args: ['/no/such/program'], ...where };
  try {
    await firstValueFrom(container.createProcess({ OciProcess, CreateStdOutPipe: true }));
  } catch (error) {
    return kindOf(error);
  }
  return 'a process';
};

const said = async ({ stdio, close }: ComputeProcess, status: Promise<number>): Promise<string> => {
  const [stdout, stderr] = await Promise.all([text(stdio.stdout), text(stdio.stderr)]);
  const code = await status;
  await lastValueFrom(close(), { defaultValue: undefined });
  return [`${stdout}${stderr}`.trim(), code].filter((part) => part !== '').join(' ');
};

const text = async (source: AsyncIterable<Uint8Array> | undefined): Promise<string> => {
  let all = '';
  for await (const chunk of source ?? []) all += Buffer.from(chunk).toString();
  return all;
};

const ended = async (made: ComputeProcess): Promise<number> => statusOf(await firstValueFrom(made.exit$));

const killed = async (made: ComputeProcess): Promise<number> => {
  await firstValueFrom(made.kill());
  return ended(made);
};
