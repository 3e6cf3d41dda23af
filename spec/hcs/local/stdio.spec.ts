import {
  closeSync,
  constants,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { create, done, init, inSystem, run, shell, text, until } from './on-this-host.js';

describe('the streams of a local process', () => {
  it('carry what is written to it, and end when its input does', () =>
    inSystem(async (system) => {
      const process = await create(system, { args: ['cat'] });
      const echoed = text(process.stdio.stdout);
      const sent = 'x'.repeat(1_000_000);
      await process.stdio.stdin!.write(Buffer.from(sent));
      await done(process.closeStdin());
      expect((await echoed) === sent).toBe(true);
      expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'exited', code: 0 });
    }));

  it('keep output and errors apart', async () => {
    const { stdout, stderr } = await run(shell('echo out; echo err >&2'));
    expect({ stdout, stderr }).toEqual({ stdout: 'out\n', stderr: 'err\n' });
  });

  it('are pipes that can be opened by name', async () => {
    expect((await run(shell('echo out >/dev/stdout; echo err >/dev/stderr'))).stderr).toBe('err\n');
  });

  it('are /dev/null if they were not requested', () =>
    inSystem(async (system) => {
      const script = 'for n in 0 1 2; do [ /proc/self/fd/$n -ef /dev/null ] || exit 1; done';
      const process = await firstValueFrom(system.createProcess({ OciProcess: shell(script) }));
      expect(process.stdio).toEqual({});
      expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'exited', code: 0 });
    }));

  it('let go of a process that never reads', () =>
    inSystem(async (system) => {
      const process = await create(system, { args: ['sleep', '1000'] });
      const writing = process.stdio.stdin!.write(Buffer.alloc(1_000_000));
      await done(process.closeStdin());
      await expect(writing).rejects.toMatchObject({ kind: 'failedPrecondition' });
      await firstValueFrom(process.kill());
      expect(await firstValueFrom(process.exit$)).toMatchObject({ code: 137 });
    }));

  it('report a writer that is left alone: output closed here is a broken pipe there', () =>
    inSystem(async (system) => {
      const process = await create(system, { args: ['yes'] });
      await until(process.stdio.stdout, /y/);
      await done(process.closeStdout());
      expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'signaled', signal: 13, code: 141 });
    }));

  it('end a pending read when they are closed', () =>
    inSystem(async (system) => {
      const process = await init(system);
      const reading = Promise.all([text(process.stdio.stdout), text(process.stdio.stderr)]);
      await done(process.closeStderr());
      await done(process.close());
      expect(await reading).toEqual(['', '']);
    }));

  it('may be closed in any order, and again, and after the end', () =>
    inSystem(async (system) => {
      const process = await init(system);
      for (const _ of [1, 2]) {
        await done(process.closeStdin());
        await done(process.closeStdout());
        await done(process.closeStderr());
        await done(process.close());
      }
      expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'exited', code: 0 });
      await done(process.close());
    }));

  it('have no size to change', () =>
    inSystem(async (system) => {
      const process = await init(system);
      await expect(done(process.resizeConsole({ width: 1, height: 1 }))).rejects.toMatchObject({
        kind: 'failedPrecondition',
      });
    }));
});

describe('a descriptor handed to a local process', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxshim-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const withFile = async <T>(
    name: string,
    flags: string | number,
    use: (fd: number) => Promise<T>,
  ): Promise<T> => {
    const fd = openSync(join(folder, name), flags);
    try {
      return await use(fd);
    } finally {
      // Fails when it was closed by someone else.
      closeSync(fd);
    }
  };

  it('is its own stream, is not offered here as well, and stays open', async () => {
    writeFileSync(join(folder, 'in'), 'from a file\n');
    await withFile('out', 'w', (stdout) =>
      withFile('in', 'r', async (stdin) => {
        await inSystem(async (system) => {
          const process = await create(system, { args: ['cat'] }, { stdin, stdout });
          expect(Object.keys(process.stdio)).toEqual(['stderr']);
          await done(process.exit$);
        });
        expect(fstatSync(stdout).size).toBe(12);
      }),
    );
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('from a file\n');
  });

  it('keeps its position in a file', () =>
    withFile('both', 'w+', async (fd) => {
      await run(shell('echo out'), { stdout: fd, stderr: fd });
      await run(shell('echo err >&2; echo out'), { stdout: fd, stderr: fd });
      expect(readFileSync(join(folder, 'both'), 'utf8')).toBe('out\nerr\nout\n');
    }));

  it('may be /dev/null', async () => {
    const fd = openSync('/dev/null', 'r+');
    expect(await run({ args: ['cat'] }, { stdin: fd, stdout: fd })).toMatchObject({
      exit: { code: 0 },
      stdout: '',
    });
    closeSync(fd);
  });

  it('blocks for the process where it does not block here', async () => {
    await run({ args: ['mkfifo', join(folder, 'fifo')] });
    const flags = constants.O_RDWR | constants.O_NONBLOCK;
    await withFile('fifo', flags, async (fd) => {
      const before = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
      const { stdout } = await run({ args: ['cat', '/proc/self/fdinfo/0'] }, { stdin: fd });
      const flagsThere = Number.parseInt(/flags:\s*(\d+)/.exec(stdout)![1]!, 8);
      expect(flagsThere & constants.O_NONBLOCK).toBe(0);
      expect(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')).toBe(before);
      await run(shell('echo through a pipe'), { stdout: fd });
      const read = await run({ args: ['head', '-n', '1'] }, { stdin: fd });
      expect(read.stdout).toBe('through a pipe\n');
    });
  });

  it('may be one of the lowest three, under another number', async () => {
    // Descriptors that this process has anyway: each end gets the one that the other had.
    const ends = [0, 1, 2].map((fd) => readlinkSync(`/proc/self/fd/${fd}`));
    await withFile('crossed', 'w', async (fd) => {
      const script = `readlink /proc/self/fd/0 /proc/$$/fd/2 >${folder}/descriptors`;
      const { exit } = await run(shell(script), { stdin: 2, stdout: fd, stderr: 0 });
      expect(exit).toMatchObject({ code: 0 });
    });
    const [stdin, stderr] = readFileSync(join(folder, 'descriptors'), 'utf8').split('\n');
    expect([stdin, stderr]).toEqual([ends[2], ends[0]]);
  });

  it.each<[string, unknown]>([
    ['is closed', 9999],
    ['is no number', 'x'],
    ['is negative', -1],
  ])('is refused when it %s', async (_, fd) => {
    const refusal = { kind: 'invalidArgument', field: 'descriptors.stdout', value: fd };
    await expect(run({ args: ['true'] }, { stdout: fd as number })).rejects.toMatchObject(refusal);
  });
});
