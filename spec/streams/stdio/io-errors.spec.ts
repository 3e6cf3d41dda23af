import { createReadStream } from 'node:fs';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { local } from '../../../src/hcs/local/index.js';
import type { ExecOutcome } from '../../../src/streams/exec/interface.js';
import type { Policies } from '../../../src/streams/policies.js';
import { lines } from '../../../src/streams/stdio/lines.js';
import { text } from '../../../src/streams/stdio/output.js';
import type { StdioRequest } from '../../../src/streams/stdio/upstream/index.js';
import type { Task } from '../../../src/streams/task/interface.js';
import { createTask } from '../../../src/streams/task/task.js';
import { shell } from '../../hcs/local/on-this-host.js';
import { describeOnLinux } from '../../hcs/native/on-linux.js';

/** Runs a shell as the init of a task on this host, gives the task to the test, and returns how it ended. */
const run = async (
  script: string,
  stdio: StdioRequest,
  test: (task: Task) => Promise<void> = async () => undefined,
  policies: Partial<Policies> = {},
): Promise<ExecOutcome> => {
  const task = await createTask({ id: 't', system: local(), stdio, policies, spec: shell(script) });
  try {
    await task.init.start();
    await test(task);
    return await task.wait();
  } finally {
    await task[Symbol.asyncDispose]();
  }
};

async function* failing() {
  yield 'first\n';
  throw new Error('source failed');
}

describeOnLinux('a source or sink that fails is part of how a process ended', () => {
  it.each<[what: string, stdin: () => StdioRequest['stdin'], error: object, read: string]>([
    ['that throws', failing, { kind: 'unknown', cause: { message: 'source failed' } }, 'first\n'],
    ['for a missing file', () => createReadStream('/no/such'), { cause: { code: 'ENOENT' } }, ''],
    [
      'with a chunk of the wrong type',
      async function* () {
        yield 'first\n';
        yield { a: 1 } as unknown as string;
      },
      { kind: 'invalidArgument', value: { a: 1 } },
      'first\n',
    ],
    [
      'of the web that errors',
      () =>
        new ReadableStream({
          start: (controller) => controller.error(new Error('fetch failed')),
        }),
      { cause: { message: 'fetch failed' } },
      '',
    ],
  ])('a stdin %s, of which the process sees the end', async (_what, stdin, error, read) => {
    let output = '';
    const outcome = await run('cat', { stdin: stdin(), stdout: 'pipe' }, async ({ init }) => {
      output = await text(init.stdout);
    });
    expect(output).toBe(read);
    expect(outcome).toMatchObject({ status: 0, truncated: false });
    expect(outcome.ioErrors).toMatchObject([
      { stream: 'stdin', error: { name: 'RxshimError', field: 'stdin', ...error } },
    ]);
    expect(outcome.ioErrors).toHaveLength(1);
  });

  it.each<[what: string, stdout: () => StdioRequest['stdout']]>([
    ['that rejects', () => ({ write: () => Promise.reject(new Error('disk full')) })],
    [
      'that throws',
      () => ({
        write: () => {
          throw new Error('disk full');
        },
      }),
    ],
    [
      'that is a stream of Node',
      () => new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) }),
    ],
    [
      'that is a stream of the web',
      () => new WritableStream({ write: () => Promise.reject(new Error('disk full')) }),
    ],
  ])('a stdout %s, at which the process gets SIGPIPE', async (_what, stdout) => {
    const { ioErrors, ...outcome } = await run('exec yes', { stdout: stdout() });
    expect(outcome).toMatchObject({ kind: 'signaled', signal: 13, status: 141 });
    expect(ioErrors).toEqual([
      {
        stream: 'stdout',
        error: expect.objectContaining({
          field: 'stdout',
          cause: expect.objectContaining({ message: 'disk full' }),
        }),
      },
    ]);
  });

  it('a sink that fails at its end only', async () => {
    const stdout = { write: async () => undefined, end: () => Promise.reject(new Error('not flushed')) };
    const { status, ioErrors } = await run('echo hi', { stdout });
    expect(status).toBe(0);
    expect(ioErrors).toMatchObject([{ stream: 'stdout', error: { cause: { message: 'not flushed' } } }]);
  });

  it('a sink that never answers is named, when the time of the drain is up', async () => {
    const outcome = await run(
      'echo out; echo err >&2',
      {
        stdout: { write: () => new Promise<void>(() => undefined) },
        stderr: { write: async () => undefined },
      },
      undefined,
      { drain: { cap: 50 } },
    );
    expect(outcome).toMatchObject({ status: 0, truncated: true });
    expect(outcome.ioErrors).toMatchObject([
      { stream: 'stdout', error: { kind: 'unavailable', field: 'stdout' } },
    ]);
  });

  it('is part of what drained$ emits as of the outcome; a drain without errors has none', async () => {
    let emitted: unknown;
    await run('cat', { stdin: failing() }, async ({ init }) => {
      init.drained$.subscribe((drained) => (emitted = drained));
    });
    expect(emitted).toMatchObject({ truncated: false, ioErrors: [{ stream: 'stdin' }] });
    expect((await run('cat', { input: 'hello', stdout: new PassThrough() })).ioErrors).toEqual([]);
  });

  it('what the process does not read of its input is no failure of the source', async () => {
    let left = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(64 * 1024, 'y\n');
      } finally {
        left = true;
      }
    }
    const { status, ioErrors } = await run('exec head -n 1', { stdin: endless() });
    expect({ status, ioErrors, left }).toEqual({ status: 0, ioErrors: [], left: true });
  });
});

