import { spawn } from 'node:child_process';
import { expect, it } from '@jest/globals';
import { held } from '../../../tools/stress/left.js';
import { describeOnLinux } from '../../cli/rxshim.js';

/** A process of its own, as others of the same one would be counted. `npm run stress` has ten thousand lives. */
const stress = (...args: string[]): Promise<{ readonly code: number | null; readonly said: string }> =>
  new Promise((resolve, reject) => {
    const tool = new URL('../../../scripts/tool.mjs', import.meta.url).pathname;
    const child = spawn(process.execPath, [tool, 'stress', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (said += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said }));
  });

describeOnLinux('local processes that are ended at random instants', () => {
  it('leave no process of any tree, no descriptor, listener, timer or rejection', async () => {
    const { code, said } = await stress('--lives', '150', '--seed', '7');
    expect(said).toContain('left: {"processes":[],"children":[],"descriptors":[],"listeners":[],"timers":0}');
    expect({ code, said }).toMatchObject({ code: 0 });
  });
});

describeOnLinux('runs that are unsubscribed from at random instants', () => {
  it('leave nothing', async () => {
    const { code, said } = await stress('--runs', '--lives', '150', '--seed', '7');
    expect(said).toContain('left: {"processes":[],"children":[],"descriptors":[],"listeners":[],"timers":0}');
    expect({ code, said }).toMatchObject({ code: 0 });
  });
});

describeOnLinux('the look at what is left', () => {
  it('sees a process by its mark, a descriptor and a listener', () => {
    const before = held('31536001.5');
    const child = spawn('sleep', ['31536001.5']);
    const listener = (): void => undefined;
    process.on('SIGUSR2', listener);
    const now = held('31536001.5');
    process.off('SIGUSR2', listener);
    child.kill();
    expect(now.processes).toEqual([child.pid]);
    expect(now.children).toContain(String(child.pid));
    expect(now.descriptors.length).toBeGreaterThan(before.descriptors.length);
    expect(now.listeners.length).toBe(before.listeners.length + 1);
  });
});
