import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from '@jest/globals';
import { waitedForProcessor } from '../../../src/hcs/native/process/proc.js';
import { describeOnLinux } from '../../cli/rxshim.js';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that never rests, on the first processor that this one may use. */
const busy = (): number => {
  const [, processor = '0'] =
    /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const child = spawn('taskset', ['-c', processor, 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' });
  children.push(child);
  return child.pid as number;
};

describeOnLinux('how long a process has waited for a processor', () => {
  it('grows while another process has it', async () => {
    const [pid] = [busy(), busy()];
    while (waitedForProcessor(pid) < 100) await pause(10);
    expect(waitedForProcessor(pid)).toBeGreaterThanOrEqual(100);
  });

  it('is nothing for a process that does not exist', () => {
    expect(waitedForProcessor(2 ** 22 + 1)).toBe(0);
  });
});
