/** `ctr run` with the runtime, as a user types it. */
import { expect, it } from '@jest/globals';
import { nothingLeft } from '../../support/containerd/census.js';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { useContainerd } from '../../support/containerd/use-containerd.js';

describeContainers('ctr run', () => {
  const containerd = useContainerd();

  it('runs a command, shows both its outputs, and ends with its exit code', async () => {
    const { code, stdout, stderr } = await containerd().run(['--rm'], 'both', [
      'sh',
      '-c',
      'echo out; echo err >&2; exit 7',
    ]);
    expect({ code, stdout, stderr }).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  it('gives its input to the command, to the end', async () => {
    const { code, stdout } = await containerd().run(['--rm'], 'input', ['wc', '-c'], {
      input: 'x'.repeat(300_000),
    });
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: '300000' });
  });

  it('loses nothing of a long output', async () => {
    const { code, stdout } = await containerd().run(['--rm'], 'long', ['seq', '1', '200000']);
    expect(code).toBe(0);
    expect(stdout).toBe(Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join(''));
  });

  it('says which program there is not, and leaves nothing of the container', async () => {
    const { code, stderr } = await containerd().run(['--rm'], 'absent', ['no-such-program']);
    expect(code).toBe(1);
    expect(stderr).toContain('OCI runtime create failed');
    expect(stderr).toContain('exec: "no-such-program": executable file not found in $PATH');
    expect((await containerd().ctr(['task', 'ls', '-q'])).stdout).toBe('');
    await nothingLeft(containerd().census, 'mounts');
  });

  it('says of a file that is no program that it may not be run', async () => {
    const { code, stderr } = await containerd().run(['--rm'], 'text', ['/etc/no-program']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/exec: "\/etc\/no-program": permission denied/);
  });

  it('ends with 128 and the number of the signal that ended the command', async () => {
    const ends = async (id: string, script: string) =>
      (await containerd().run(['--rm'], id, ['sh', '-c', script])).code;
    // The first process of a pid namespace is deaf to signals of its own: a child ends by it, and the shell says how.
    expect(await ends('by-child', '(sleep 600 & kill -TERM $!; wait $!); exit $?')).toBe(143);
    const run = containerd().startRun(['--rm'], 'by-us', ['sh', '-c', 'echo ready; exec sleep 600']);
    await run.said(/ready/);
    await containerd().ctr(['task', 'kill', '-s', 'SIGKILL', 'by-us']);
    expect((await run.ended).code).toBe(137);
  });

  it('passes signals on to the command', async () => {
    const run = containerd().startRun(['--rm'], 'signaled', [
      'sh',
      '-c',
      'trap "echo signaled; exit 4" TERM; echo ready; while :; do sleep 0.05; done',
    ]);
    await run.said(/ready/);
    await containerd().ctr(['task', 'kill', '-s', 'SIGTERM', 'signaled']);
    expect(await run.ended).toMatchObject({ code: 4, stdout: 'ready\nsignaled\n' });
  });

  it('leaves a detached container running, which can be killed, asked and deleted', async () => {
    expect((await containerd().run(['-d'], 'apart', ['sleep', '600'])).code).toBe(0);
    const status = async () => (await containerd().ctr(['task', 'ls'])).stdout;
    expect(await status()).toMatch(/^apart\s+\d+\s+RUNNING$/m);
    expect((await containerd().ctr(['task', 'rm', 'apart'])).stderr).toMatch(
      /must be stopped before deletion: running/,
    );
    await containerd().ctr(['task', 'kill', '-s', 'KILL', 'apart']);
    await until(async () => /^apart\s+\d+\s+STOPPED$/m.test(await status()));
    expect((await containerd().ctr(['task', 'kill', '-s', 'KILL', 'apart'])).stderr).toMatch(
      /process already finished(: not found)?$/m,
    );
    expect((await containerd().ctr(['task', 'rm', 'apart'])).code).toBe(0);
    expect(await status()).not.toContain('apart');
    expect((await containerd().ctr(['containers', 'rm', 'apart'])).code).toBe(0);
  });

  it('needs no streams at all', async () => {
    expect(
      await containerd().run(['--rm', '--null-io'], 'null', ['sh', '-c', 'cat; echo unheard; exit 6']),
    ).toEqual({
      code: 6,
      stdout: '',
      stderr: '',
    });
  });

  it('leaves nothing behind when the containers are gone', async () => {
    await nothingLeft(containerd().census, 'mounts', 'cgroups', 'runtimeState', 'sockets');
  });
});
