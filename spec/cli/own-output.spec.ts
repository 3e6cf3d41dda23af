/** What the program itself writes, where its reader leaves or its disk is full: neither is waited for, nor passed over. */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeWithRunc, harness } from '../hcs/runc/on-runc.js';
import { runWord } from '../support/run-word.js';
import { describeOnLinux, main, rxshim, scratch } from './rxshim.js';

/** `rxshim ARGS | head -n 1`, as a shell runs it: the exit status of the first. */
const intoHead = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const pipe = 'exec 3>&1; { "$@" 2>/dev/null; echo $? >&3; } | head -n 1 >/dev/null';
    const shell = spawn('sh', ['-c', pipe, 'sh', process.execPath, main, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    let text = '';
    shell.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    shell.once('error', reject).once('close', () => resolve(text.trim()));
  });

/** A disk that is full. */
const intoFull = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const full = openSync('/dev/full', 'w');
  try {
    return await rxshim(args, { stdio: ['ignore', full, 'pipe'], env });
  } finally {
    closeSync(full);
  }
};

describeOnLinux('a reader that leaves', () => {
  const at = scratch();

  it.each([
    ['run', '--', 'yes'],
    ['run', '--all', 'yes'],
    ['run', '--html', 'PAGE', '--', 'yes'],
  ])('ends the command that writes to it: %s %s %s', async (...args) => {
    expect(await intoHead(args.map((text) => (text === 'PAGE' ? at('page.html') : text)))).toBe('141');
  });
});

describeOnLinux('a full disk', () => {
  const at = scratch();

  it.each([
    ['run', '--json', '--', 'true'],
    ['run', '--all', 'echo hello'],
    ['run', '--html', 'PAGE', '--', 'echo', 'hello'],
    ['ps'],
    ['completion', 'bash'],
  ])('is reported in one line, with status 125: %s %s', async (...args) => {
    const { code, stderr } = await intoFull(
      args.map((text) => (text === 'PAGE' ? at('page.html') : text)),
      { RXSHIM_STATE: at('none') },
    );
    expect({ code, last: stderr.trimEnd().split('\n').at(-1) }).toEqual({
      code: 125,
      last: 'rxshim: cannot write to stdout: no space left on device',
    });
  });

  it('is named with the page that it has no room for', async () => {
    expect(await rxshim(['run', '--html', '/dev/full', '--', 'true'])).toEqual({
      code: 125,
      stdout: '',
      stderr: 'rxshim: --html: cannot write "/dev/full": no space left on device\n',
    });
  });
});

describeWithRunc('the output of a detached container', () => {
  const { bundle, path } = harness();
  const env = () => ({ RXSHIM_STATE: path('state') });
  const id = `${runWord}-own-output-${process.pid}`;

  it('is followed no longer than its reader or its disk takes it', async () => {
    const script = 'while :; do echo tick; sleep 0.05; done';
    execFileSync(process.execPath, [main, 'run', '-d', '--bundle', bundle(script), '--name', id], {
      env: { ...process.env, ...env() },
    });
    expect(await intoHead(['logs', '-f', id], env())).toBe('141');
    expect(await intoHead(['attach', id], env())).toBe('141');
    const full = { code: 125, stderr: 'rxshim: cannot write to stdout: no space left on device\n' };
    expect(await intoFull(['logs', id], env())).toMatchObject(full);
    expect(await intoFull(['attach', id], env())).toMatchObject(full);
    expect((await rxshim(['ps'], { env: env() })).stdout).toMatch(new RegExp(`${id} +running`));
    await rxshim(['rm', '-f', id], { env: env() });
  });
});
