/** Several readers of one output, and the order of stdout and stderr. */
import { expect, it } from '@jest/globals';
import { filter, firstValueFrom, lastValueFrom, map, take, toArray } from 'rxjs';
import { local } from '../../../src/hcs/local/index.js';
import {
  createTask,
  type Exec,
  lines,
  type OutputChunk,
  type StdioRequest,
  text,
} from '../../../src/index.js';
import { describeOnLinux, isPending, turns } from '../../hcs/native/on-linux.js';

const inExec = async (
  script: string,
  stdio: StdioRequest,
  test: (exec: Exec) => Promise<void>,
  cap = 1_000,
): Promise<void> => {
  const policies = { drain: { cap } };
  const spec = { args: ['sleep', '1000'] };
  const task = await createTask({ id: 't', system: local(), spec, policies });
  try {
    await task.init.start();
    const exec = await task.createExec({ id: 'e', spec: { args: ['sh', '-c', script] }, stdio });
    await test(exec);
  } finally {
    await task[Symbol.asyncDispose]();
  }
};

const both: StdioRequest = { stdout: 'pipe', stderr: 'pipe' };

const textOf = (chunks: readonly OutputChunk[], stream?: 'stdout' | 'stderr'): string =>
  chunks
    .filter((chunk) => stream === undefined || chunk.stream === stream)
    .map(({ bytes }) => String(Buffer.from(bytes)))
    .join('');

describeOnLinux('output$', () => {
  it('has stdout and stderr for every subscriber, each whole and in order, and then completes', () =>
    inExec('seq 1 20000; seq 1 20000 >&2', both, async (exec) => {
      const received = [0, 1, 2].map(() => lastValueFrom(exec.output$.pipe(toArray())));
      await exec.start();
      const expected = Array.from({ length: 20_000 }, (_, at) => `${at + 1}\n`).join('');
      for (const chunks of await Promise.all(received)) {
        expect(textOf(chunks, 'stdout')).toBe(expected);
        expect(textOf(chunks, 'stderr')).toBe(expected);
      }
      expect(await exec.wait()).toMatchObject({ code: 0, truncated: false });
    }));

  it('says of each chunk when it came, in the order in which they came', () =>
    inExec(
      // Each line waits until the one before has arrived.
      'for i in 1 2 3 4 5; do echo o$i; read next; echo e$i >&2; read next; done',
      { ...both, stdin: 'pipe' },
      async (exec) => {
        const before = Date.now();
        const received = lastValueFrom(exec.output$.pipe(toArray()));
        exec.output$.subscribe(() => void exec.stdin?.write('\n'));
        await exec.start();
        const chunks = await received;
        expect(textOf(chunks)).toBe('o1\ne1\no2\ne2\no3\ne3\no4\ne4\no5\ne5\n');
        const times = [before, ...chunks.map(({ at }) => at), Date.now()];
        expect(times).toEqual([...times].sort((a, b) => a - b));
      },
    ));

  it('has what came before its first subscriber, in order as well', () =>
    inExec(
      'for i in 1 2 3; do echo o$i; sleep 0.3; echo e$i >&2; sleep 0.3; done; exit 3',
      both,
      async (exec) => {
        await exec.start();
        expect(await exec.wait()).toMatchObject({ code: 3, unread: ['stdout', 'stderr'] });
        expect(textOf(await lastValueFrom(exec.output$.pipe(toArray())))).toBe('o1\ne1\no2\ne2\no3\ne3\n');
      },
    ));

  it('is not read before its first subscriber: the process waits', () =>
    inExec('head -c 1000000 /dev/zero; exit 4', both, async (exec) => {
      await exec.start();
      await turns(200);
      expect(exec.state).toBe('running');
      const length$ = exec.output$.pipe(
        map(({ bytes }) => bytes.length),
        toArray(),
      );
      expect((await lastValueFrom(length$)).reduce((sum, length) => sum + length, 0)).toBe(1_000_000);
      expect(await exec.wait()).toMatchObject({ code: 4 });
    }));

  it('is dropped when all subscribers have left, and the process goes on', () =>
    inExec('echo ready; head -c 3000000 /dev/zero; exit 5', both, async (exec) => {
      const ready = firstValueFrom(exec.output$.pipe(filter(({ stream }) => stream === 'stdout')));
      await exec.start();
      expect(textOf([await ready])).toMatch(/^ready\n/);
      expect(await exec.wait()).toMatchObject({ code: 5, truncated: false });
      expect(await lastValueFrom(exec.output$.pipe(toArray()))).toEqual([]);
    }));

  it('gives a loop its time: the slowest one slows the process, and nothing is lost', () =>
    inExec('head -c 3000000 /dev/zero; exit 6', { stdout: 'pipe' }, async (exec) => {
      let quick = 0;
      exec.output$.subscribe(({ bytes }) => (quick += bytes.length));
      const slow = exec.output$[Symbol.asyncIterator]();
      const first = slow.next();
      await exec.start();
      let length = (await first).value?.bytes.length ?? 0;
      await turns(200);
      expect(exec.state).toBe('running');
      expect(quick).toBeLessThan(3_000_000);
      for (let { done, value } = await slow.next(); done !== true; { done, value } = await slow.next()) {
        length += (value as OutputChunk).bytes.length;
        await turns(2);
      }
      expect([length, quick]).toEqual([3_000_000, 3_000_000]);
      expect(await exec.wait()).toMatchObject({ code: 6, truncated: false });
    }));

  it('lets a loop leave, and holds up neither the others nor the process for it', () =>
    inExec('seq 1 100000; exit 7', both, async (exec) => {
      const all = lastValueFrom(exec.output$.pipe(toArray()));
      const looping = (async () => {
        for await (const { stream } of exec.output$) return stream;
        return undefined;
      })();
      await exec.start();
      expect(await looping).toBe('stdout');
      expect(textOf(await all)).toMatch(/\n100000\n$/);
      expect(await exec.wait()).toMatchObject({ code: 7 });
    }));

  it('keeps what was written before the exit for a slow loop, which holds up neither exit nor release', () =>
    // Less than a pipe of the kernel holds: more would hold up the process until the loop goes on.
    inExec('seq 1 10000; exit 8', both, async (exec) => {
      const loop = exec.output$[Symbol.asyncIterator]();
      const first = loop.next();
      await exec.start();
      const chunks = [(await first).value as OutputChunk];
      expect(await exec.wait()).toMatchObject({ code: 8, truncated: false });
      for (let { done, value } = await loop.next(); done !== true; { done, value } = await loop.next())
        chunks.push(value as OutputChunk);
      expect(textOf(chunks)).toMatch(/^1\n2\n(\d+\n)*10000\n$/);
    }));

  it('errors with truncated when output was cut, for subscribers and loops, early and late', () =>
    inExec(
      'echo before; sleep 1000 &',
      both,
      async (exec) => {
        const early = expect(lastValueFrom(exec.output$)).rejects.toMatchObject({ kind: 'truncated' });
        const looped: string[] = [];
        const looping = (async () => {
          for await (const chunk of exec.output$) looped.push(textOf([chunk]));
        })();
        const cut = expect(looping).rejects.toMatchObject({ kind: 'truncated' });
        await exec.start();
        await Promise.all([early, cut]);
        expect(looped).toEqual(['before\n']);
        await expect(lastValueFrom(exec.output$)).rejects.toMatchObject({ kind: 'truncated' });
      },
      50,
    ));

  it('is an error where a stream has a reader, or there is none to observe', async () => {
    await inExec('echo read', both, async (exec) => {
      await exec.start();
      expect(await text(exec.stdout)).toBe('read\n');
      await expect(firstValueFrom(exec.output$)).rejects.toMatchObject({ kind: 'failedPrecondition' });
    });
    await inExec('true', {}, async (exec) => {
      await exec.start();
      await expect(firstValueFrom(exec.output$)).rejects.toThrow(/no output is asked for/);
    });
  });

  it('takes the place of the readers of its streams', () =>
    inExec('echo out', both, async (exec) => {
      const received = firstValueFrom(exec.output$.pipe(take(1)));
      await expect(text(exec.stdout)).rejects.toMatchObject({ kind: 'failedPrecondition' });
      await exec.start();
      expect(textOf([await received])).toBe('out\n');
    }));
});

