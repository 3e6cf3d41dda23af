/** Containers run by crun, which is named by a file of options: clients have no other way for a runtime that is not runc's. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { nothingLeft } from '../support/containerd/census.js';
import { describeContainersWith } from '../support/containerd/describe-containers.js';
import { useContainerd } from '../support/containerd/use-containerd.js';

describeContainersWith('crun')('a container of crun', () => {
  const containerd = useContainerd();
  const options = () => ['--runtime-config-path', join(containerd().directory, 'crun.toml')];
  const run = (id: string, command: readonly string[], ...more: string[]) =>
    containerd().run([...more, ...options()], id, command);
  const task = (...args: string[]) => containerd().ctr(['task', ...args]);

  beforeAll(() => {
    writeFileSync(join(containerd().directory, 'crun.toml'), 'BinaryName = "/usr/bin/crun"\n');
  });

  it('shows its output and ends with its exit code', async () => {
    const script = 'echo out; echo err >&2; exit 7';
    expect(await run('ends', ['sh', '-c', script], '--rm')).toEqual({
      code: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    await nothingLeft(containerd().census, 'mounts');
  });

  it.each([
    ['no-such-program', /OCI runtime create failed: executable file `no-such-program` not found/],
    ['/nope', /OCI runtime create failed: .*\/nope. not found/],
    // The second of each is crun 1.8's.
    ['/etc/no-program', /OCI runtime create failed: .*(not executable|open executable: Permission denied)/],
    ['/etc', /OCI runtime create failed: .*(not a regular file|open executable: Operation not permitted)/],
  ])('that cannot run %s says why in the words of crun', async (program, words) => {
    const { code, stderr } = await run('refused', [program], '--rm');
    expect(code).toBe(1);
    expect(stderr).toMatch(words);
    expect(stderr).not.toContain('"msg"');
  });

  it('runs execs, can be paused and resumed, and is killed and deleted', async () => {
    expect((await run('lives', ['sleep', '600'], '-d')).code).toBe(0);
    const exec = await task('exec', '--exec-id', 'e', 'lives', 'sh', '-c', 'echo in; exit 3');
    expect(exec).toMatchObject({ code: 3, stdout: 'in\n' });
    expect((await task('exec', '--exec-id', 'no', 'lives', '/nope')).stderr).toMatch(
      /exec failed: .*not found/,
    );
    expect((await task('pause', 'lives')).code).toBe(0);
    expect((await task('ls')).stdout).toMatch(/lives\s+\d+\s+PAUSED/);
    expect((await task('resume', 'lives')).code).toBe(0);
    expect((await task('metrics', 'lives')).code).toBe(0);
    expect((await task('kill', '-s', 'KILL', 'lives')).code).toBe(0);
    expect((await task('rm', '-f', 'lives')).code).toBe(0);
  });

  it('can be deleted when crun has deleted it before', async () => {
    expect((await run('gone', ['sleep', '600'], '-d')).code).toBe(0);
    // The daemon deletes it with crun as well when its init has ended: either may be the first.
    const root = `/run/containerd/runc/${containerd().namespace}`;
    spawnSync('crun', ['--root', root, 'delete', '-f', 'gone'], { stdio: 'ignore' });
    expect((await task('rm', '-f', 'gone')).code).toBe(0);
    expect((await task('ls', '-q')).stdout).toBe('');
  });

  it('is not made by another runtime when the file of options cannot be read', async () => {
    const path = join(containerd().directory, 'no-such.toml');
    const { code, stderr } = await containerd().run(['--rm', '--runtime-config-path', path], 'none', [
      'true',
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/options\.configPath: expected the absolute path of a file that can be read/);
  });
});