describeOnLinux('a reader that leaves ends the writer', () => {
  const endedBySigpipe = { kind: 'signaled', signal: 13, ioErrors: [], truncated: false };

  it('by leaving its loop', async () => {
    const outcome = await run('exec yes', { stdout: 'pipe' }, async ({ init }) => {
      for await (const line of lines(init.stdout)) {
        expect(line).toBe('y');
        break;
      }
    });
    expect(outcome).toMatchObject(endedBySigpipe);
  });

  it('of stderr as well', async () => {
    const outcome = await run('exec yes >&2', { stderr: 'pipe' }, async ({ init }) => {
      for await (const _ of init.stderr!) break;
    });
    expect(outcome).toMatchObject(endedBySigpipe);
  });

  it('also a writer that was silent when the reader left, at its very next write', async () => {
    const outcome = await run(
      'echo first; read _; echo second || exit 9; exit 8',
      { stdin: 'pipe', stdout: 'pipe' },
      async ({ init }) => {
        for await (const _ of init.stdout!) break;
        await init.stdin!.write('go\n');
      },
    );
    expect(outcome).toMatchObject(endedBySigpipe);
  });

  it('by closing a stream of Node, or cancelling one of the web', async () => {
    const node = new PassThrough();
    node.once('data', () => node.destroy());
    expect(await run('exec yes', { stdout: node })).toMatchObject(endedBySigpipe);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const outcome = await run('exec yes', { stdout: writable }, async () => {
      const reader = readable.getReader();
      await reader.read();
      await reader.cancel();
    });
    expect(outcome).toMatchObject(endedBySigpipe);
  });

  it('unless what is not read is to be dropped', async () => {
    const outcome = await run(
      'seq 100000; exit 7',
      { stdout: 'pipe', whenReaderLeaves: 'discard' },
      async ({ init }) => {
        for await (const _ of init.stdout!) break;
      },
    );
    expect(outcome).toMatchObject({ kind: 'exited', code: 7, truncated: false, ioErrors: [] });
  });
});

describe('text written to the stdin of a process', () => {
  it('gets there, also after a chunk that was refused', async () => {
    let output = '';
    await run('cat', { stdin: 'pipe', stdout: 'pipe' }, async ({ init }) => {
      await init.stdin!.write('grüße ');
      await expect(init.stdin!.write(7 as unknown as string)).rejects.toMatchObject({
        kind: 'invalidArgument',
        field: 'stdin',
      });
      await init.stdin!.write('text\n');
      init.stdin!.end();
      output = await text(init.stdout);
    });
    expect(output).toBe('grüße text\n');
  });
});
