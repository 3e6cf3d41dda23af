import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { onEachDaemon } from '../../hcs/docker/on-daemons.js';
import { image } from '../../support/docker-daemons.js';
import { type Ended, rxshim, scratch, start } from '../rxshim.js';
import { showsTheSameLife } from './same-life.js';

onEachDaemon('rxshim run in a container', ({ name, daemon, containers, task }) => {
  const at = scratch();
  const variable = name === 'docker' ? 'DOCKER_HOST' : 'CONTAINER_HOST';
  const env = () => ({ [variable]: daemon().host });
  const isolated = ['--docker-option', 'network=none', '--docker-option', 'pull=never'];
  const inNew = (options: readonly string[], script: string, input?: string): Promise<Ended> =>
    rxshim(['run', `--${name}`, image, ...isolated, ...options, '--', 'sh', '-c', script], {
      env: env(),
      ...(input !== undefined && { input }),
    });

  test('has the output, the input and the exit code of its command, and leaves no container', async () => {
    expect(await inNew(['-i'], 'cat; echo err >&2; exit 3', 'typed\n')).toEqual({
      code: 3,
      stdout: 'typed\n',
      stderr: 'err\n',
    });
    expect(await containers()).toEqual([]);
  });

  test('passes on variables, a directory and a user, and limits of the container', async () => {
    const script = 'echo "$A in $PWD as $(id -u)"; cat /sys/fs/cgroup/memory/memory.limit_in_bytes';
    const options = ['-e', 'A=b', '-w', '/tmp', '-u', '1000', '--docker-option', 'memory=64m'];
    expect(await inNew(options, script)).toMatchObject({
      code: 0,
      stdout: `b in /tmp as 1000\n${64 * 1024 * 1024}\n`,
    });
  });

  test('draws the same life, records it, and prints the same object', () =>
    showsTheSameLife(inNew, at('life')));

  test('ends with 124 after its timeout, and with 127 for a command that is not there', async () => {
    expect(
      await inNew(['--timeout', '300ms', '--stop-timeout', '100ms'], 'trap "" TERM; sleep 100'),
    ).toMatchObject({
      code: 124,
    });
    expect(
      await rxshim(['run', `--${name}`, image, ...isolated, '--', 'nosuch'], { env: env() }),
    ).toMatchObject({ code: 127, stdout: '', stderr: expect.stringContaining('nosuch') });
    expect(await containers()).toEqual([]);
  });

  test('stops the container on Ctrl-C', async () => {
    const running = start(
      [
        'run',
        `--${name}`,
        image,
        ...isolated,
        '--',
        'sh',
        '-c',
        'trap "exit 6" INT; echo up; while :; do sleep 0.05; done',
      ],
      { env: env(), detached: true },
    );
    await running.said(/up/);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 6 });
    expect(await containers()).toEqual([]);
  });

  test('runs a command in a container that exists, kills what it leaves behind, and leaves the container', async () => {
    const one = await task({ command: ['sleep', '1000'] });
    const run = (script: string, ...options: readonly string[]): Promise<Ended> =>
      rxshim(['run', `--${name}-exec`, one.system.id, ...options, '--', 'sh', '-c', script], { env: env() });
    expect(await run('echo "$A"; sleep 4001 >/dev/null 2>&1 & exit 7', '-e', 'A=b')).toEqual({
      code: 7,
      stdout: 'b\n',
      stderr: '',
    });
    expect(await run('for p in /proc/[0-9]*; do tr "\\0" " " <$p/cmdline; echo; done')).toMatchObject({
      stdout: expect.not.stringContaining('sleep 4001'),
    });
    expect(
      await run('trap "" TERM; sleep 100', '--timeout', '300ms', '--stop-timeout', '100ms'),
    ).toMatchObject({
      code: 124,
    });
    expect(one.init.state).toBe('running');
    await one[Symbol.asyncDispose]();
  });

  test('reports what is wrong in one line', async () => {
    const cases = [
      [[`--${name}-exec`, 'nosuch'], 125, /^rxshim: .*nosuch.*\n$/i],
      [[`--${name}`, 'nosuch:1', ...isolated], 125, /^rxshim: .*nosuch.*\n$/i],
      [
        ['--docker', image, '--podman', image],
        2,
        /^rxshim: --podman: expected no --docker beside it, got "bb"\n$/,
      ],
      [
        ['--docker-option', 'memory=1g'],
        2,
        /^rxshim: --docker-option: expected --docker or --podman as well/,
      ],
      [
        [`--${name}`, image, '--docker-option', 'memroy=1g'],
        2,
        /^rxshim: --docker-option: memroy: there is no such option, did you mean memory\?\n$/,
      ],
    ] as const;
    for (const [options, code, stderr] of cases)
      expect(await rxshim(['run', ...options, '--', 'true'], { env: env() })).toEqual({
        code,
        stdout: '',
        stderr: expect.stringMatching(stderr),
      });
  });

  test('reports a daemon that does not run by its address', async () => {
    const nowhere = at('no.sock');
    expect(existsSync(nowhere)).toBe(false);
    expect(
      await rxshim(['run', `--${name}`, image, '--', 'true'], { env: { [variable]: `unix://${nowhere}` } }),
    ).toEqual({ code: 125, stdout: '', stderr: expect.stringContaining(nowhere) });
  });
});
