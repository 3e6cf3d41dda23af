/** `ctr task …` on a container that runs, as a user types it. */
import { expect, it } from '@jest/globals';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { useContainerd } from '../../support/containerd/use-containerd.js';
import { programPath } from '../../support/lacks.js';

describeContainers('ctr task', () => {
  const containerd = useContainerd();
  const task = (...args: string[]) => containerd().ctr(['task', ...args]);
  const exec = (id: string, execId: string, script: string, input?: string) =>
    containerd().ctr(
      [
        'task',
        'exec',
        '--exec-id',
        execId,
        '--fifo-dir',
        `${containerd().directory}/fifo`,
        id,
        'sh',
        '-c',
        script,
      ],
      input === undefined ? {} : { input },
    );
  const startSleeping = async (id: string, ...options: string[]) => {
    const { code, stderr } = await containerd().run(['-d', ...options], id, ['sleep', '600']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return id;
  };

  it('exec runs a command with its outputs, its input and its exit code', async () => {
    const id = await startSleeping('host');
    expect(await exec(id, 'a', 'echo out; echo err >&2; cat; exit 9', 'given\n')).toEqual({
      code: 9,
      stdout: 'out\ngiven\n',
      stderr: 'err\n',
    });
    expect((await exec(id, 'b', 'kill -9 $$')).code).toBe(137);
  });

  it('exec says which program there is not, and the next exec under the same name runs', async () => {
    const id = await startSleeping('absent');
    const failed = await task('exec', '--exec-id', 'a', id, 'no-such-program');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('OCI runtime exec failed');
    expect(failed.stderr).toContain('exec: "no-such-program": executable file not found in $PATH');
    expect((await exec(id, 'a', 'exit 3')).code).toBe(3);
  });

  it('exec refuses a name that is in use, and a container that there is not', async () => {
    const id = await startSleeping('names');
    const first = containerd().startCtr([
      'task',
      'exec',
      '--exec-id',
      'same',
      id,
      'sh',
      '-c',
      'echo ready; sleep 600',
    ]);
    await first.said(/ready/);
    expect((await exec(id, 'same', 'true')).stderr).toMatch(/already exists/);
    await task('kill', '--exec-id', 'same', '-s', 'KILL', id);
    expect((await first.ended).code).toBe(137);
    expect((await exec('nowhere', 'x', 'true')).stderr).toMatch(
      /container "nowhere" in namespace .*: not found/,
    );
  });

  it('exec can have the name of its container, and neither is taken for the other', async () => {
    const id = await startSleeping('twin');
    const events = await containerd().events();
    const running = containerd().startCtr([
      'task',
      'exec',
      '--exec-id',
      id,
      id,
      'sh',
      '-c',
      'trap "echo asked; exit 7" TERM; echo ready; while :; do sleep 0.05; done',
    ]);
    await running.said(/ready/);
    const shim = containerd().shim(id);
    const init = await shim.task.state({ id, execId: '' });
    const own = await shim.task.state({ id, execId: id });
    expect([init, own]).toMatchObject([{ execId: '' }, { execId: id }]);
    expect(own.pid).not.toBe(init.pid);
    expect((await task('ps', id)).stdout.match(/exec_?id:"?twin\b/gi)).toHaveLength(1);
    expect((await exec(id, id, 'true')).stderr).toMatch(/already exists/);
    await task('kill', '-s', 'TERM', '--exec-id', id, id);
    expect(await running.ended).toMatchObject({ code: 7, stdout: 'ready\nasked\n' });
    expect((await task('ls')).stdout).toMatch(/^twin\s+\d+\s+RUNNING$/m);
    expect(await exec(id, id, 'cat; exit 3', 'given')).toEqual({ code: 3, stdout: 'given', stderr: '' });
    shim.close();
    await task('delete', '--force', id);
    const exits = () =>
      events
        .all()
        .filter(({ topic }) => topic === '/tasks/exit')
        .map(({ event }) => ({ id: event['id'], pid: event['pid'], status: event['exit_status'] }));
    await until(() => exits().length === 3);
    expect(exits()).toMatchObject([
      { id, pid: own.pid, status: 7 },
      { id, status: 3 },
      { id, pid: init.pid, status: 137 },
    ]);
    await events.stop();
  });

  it('ps lists the processes, with the name of the exec that each is', async () => {
    const id = await startSleeping('listed');
    const running = containerd().startCtr([
      'task',
      'exec',
      '--exec-id',
      'seen',
      id,
      'sh',
      '-c',
      'echo ready; exec sleep 600',
    ]);
    await running.said(/ready/);
    const { stdout } = await task('ps', id);
    const [, ...rows] = stdout.trim().split('\n');
    expect(rows).toHaveLength(2);
    expect(rows.filter((row) => /^\d+\s+.*exec_?id:"?seen\b/i.test(row))).toHaveLength(1);
    await task('kill', '-s', 'KILL', '--exec-id', 'seen', id);
    await running.ended;
  });

  it('pause and resume hold a container and let it go on', async () => {
    const id = await startSleeping('held');
    const status = async () => (await task('ls')).stdout;
    expect((await task('pause', id)).code).toBe(0);
    expect(await status()).toMatch(/^held\s+\d+\s+PAUSED$/m);
    expect((await exec(id, 'late', 'true')).stderr).toMatch(/paused/);
    expect((await task('pause', id)).code).toBe(1);
    expect((await task('resume', id)).code).toBe(0);
    expect(await status()).toMatch(/^held\s+\d+\s+RUNNING$/m);
    expect((await exec(id, 'late', 'exit 8')).code).toBe(8);
    expect((await task('resume', id)).code).toBe(1);
  });

  it('metrics shows what the container uses', async () => {
    const id = await startSleeping('measured');
    const { code, stdout } = await task('metrics', id);
    expect(code).toBe(0);
    expect(stdout).toMatch(/memory\.usage_in_bytes\s+[1-9]\d*/);
    expect(stdout).toMatch(/pids\.current\s+1/);
    expect(stdout).toMatch(/cpuacct\.usage\s+[1-9]\d*/);
  });

  const itWithoutCriu = programPath('criu') === undefined ? it : it.skip;
  itWithoutCriu('checkpoint says that criu is missing, and the container runs on', async () => {
    const id = await startSleeping('kept');
    const { code, stderr } = await task('checkpoint', id);
    expect(code).toBe(1);
    expect(stderr).toMatch(/criu/);
    expect((await exec(id, 'after', 'exit 0')).code).toBe(0);
  });

  it('delete -f ends a container that runs', async () => {
    const id = await startSleeping('forced');
    expect((await task('rm', '-f', id)).code).toBe(0);
    expect((await task('ls', '-q')).stdout).not.toContain(id);
  });

  it('attach shows what a detached container says, and ends with its exit code', async () => {
    // Detached by ctr, its output waits in the FIFOs for who attaches.
    const id = 'watched';
    await containerd().run(['-d'], id, [
      'sh',
      '-c',
      'while ! [ -e /tmp/go ]; do sleep 0.02; done; echo hello; exit 12',
    ]);
    const attached = containerd().startCtr(['task', 'attach', id]);
    await exec(id, 'go', 'touch /tmp/go');
    expect(await attached.ended).toMatchObject({ code: 12, stdout: 'hello\n' });
  });
});
