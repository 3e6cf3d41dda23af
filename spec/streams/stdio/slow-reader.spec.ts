/** Output is never lost in silence: what was written before the exit is the reader's, and a cut is an error. */
import { expect, it } from '@jest/globals';
import { concatMap, firstValueFrom, from, lastValueFrom, toArray } from 'rxjs';
import { local } from '../../../src/hcs/local/index.js';
import {
  createTask,
  decode,
  type Exec,
  lines,
  type Policies,
  type StdioRequest,
  text,
} from '../../../src/index.js';
import { describeOnLinux, turns } from '../../hcs/native/on-linux.js';

/** The cap is no time at all: nothing here may depend on it. */
const noTime: Partial<Policies> = { drain: { cap: 0 } };

const inExec = async (
  script: string,
  stdio: StdioRequest,
  test: (exec: Exec) => Promise<void>,
  policies: Partial<Policies> = noTime,
): Promise<void> => {
  const task = await createTask({
    id: 't',
    system: local(),
    spec: { args: ['sleep', '1000'] },
    policies,
  });
  try {
    await task.init.start();
    const exec = await task.createExec({ id: 'e', spec: { args: ['sh', '-c', script] }, stdio });
    await exec.start();
    await test(exec);
  } finally {
    await task[Symbol.asyncDispose]();
  }
};

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at + 1}`);

describeOnLinux('a reader that is slow', () => {
  it('gets every line that was written before the exit, and then the end', () =>
    inExec('seq 1 60000', { stdout: 'pipe' }, async (exec) => {
      const read: string[] = [];
      for await (const line of lines(exec.stdout)) {
        read.push(line);
        // Far slower than the process: it has exited and is released long before the last line.
        if (read.length % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(read).toEqual(numbered(60_000));
      expect(await exec.wait()).toMatchObject({ code: 0, truncated: false });
    }));

  it('gets what is left also when it goes on after the release', () =>
    inExec('seq 1 20000', { stdout: 'pipe' }, async (exec) => {
      const read: string[] = [];
      for await (const line of lines(exec.stdout)) {
        read.push(line);
        if (read.length === 1) expect(await exec.wait()).not.toHaveProperty('unread');
      }
      expect(read).toEqual(numbered(20_000));
    }));

  it('holds up neither the exit nor the release', () =>
    inExec('seq 1 20000; exit 3', { stdout: 'pipe', stderr: 'pipe' }, async (exec) => {
      const reading = exec.stdout![Symbol.asyncIterator]();
      await reading.next();
      expect(await firstValueFrom(exec.exit$)).toMatchObject({ code: 3 });
      expect(await exec.wait()).toMatchObject({ code: 3, truncated: false });
    }));

  it('may be a sink of the caller, for which the release waits', async () => {
    const taken: Buffer[] = [];
    const write = async (chunk: Uint8Array): Promise<void> => {
      const copied = Buffer.from(chunk);
      await new Promise((resolve) => setTimeout(resolve, 20));
      taken.push(copied);
    };
    await inExec('head -c 900000 /dev/zero | tr "\\0" x', { stdout: { write } }, async (exec) => {
      expect(await exec.wait()).toMatchObject({ code: 0, truncated: false });
      expect(Buffer.concat(taken)).toHaveLength(900_000);
    });
  });

  it('may be one that takes nothing at all any more: it is given up', () =>
    inExec(
      'echo taken',
      { stdout: { write: () => new Promise<void>(() => undefined) } },
      async (exec) => expect(await exec.wait()).toMatchObject({ code: 0, truncated: true }),
      { drain: { cap: 0, stall: 50 } },
    ));
});

describeOnLinux('output that a grandchild holds open', () => {
  const collect = async (exec: Exec): Promise<{ said: string; error: unknown }> => {
    let said = '';
    try {
      for await (const piece of decode(exec.stdout)) said += piece;
      return { said, error: undefined };
    } catch (error) {
      return { said, error };
    }
  };

  it('is cut with an error, after all that was written before the exit', () =>
    inExec('seq 1 10000; printf last; sleep 1000 & exit 4', { stdout: 'pipe' }, async (exec) => {
      const { said, error } = await collect(exec);
      expect(said).toBe(`${numbered(10_000).join('\n')}\nlast`);
      expect(error).toMatchObject({ name: 'RxshimError', kind: 'truncated' });
      expect(String(error)).toContain('stdout was truncated');
      expect(await exec.wait()).toMatchObject({ code: 4, truncated: true });
    }));

  it('gives its last line to a reader of lines, though that has no end', () =>
    inExec('echo one; printf two; sleep 1000 &', { stdout: 'pipe' }, async (exec) => {
      const read: string[] = [];
      const reading = (async () => {
        for await (const line of lines(exec.stdout)) read.push(line);
      })();
      await expect(reading).rejects.toMatchObject({ kind: 'truncated' });
      expect(read).toEqual(['one', 'two']);
    }));

  it('is an error of text as well', () =>
    inExec('echo one; sleep 1000 &', { stdout: 'pipe' }, async (exec) =>
      expect(text(exec.stdout)).rejects.toMatchObject({ kind: 'truncated' }),
    ));

  it('and writes to is cut at the cap, however slow the reader is', () =>
    inExec(
      'seq 1 10000; cat /dev/zero & exit 5',
      { stdout: 'pipe' },
      async (exec) => {
        let length = 0;
        const reading = (async () => {
          for await (const chunk of exec.stdout!) {
            length += chunk.length;
            await turns(2);
          }
        })();
        expect(await exec.wait()).toMatchObject({ code: 5, truncated: true });
        await expect(reading).rejects.toMatchObject({ kind: 'truncated' });
        expect(length).toBeGreaterThan(numbered(10_000).join('\n').length);
      },
      { drain: { cap: 50 } },
    ));
});

describeOnLinux('output without a reader', () => {
  it.each([60_000, 100_000, 300_000, 5_000_000])(
    'is no hang for who waits first: %d bytes can be read later',
    (count) =>
      inExec(`head -c ${count} /dev/zero; exit 6`, { stdout: 'pipe', stderr: 'pipe' }, async (exec) => {
        expect(await exec.wait()).toMatchObject({ code: 6, truncated: false, unread: ['stdout'] });
        expect(await text(exec.stdout)).toHaveLength(count);
      }),
  );

  it('is no hang either when there is more than is kept: the outcome says so, and the late reader gets an error', () =>
    inExec('head -c 30000000 /dev/zero; exit 7', { stdout: 'pipe' }, async (exec) => {
      expect(await exec.wait()).toMatchObject({ code: 7, truncated: true, unread: ['stdout'] });
      await expect(text(exec.stdout)).rejects.toThrow(/no reader/);
    }));

  it('is named by the wait of a task, too', async () => {
    const spec = { args: ['sh', '-c', 'head -c 300000 /dev/zero >&2'] };
    const task = await createTask({
      id: 't',
      system: local(),
      spec,
      stdio: { stdout: 'pipe', stderr: 'pipe' },
    });
    await task.init.start();
    expect(await task.wait()).toMatchObject({ status: 0, truncated: false, unread: ['stderr'] });
    expect(await text(task.init.stderr)).toHaveLength(300_000);
    await task.delete();
  });

  it('is not named when there was none', () =>
    inExec('true', { stdout: 'pipe', stderr: 'pipe' }, async (exec) => {
      expect(await exec.wait()).not.toHaveProperty('unread');
      expect(await text(exec.stdout)).toBe('');
    }));

  it('blocks a process whose exit is not awaited', () =>
    inExec('head -c 300000 /dev/zero; exit 8', { stdout: 'pipe' }, async (exec) => {
      await turns(200);
      expect(exec.state).toBe('running');
      const chunks$ = from(exec.stdout!).pipe(
        concatMap(async (chunk) => chunk.length),
        toArray(),
      );
      expect((await lastValueFrom(chunks$)).reduce((sum, length) => sum + length, 0)).toBe(300_000);
      expect(await exec.wait()).toMatchObject({ code: 8, truncated: false });
    }));
});
