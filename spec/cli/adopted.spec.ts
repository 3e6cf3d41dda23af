/** `rxshim run -d` and the commands on what it has started, with real programs killed in between. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeWithRunc, harness, runcPath } from '../hcs/runc/on-runc.js';
import { runWord } from '../support/run-word.js';
import { rxshim, start } from './rxshim.js';

describeWithRunc('a detached container', () => {
  const { bundle, path } = harness();
  let count = 0;
  const options = () => ({ env: { RXSHIM_STATE: path('state') } });
  const ask = (...args: string[]) => rxshim(args, options());
  const name = (): string => {
    count += 1;
    return `${runWord}-detached-${process.pid}-${count}`;
  };
  const listed = async (): Promise<readonly { id: string; state: string; pid: number; exit?: object }[]> =>
    (await ask('ps', '--json')).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));

  /** The pids of all programs that have this text in their arguments. */
  const programs = (text: string): readonly number[] =>
    readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid && argumentsOf(pid).includes(text));
  const argumentsOf = (pid: number): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    } catch {
      return '';
    }
  };
  const gone = async (text: string): Promise<void> => {
    while (programs(text).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const known = (): readonly { id: string }[] =>
    JSON.parse(execFileSync(runcPath(), ['list', '--format', 'json'], { encoding: 'utf8' })) ?? [];

  const stoppable = 'echo hello; echo oops >&2; trap "echo bye; exit 3" TERM; while :; do sleep 0.05; done';

  it('is listed, shown, stopped with its exit status and removed', async () => {
    const id = name();
    const made = bundle(stoppable);
    expect(await ask('run', '-d', '--bundle', made, '--name', id, '--owner', 'me')).toEqual({
      code: 0,
      stdout: `${id}\n`,
      stderr: '',
    });
    expect(await listed()).toMatchObject([{ id, state: 'running', ownership: { owner: 'me' } }]);
    expect(await ask('rm', id)).toMatchObject({ code: 125, stderr: expect.stringMatching(/has not ended/) });
    expect(await ask('run', '-d', '--bundle', made, '--name', id)).toMatchObject({
      code: 125,
      stderr: expect.stringMatching(new RegExp(`container ${id} .*already exist`)),
    });
    const attached = start(['attach', id], options());
    const followed = start(['logs', '-f', id], options());
    await followed.said(/hello/);
    expect(await ask('stop', id)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await attached.ended).code).toBe(3);
    expect(await followed.ended).toMatchObject({ code: 0, stdout: 'hello\nbye\n' });
    expect(await ask('logs', id)).toMatchObject({
      code: 0,
      stdout: 'hello\nbye\n',
      stderr: expect.stringMatching(/oops/),
    });
    expect((await ask('ps')).stdout).toMatch(new RegExp(`${id} +exited \\(3\\)`));
    expect(await ask('rm', id)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await listed()).toEqual([]);
    await gone(id);
  });

  it('goes on when its watcher is killed, and its exit is known to a program that watches', async () => {
    const id = name();
    const talking = stoppable.replace('sleep', 'echo tick; sleep');
    await ask('run', '-d', '--bundle', bundle(talking), '--name', id);
    for (const pid of programs(`"id":"${id}"`)) process.kill(pid, 'SIGKILL');
    await gone(`"id":"${id}"`);
    expect(await listed()).toMatchObject([{ id, state: 'running' }]);
    const attached = start(['attach', id], options());
    await attached.said(/tick/);
    expect((await ask('stop', id)).code).toBe(0);
    expect((await attached.ended).code).toBe(3);
    expect(await listed()).toMatchObject([{ id, state: 'exited', exit: { code: 3 } }]);
    expect((await ask('rm', id)).code).toBe(0);
  });

  it('leaves nothing behind when its programs are killed at any moment, and it is then removed', async () => {
    const made = bundle(stoppable);
    for (const after of [40, 120, 200, 280, 400, 600]) {
      const id = name();
      const launcher = start(['run', '-d', '--bundle', made, '--name', id], options());
      await new Promise((resolve) => setTimeout(resolve, after));
      launcher.child.kill('SIGKILL');
      for (const pid of programs(`"id":"${id}"`)) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has ended.
        }
      }
      await launcher.ended;
      await gone(`"id":"${id}"`);
      for (const { id: left } of await listed())
        expect(await ask('rm', '-f', left)).toMatchObject({ code: 0 });
      await gone(id);
      expect(known().filter((container) => container.id === id)).toEqual([]);
      expect(await listed()).toEqual([]);
    }
    expect(existsSync(path('state')) ? readdirSync(path('state')) : []).toEqual([]);
    rmSync(path('state'), { recursive: true, force: true });
    // Six launches of up to six programs each, on a machine that may be busy.
  }, 180_000);

  it.each([
    ['/no/such', 127],
    ['/etc', 126],
  ])('whose command cannot run is none: %s', async (command, code) => {
    const id = name();
    const made = bundle([command]);
    expect(await ask('run', '-d', '--bundle', made, '--name', id)).toEqual({
      code,
      stdout: '',
      stderr: expect.stringMatching(/^rxshim: .*\n$/),
    });
    await gone(`"id":"${id}"`);
    expect(await listed()).toEqual([]);
    expect(known().filter((container) => container.id === id)).toEqual([]);
    expect(readdirSync(path('state'))).toEqual([]);
    // Its name is free.
    expect((await ask('run', '-d', '--bundle', bundle('exit 3'), '--name', id)).code).toBe(0);
    expect((await ask('attach', id)).code).toBe(3);
    expect((await ask('rm', id)).code).toBe(0);
    await gone(id);
  });

  it.each([
    [['run', '-d', '--docker-exec', 'x'], '--docker-exec: expected a run without -d, got "x"'],
    [['run', '--owner', 'me', 'true'], '--owner: expected --detach as well, got "me"'],
    [['run', '-d'], '--detach: expected --bundle as well, got none'],
    [['ps', '--state', ''], '--state: expected a directory, got ""'],
    [
      ['stop', 'none', '--stop-timeout', 'soon'],
      '--stop-timeout: expected a duration such as 500ms, 10s or 2m, got "soon"',
    ],
  ])('is refused in one line: %j', async (args, message) => {
    expect(await ask(...args)).toEqual({ code: 2, stdout: '', stderr: `rxshim: ${message}\n` });
  });

  it('that is not there is reported', async () => {
    for (const command of ['logs', 'attach', 'stop', 'rm'])
      expect(await ask(command, 'none')).toEqual({
        code: 125,
        stdout: '',
        stderr: 'rxshim: no such task: none\n',
      });
  });
});
