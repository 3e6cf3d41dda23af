import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from '@jest/globals';
import { describeOnLinux, main, rxshim, scratch, start } from '../rxshim.js';
import { phasesIn, phasesOfSuccess } from './phases.js';

describeOnLinux('rxshim run --guest', () => {
  const at = scratch();
  const stdio = `exec:'${process.execPath}' '${main}' agent stdio`;

  it('runs a command in a guest that is a child: output, errors and exit code are its own', async () => {
    const ended = await rxshim(['run', '--guest', stdio, '--', 'sh', '-c', 'echo out; echo err >&2; exit 3']);
    expect(ended).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it('draws the same life', async () => {
    const { code, stdout, stderr } = await rxshim(
      ['run', '-i', '--timeline', '--guest', stdio, '--', 'cat'],
      {
        input: 'typed\n',
      },
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'typed\n' });
    expect(phasesIn(stderr)).toEqual(phasesOfSuccess);
  });

  it('meets a guest at a socket, one command after the other, and leaves nothing there', async () => {
    const path = at('v');
    const guest = start(['agent', `unix:${path}`]);
    for (const code of [0, 7]) {
      expect(
        await rxshim(['run', '--guest', `unix:${path}`, '--', 'sh', '-c', `exit ${code}`]),
      ).toMatchObject({ code });
    }
    guest.child.kill('SIGTERM');
    expect(await guest.ended).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readdirSync(dirname(path)).filter((name) => name.startsWith('v_'))).toEqual([]);
  });

  it('still takes the old name of the agent, with a notice', async () => {
    expect(await rxshim(['guest', 'stdio'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^rxshim: the command `guest` is deprecated, use `rxshim agent`\n.*RXSHIM_GUEST_SOCKETS/,
      ),
    });
    expect((await rxshim(['--help'])).stdout).not.toContain('guest WHERE');
  });

  it('passes an interrupt on, and can be interrupted while no guest has come', async () => {
    const running = start([
      'run',
      '--guest',
      stdio,
      '--',
      'sh',
      '-c',
      'trap "exit 9" INT; echo ready; while :; do sleep 0.05; done',
    ]);
    await running.said(/ready/);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 9 });
    const path = at('unused');
    const waiting = start(['run', '--guest', `unix:${path}`, '--', 'true']);
    while (!existsSync(`${path}_1073741824`)) await new Promise((resolve) => setTimeout(resolve, 5));
    waiting.child.kill('SIGINT');
    expect(await waiting.ended).toEqual({
      code: 130,
      stdout: '',
      stderr: 'rxshim: no guest has connected before SIGINT\n',
    });
    expect(existsSync(`${path}_1073741824`)).toBe(false);
  });

  it.each([
    [
      ['run', '--guest', 'ssh:box', '--', 'true'],
      '--guest: expected unix:PATH or exec:\'COMMAND\' or tcp:HOST:PORT, got "ssh:box"',
    ],
    [['run', '--guest', 'unix:', '--', 'true'], 'got "unix:"'],
    [['run', '--guest', 'tcp:localhost', '--', 'true'], 'got "tcp:localhost"'],
    [['run', '--guest-rootfs', '/r', '--', 'true'], '--guest-rootfs: expected --guest as well, got "/r"'],
    [['agent', 'exec:true'], 'WHERE: expected unix:PATH or tcp:HOST:PORT or stdio, got "exec:true"'],
    [['agent', 'tcp:localhost:7000'], 'WHERE: expected --allow-tcp as well, got "tcp:localhost:7000"'],
    [['agent', '--keep', 'long', 'unix:/x/g'], '--keep: expected a time such as 30s or 10m, got "long"'],
    [
      ['agent', '--keep', '1m', '--once', 'unix:/x/g'],
      '--keep: expected an agent that connects again, got "1m"',
    ],
    [['agent', '--peer-uid', 'root', 'stdio'], '--peer-uid: expected a uid, got "root"'],
    [['agent', 'stdio'], 'RXSHIM_GUEST_SOCKETS does not name the sockets of the host'],
    [['agent', '--engine', 'docker', 'stdio'], '--engine: expected local or runc, got "docker"'],
  ])('says what is wrong: %j', async (args, message) => {
    const { code, stderr } = await rxshim(args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('ends with what a shell says of a command that is not there, and with 125 when there is no guest', async () => {
    expect(await rxshim(['run', '--guest', stdio, '--', '/no/such'])).toMatchObject({ code: 127 });
    expect(await rxshim(['run', '--guest', 'exec:exit 5', '--', 'true'])).toMatchObject({
      code: 125,
      stderr: "rxshim: the bridge to the guest has failed: the guest's agent exited with 5: unavailable\n",
    });
  });
});