describeOnLinux('stdout and stderr that lead to one place', () => {
  const script = 'i=0; while [ $i -lt 500 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done';
  const expected = Array.from({ length: 500 }, (_, at) => `o${at}\ne${at}\n`).join('');

  it('keep their order in one sink', async () => {
    let all = '';
    const sink = {
      write: async (chunk: Uint8Array): Promise<void> => {
        all += String(Buffer.from(chunk));
      },
    };
    await inExec(script, { stdout: sink, stderr: sink }, async (exec) => {
      await exec.start();
      expect(await exec.wait()).toMatchObject({ code: 0, truncated: false });
      expect(all).toBe(expected);
    });
  });

  it("keep their order in a pipe of the caller, asked for as 'stdout' for stderr", () =>
    inExec(script, { stdout: 'pipe', stderr: 'stdout' }, async (exec) => {
      expect(exec.stderr).toBeUndefined();
      await exec.start();
      expect(await text(exec.stdout)).toBe(expected);
      expect(await exec.wait()).toMatchObject({ code: 0, truncated: false });
    }));

  it('keep their order also when lines are read from them as they come', () =>
    inExec('echo o; echo e >&2; sleep 1000', { stdout: 'pipe', stderr: 'stdout' }, async (exec) => {
      await exec.start();
      const read: string[] = [];
      for await (const line of lines(exec.stdout)) {
        read.push(line);
        if (line === 'e') break;
      }
      expect(read).toEqual(['o', 'e']);
      expect(await isPending(firstValueFrom(exec.exit$))).toBe(true);
    }));
});
