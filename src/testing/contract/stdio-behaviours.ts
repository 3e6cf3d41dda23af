/** Streams: all output arrives, input ends when it is closed, and descriptors are the process's own. */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Behaviour, behaviour } from './behaviour.js';

const inScratchFile = async (test: (fd: number, read: () => string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'rxshim-contract-'));
  const file = join(folder, 'output');
  const fd = openSync(file, 'a');
  try {
    await test(fd, () => readFileSync(file, 'utf8'));
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
};

export const stdioBehaviours: readonly Behaviour[] = [
  behaviour('both outputs arrive, each by itself', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const process = await bench.start(system, { does: 'print', stdout: 'out', stderr: 'err', code: 7 });
    const { stdout, stderr } = process.stdio;
    assert.deepEqual(await Promise.all([bench.text(stdout), bench.text(stderr)]), ['out', 'err']);
    assert.deepEqual(await bench.exit(process), { kind: 'exited', code: 7 });
  }),

  behaviour(
    'all that was written before the exit can be read after it',
    async (bench) => {
      const { system } = await bench.open({ does: 'wait' });
      const process = await bench.start(system, { does: 'print', stdout: 'out', stderr: 'err', code: 7 });
      assert.deepEqual(await bench.first(process.exit$, 'exit$'), { kind: 'exited', code: 7 });
      const { stdout, stderr } = process.stdio;
      assert.deepEqual([await bench.text(stdout), await bench.text(stderr)], ['out', 'err']);
    },
    'exitWithUnreadOutput',
  ),

  behaviour('a megabyte of output arrives whole', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const process = await bench.start(system, { does: 'flood', bytes: 1 << 20 });
    assert.equal((await bench.text(process.stdio.stdout)).length, 1 << 20);
    assert.deepEqual(await bench.exit(process), { kind: 'exited', code: 0 });
  }),

  behaviour('input reaches the process, and closeStdin ends it', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const process = await bench.start(system, { does: 'cat' });
    const output = bench.text(process.stdio.stdout);
    for (const text of ['grüße, ', 'welt']) {
      const write = process.stdio.stdin?.write(Buffer.from(text));
      assert(write !== undefined, 'the process has no stdin');
      await bench.within(write, 'a write to stdin');
    }
    await bench.done(process.closeStdin(), 'closeStdin');
    assert.equal(await output, 'grüße, welt');
    assert.deepEqual(await bench.exit(process), { kind: 'exited', code: 0 });
  }),

  behaviour('a process has only the streams that were requested', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const process = await bench.start(system, { does: 'exit', code: 0 }, { stdout: true });
    const present = Object.entries(process.stdio).filter(([, stream]) => stream !== undefined);
    assert.deepEqual(
      present.map(([name]) => name),
      ['stdout'],
    );
    await bench.exit(process);
  }),

  behaviour('a pending read ends when the stream is closed', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const process = await bench.start(system, { does: 'cat' });
    const output = bench.text(process.stdio.stdout, 'the end of a read after closeStdout');
    const errors = bench.text(process.stdio.stderr, 'the end of a read after closeStderr');
    await bench.done(process.closeStdout(), 'closeStdout');
    await bench.done(process.closeStderr(), 'closeStderr');
    assert.deepEqual([await output, await errors], ['', '']);
  }),

  behaviour('a pending read ends when the process is closed', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const process = await bench.start(system, { does: 'cat' });
    const output = bench.text(process.stdio.stdout, 'the end of a read after close');
    await bench.done(process.close(), 'close');
    assert.equal(await output, '');
  }),

  behaviour(
    'a terminal takes its size',
    async (bench) => {
      const { system } = await bench.open({ does: 'wait' });
      const process = await bench.start(system, { does: 'size' });
      await bench.done(process.resizeConsole({ width: 100, height: 40 }), 'resizeConsole');
      await bench.within(process.stdio.stdin?.write(Buffer.from('\n')) ?? Promise.reject(), 'a write');
      await bench.until(process.stdio.stdout, '40 100');
    },
    'terminal',
  ),

  behaviour(
    'the first process writes to the descriptor that it is given',
    (bench) =>
      inScratchFile(async (fd, read) => {
        const { init } = await bench.open(
          { does: 'print', stdout: 'out', stderr: 'err', code: 0 },
          { stdout: fd },
        );
        assert.equal(init.stdio.stdout, undefined);
        assert.equal(await bench.text(init.stdio.stderr), 'err');
        await bench.exit(init);
        assert.equal(read(), 'out');
      }),
    'descriptors',
  ),

  behaviour(
    "stderr as 'stdout' goes to the same place, in order",
    (bench) =>
      inScratchFile(async (fd, read) => {
        const { init } = await bench.open(
          { does: 'print', stdout: 'out, ', stderr: 'err', code: 0 },
          { stdout: fd, stderr: 'stdout' },
        );
        await bench.exit(init);
        assert.equal(read(), 'out, err');
      }),
    'descriptors',
  ),
];
