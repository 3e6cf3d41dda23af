/** What the command is run with. */
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { describeOnLinux, start } from '../rxshim.js';

const rxshim = (...args: string[]) => start(args, { env: { PASSED: 'on', OLD: 'yes' } }).ended;

describeOnLinux('rxshim run', () => {
  const file = join(tmpdir(), `rxshim-env-${process.pid}`);
  afterAll(() => rmSync(file, { force: true }));

  it('sets variables, passes on some by their name, and reads files of them', async () => {
    writeFileSync(file, '# comment\nFROM_FILE=a=b\nWINS=file\n');
    const script = 'echo "$FROM_FILE,$WINS,$PASSED,$OLD"';
    const args = ['--env-file', file, '-e', 'WINS=option', '--env', 'PASSED', '--', 'sh', '-c', script];
    expect((await rxshim('run', ...args)).stdout).toBe('a=b,option,on,yes\n');
  });

  it('runs elsewhere, as another user, by another name', async () => {
    expect((await rxshim('run', '--cwd', '/usr', '--', 'pwd')).stdout).toBe('/usr\n');
    expect((await rxshim('run', '-u', 'nobody', '--', 'id', '-u')).stdout).toBe('65534\n');
    const { stdout } = await rxshim('run', '--name', 'job-7', '--events', '-', '--', 'true');
    expect(stdout).toContain('job-7');
  });

  it('stops a command whose time is up, and ends with 124', async () => {
    const { code, stderr } = await rxshim('run', '--timeout', '200ms', '--', 'sleep', '300');
    expect({ code, stderr }).toEqual({ code: 124, stderr: 'rxshim: timed out after 200 ms\n' });
    expect(await rxshim('run', '--timeout', '1m', '--', 'sh', '-c', 'exit 3')).toMatchObject({
      code: 3,
      stderr: '',
    });
  });

  it('prints one object with --json', async () => {
    const { code, stdout } = await rxshim(
      'run',
      '--json',
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 3',
    );
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      command: ['sh', '-c', 'echo out; echo err >&2; exit 3'],
      status: 3,
      end: 'exited',
      stdout: 'out\n',
      stderr: 'err\n',
      timedOut: false,
      truncated: false,
    });
    const late = await rxshim('run', '--json', '--timeout', '200ms', '--', 'sleep', '300');
    expect(JSON.parse(late.stdout)).toMatchObject({
      status: 143,
      end: 'signaled',
      signal: 15,
      timedOut: true,
    });
  });

  it('prints the object with --json also for a command that cannot be run, with the reason', async () => {
    const { code, stdout, stderr } = await rxshim('run', '--json', '--name', 'job', '--', 'no-such-command');
    const error = 'exec: "no-such-command": executable file not found in $PATH';
    expect({ code, stderr }).toEqual({ code: 127, stderr: `rxshim: ${error}\n` });
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'job',
      command: ['no-such-command'],
      pid: 0,
      status: 127,
      end: 'startFailed',
      error,
      stdout: '',
      stderr: '',
    });
    const nowhere = await rxshim('run', '--json', '--guest', 'unix:/run/no/such/guest', '--', 'true');
    expect(JSON.parse(nowhere.stdout)).toMatchObject({
      status: 125,
      end: 'startFailed',
      error: expect.any(String),
    });
  });

  it('refuses what cannot be, and never shows a value', async () => {
    const refused = async (...args: string[]) => (await rxshim('run', ...args, '--', 'true')).stderr;
    expect(await refused('--env', '=secret')).toBe(
      'rxshim: --env: expected NAME=value, or the name of a variable, got ""\n',
    );
    writeFileSync(file, 'GOOD=1\na b=secret\n');
    // Node 20 itself looks for an --env-file anywhere, and ends the program if there is none.
    expect(await refused('--env-file', file)).toBe(
      `rxshim: --env-file ${file}, line 2: expected NAME=value, or the name of a variable, got "a b"\n`,
    );
    expect(await refused('--timeout', 'soon')).toContain('--timeout: expected a duration');
    expect(await refused('--name', 'a b')).toContain('--name: expected letters and digits');
    expect(await refused('--json', '-t')).toContain('--json: cannot be combined with --tty');
  });
});
