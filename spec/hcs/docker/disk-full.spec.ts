/**
 * A daemon whose disk is full: what runs goes on, with all of its output and its true exit, and what needs the disk fails with
 * a kind of its own.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { createTask, run, text } from '../../../src/index.js';
import { onEachDaemon } from './on-daemons.js';

const sh = (script: string) => ['sh', '-c', script];
const succeeds = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

let disk: string | undefined;

/** A small file system for all that the daemon keeps. */
const onSmallDisk = async (): Promise<readonly string[]> => {
  disk = mkdtempSync(join(tmpdir(), 'rx-disk-'));
  if (!succeeds('mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk)) throw new Error('mount failed');
  return [`--data-root=${disk}`];
};

const fill = (): string => {
  const path = join(disk as string, 'fill');
  // It ends with an error, as there is no more space.
  spawnSync('dd', ['if=/dev/zero', `of=${path}`, 'bs=64k']);
  expect(statfsSync(disk as string).bavail).toBe(0);
  return path;
};

onEachDaemon(
  'a full disk',
  ({ container, containers, start }) => {
    afterAll(() => {
      if (disk === undefined) return;
      succeeds('umount', '-l', disk);
      rmSync(disk, { recursive: true });
    });

    test('costs no output and no exit, and what needs it fails as resourceExhausted', async () => {
      const full = { kind: 'resourceExhausted', message: expect.stringContaining('no space left on device') };
      const lines = 'i=0; while [ $i -lt 1000 ]; do echo "line $i"; i=$((i+1)); done';
      const system = container({
        command: sh(`echo before; read gate; ${lines}; head -c 100000 /dev/zero >/tmp/file || exit 3`),
      });
      const writer = await start(system, { stdio: { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' } });
      const idleSystem = container({ command: ['sleep', '1000'] });
      const idle = await start(idleSystem);
      const created = await createTask({ id: 'created', system: container({ command: ['true'] }) });
      const path = fill();

      const output = Promise.all([text(writer.init.stdout), text(writer.init.stderr)]);
      await writer.init.stdin?.write(Buffer.from('go\n'));
      const exec = await run(idle, sh('echo out; echo err >&2; exit 5'), { reject: false });
      expect(exec).toMatchObject({ stdout: 'out', stderr: 'err', status: 5 });
      expect(await writer.wait()).toMatchObject({ kind: 'exited', status: 3 });
      const [stdout, stderr] = await output;
      expect(stdout).toBe(`before\n${Array.from({ length: 1_000 }, (_, line) => `line ${line}\n`).join('')}`);
      // The container has no more space either.
      expect(stderr).not.toBe('');
      // The log has what was written before. Its last line is cut, at which Docker 20.10 tries for half a minute to read on.
      expect(await firstValueFrom(system.logs({ follow: false }))).toMatchObject({ text: 'before' });

      const copy = idleSystem.copyIn('/tmp', { file: 'y'.repeat(300_000) });
      await expect(lastValueFrom(copy, { defaultValue: undefined })).rejects.toMatchObject(full);
      await expect(run(container(), ['true'])).rejects.toMatchObject(full);
      await expect(Promise.resolve(created.init.start())).rejects.toMatchObject(full);
      expect(await created.wait()).toMatchObject({
        kind: 'startFailed',
        error: { kind: 'resourceExhausted' },
      });
      await writer.delete();

      rmSync(path);
      expect(await run(container(), sh('echo again; exit 6'), { reject: false })).toMatchObject({
        stdout: 'again',
        status: 6,
      });
      await idle.init.kill('SIGKILL');
      expect(await idle.wait()).toMatchObject({ kind: 'signaled', signal: 9 });
      await idle.delete();
      await created.delete();
      expect(await containers()).toEqual([]);
    }, 120_000);
  },
  ['docker'],
  onSmallDisk,
);
