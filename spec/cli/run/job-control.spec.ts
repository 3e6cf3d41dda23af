/** What an interactive shell does with a job, of which rxshim is but a part. */

import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { done, lives } from '../../hcs/local/on-this-host.js';
import { inTerminal, typed } from '../in-terminal.js';
import { describeOnLinux, shell } from '../rxshim.js';

/** No shell: one that is about to start another command (vfork) is stopped only after it. */
const counts = `exec '${process.execPath}' -e '
  console.log("pid " + process.pid + ".");
  let ticks = 0;
  setInterval(() => console.log("tick " + ++ticks), 100);'`;

const stateOf = (pid: number): string =>
  /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] as string;

const until = async (condition: () => boolean): Promise<void> => {
  for (let looks = 0; !condition(); looks += 1) {
    if (looks === 1_000) throw new Error('the state of the process never came about');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

const stopped = (pid: number): Promise<void> => until(() => stateOf(pid) === 'T');
const continued = (pid: number): Promise<void> => until(() => stateOf(pid) !== 'T');

describeOnLinux('a shell with job control', () => {
  it.each([
    ['', []],
    [', which has a terminal of its own,', ['-t']],
  ])('stops rxshim run and its command%s by Ctrl-Z, and lets both go on by fg', (_, options) =>
    inTerminal(async ({ type, sees }) => {
      await type(`${typed(shell(counts, ...options))}\n`);
      const pid = Number(/pid (\d+)\./.exec(await sees(/pid \d+\.[\s\S]*tick/))?.[1]);
      await type('\x1a');
      await sees(/Stopped/i);
      await stopped(pid);
      await type('fg\n');
      await continued(pid);
      await sees(/tick/);
      await type('\x03');
      await type('echo code $?\n');
      await sees(/code 130/);
      expect(lives(pid)).toBe(false);
    }),
  );

  it('lets the command read from the terminal, also by its name', () =>
    inTerminal(async ({ type, sees }) => {
      await type(`${typed(shell('read line </dev/tty; echo "got $line"; exit 3'))}; echo code $?\n`);
      await type('a line\n');
      await sees(/got a line[\s\S]*code 3/);
    }));

  it('stops a job in the background that reads, and fg brings it back', () =>
    inTerminal(async ({ type, sees }) => {
      await type(`${typed(shell('echo "pid $$."; read line; echo "got $line"; exit 3', '-i'))} &\n`);
      const pid = Number(/pid (\d+)\./.exec(await sees(/pid \d+\./))?.[1]);
      await stopped(pid);
      await type('fg\n');
      await type('a line\n');
      await sees(/got a line/);
    }));

  it('that hangs up ends the command by SIGHUP', () =>
    inTerminal(async ({ process: shellProcess, type, sees }) => {
      await type(`exec ${typed(shell('trap "exit 0" HUP; echo "pid $$."; while :; do sleep 0.02; done'))}\n`);
      const pid = Number(/pid (\d+)\./.exec(await sees(/pid \d+\./))?.[1]);
      await done(shellProcess.closeStdout());
      expect(await firstValueFrom(shellProcess.exit$)).toEqual({ kind: 'exited', code: 0 });
      expect(lives(pid)).toBe(false);
    }));

  it('that hangs up ends a command with a terminal of its own as well', () =>
    inTerminal(async ({ process: shellProcess, type, sees }) => {
      await type(`exec ${typed(shell('echo "pid $$."; exec sleep 600', '-t', '-i'))}\n`);
      const pid = Number(/pid (\d+)\./.exec(await sees(/pid \d+\./))?.[1]);
      await done(shellProcess.closeStdout());
      expect(await firstValueFrom(shellProcess.exit$)).toEqual({ kind: 'signaled', signal: 1, code: 129 });
      expect(lives(pid)).toBe(false);
    }));
});
