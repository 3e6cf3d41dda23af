/** What becomes of local processes when the program that started them ends. Here that is this file, run once more. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { local } from '../../../../src/hcs/local/index.js';
import { done, first, script } from '../../windows/on-the-double.js';

const asProgram = process.env['RXSHIM_SPEC_PROGRAM'];

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Starts a process that lingers, says its number, and ends. */
const program = async (): Promise<void> => {
  const system = local({ detached: asProgram === 'detached' });
  const { pid } = await first(system.createProcess(script('setTimeout(() => {}, 60_000)')));
  if (asProgram === 'closed') await done(system.close());
  process.stdout.write(`${pid}\n`, () => process.kill(process.pid, 'SIGKILL'));
};

if (asProgram !== undefined) void program();
else
  describe('a process of a program that ends on this Windows', () => {
    const started = async (how: string): Promise<number> => {
      const child = spawn(process.execPath, process.argv.slice(1), {
        env: { ...process.env, RXSHIM_SPEC_PROGRAM: how },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const closed = new Promise((resolve) => child.once('close', resolve));
      const pid = Number(await text(child.stdout));
      await closed;
      expect(pid).toBeGreaterThan(0);
      return pid;
    };

    it('ends with it, also where that is killed', async () => {
      const pid = await started('plain');
      const until = Date.now() + 10_000;
      while (alive(pid) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(alive(pid)).toBe(false);
    });

    it.each(['detached', 'closed'])('runs on where the system is %s', async (how) => {
      const pid = await started(how);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(alive(pid)).toBe(true);
      // At once, and only a process that runs: a number is given to another process soon after its owner's end, and this
      // would kill that, which may be one of another spec or one that is just being created.
      process.kill(pid);
    });
  });
