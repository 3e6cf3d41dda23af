/** What a run of specs or of a tool leaves is found, named and removed, however the run ends. */

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from '@jest/globals';
import { until } from '../support/containerd/run.js';
import { hasEnded } from '../support/has-ended.js';
import { describeWith } from '../support/needs.js';

const describeOnLinux = describeWith(process.platform === 'linux' ? undefined : 'needs Linux');

/** A run that leaves a folder and a process, which it names, and then does as it is asked. */
const run = (then: string) => {
  const script = `
    import { spawn } from 'node:child_process';
    import { mkdtempSync } from 'node:fs';
    import { beginRun } from ${JSON.stringify(resolve('scripts/begin-run.mjs'))};
    const endRun = beginRun();
    const folder = mkdtempSync(process.env.TMPDIR + '/left-');
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    child.unref();
    console.log(JSON.stringify({ folder, pid: child.pid }));
    ${then}`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
};

interface Left {
  readonly folder: string;
  readonly pid: number;
}

const lives = ({ pid }: Left): boolean => !hasEnded(pid);

const areGone = (left: Left): boolean => !lives(left) && !existsSync(left.folder);

describeOnLinux('a run', () => {
  it('that ends learns what it has left, and that is removed', async () => {
    const [said = '', found = ''] = (await text(run('console.log(JSON.stringify(await endRun()));').stdout))
      .trim()
      .split('\n');
    const left = JSON.parse(said) as Left;
    expect(JSON.parse(found)).toEqual([`process ${left.pid}: sleep 600`, `folder ${left.folder}`]);
    expect(areGone(left)).toBe(true);
  });

  it('that left nothing learns that', async () => {
    const end = `
      process.kill(child.pid, 'SIGKILL');
      (await import('node:fs')).rmdirSync(folder);
      console.log(JSON.stringify(await endRun()));`;
    expect((await text(run(end).stdout)).trim().split('\n')[1]).toBe('[]');
  });

  for (const signal of ['SIGINT', 'SIGKILL'] as const)
    it(`that ends by ${signal} leaves nothing either`, async () => {
      const child = run('setInterval(() => undefined, 1e6);');
      const left = await new Promise<Left>((done) =>
        child.stdout.once('data', (line: Buffer) => done(JSON.parse(String(line)) as Left)),
      );
      expect(lives(left)).toBe(true);
      child.kill(signal);
      await until(() => areGone(left));
    });
});

describeOnLinux('a census of the machine', () => {
  it('names what was not there before, and fails', () => {
    const folder = mkdtempSync(join(tmpdir(), 'census-'));
    const leftovers = (action: string) =>
      spawnSync(process.execPath, ['scripts/leftovers.mjs', action, join(folder, 'before')], {
        encoding: 'utf8',
      });
    expect(leftovers('census')).toMatchObject({ status: 0, stderr: '' });
    // Not named by a process of this run, which goes on: what that has made is no leftover yet.
    const left = `/dev/shm/rxshim-census-x${randomBytes(4).toString('hex')}`;
    mkdirSync(left);
    try {
      const { status, stderr } = leftovers('since');
      expect(status).toBe(1);
      expect(stderr).toContain(`left behind: folder ${left}\n`);
    } finally {
      rmdirSync(left);
      rmSync(folder, { recursive: true });
    }
  });
});
