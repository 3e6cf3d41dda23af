import { spawn } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { growthOf } from '../../../tools/soak-guest/growth.js';
import { describeOnLinux } from '../../hcs/native/on-linux.js';

/** A process of its own, whose sizes are no others'. `node scripts/tool.mjs soak-guest` does ten thousand execs. */
const soak = (execs: number): Promise<{ readonly code: number | null; readonly said: string }> =>
  new Promise((resolve, reject) => {
    const tool = new URL('../../../scripts/tool.mjs', import.meta.url).pathname;
    const child = spawn(process.execPath, [tool, 'soak-guest', String(execs)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (said += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said }));
  });

describeOnLinux('execs over a bridge', () => {
  it('leave nothing on either side: no descriptor, process, timer, entry of a map or memory', async () => {
    const { code, said } = await soak(250);
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(said).toMatch(/^host +entries of maps/m);
    expect(said).toMatch(/^agent +entries of maps/m);
  });
});

describe('the check for growth', () => {
  const before = { descriptors: 30, 'entries of maps': 100, 'heap, bytes': 10e6 };

  it.each([
    ['one descriptor', { ...before, descriptors: 31 }],
    ['a timer', { ...before, Timeout: 1 }],
    ['an entry for each tenth exec', { ...before, 'entries of maps': 200 }],
    ['a kilobyte for each exec', { ...before, 'heap, bytes': 12.1e6 }],
  ])('sees %s more', (_, after) => {
    expect(growthOf(before, after, 1_000).grown).toBe(true);
  });

  it('allows caches and fewer descriptors', () => {
    const after = { descriptors: 29, 'entries of maps': 110, 'heap, bytes': 10.9e6 };
    expect(growthOf(before, after, 1_000).grown).toBe(false);
  });
});
