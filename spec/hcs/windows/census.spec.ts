import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import type { WindowsSystem } from '../../../src/hcs/windows/index.js';
import {
  done,
  first,
  nothing,
  type OnDouble,
  overEachLibrary,
  pause,
  puppet,
  text,
} from './on-the-double.js';

/** Ten thousand, over both libraries; fewer where all goes through Wine. */
const lives = process.platform === 'win32' ? 800 : 5_000;

/** What is paid once, compiled code above all, is paid by these. */
const warmUp = lives / 5;

const live = async (on: OnDouble, system: WindowsSystem, pid: number): Promise<void> => {
  const process = await puppet(on, system, pid);
  on.double.write(pid, 'stdout', 'out');
  const written = process.stdio.stdin!.write(Buffer.from('in'));
  if (pid % 3 === 0) await first(process.kill());
  else on.double.exit(pid, pid % 256);
  const [exit, out, err] = await Promise.all([
    first(process.exit$),
    text(process.stdio.stdout),
    text(process.stdio.stderr),
  ]);
  expect([exit, out, err]).toEqual([{ kind: 'exited', code: pid % 3 === 0 ? 1 : pid % 256 }, 'out', '']);
  await written;
  await done(process.close());
};

const livesFrom = async (on: OnDouble, system: WindowsSystem, from: number, count: number): Promise<void> => {
  for (let pid = from; pid < from + count; pid += 1) await live(on, system, pid);
};

overEachLibrary('processes of a Windows container leave nothing behind', (on) => {
  const { double, running } = on;

  it(`after ${lives} of them: no handle, no callback, no growth of memory`, async () => {
    const system = await running();
    const before = await openNow(on);
    await livesFrom(on, system, 1_000, warmUp);
    const buffered = memoryNow();
    await livesFrom(on, system, 5_000, lives - warmUp);
    expect(await openNow(on)).toEqual(before);
    expect(double.count('misuse')).toBe(0);
    const grown = (memoryNow() - buffered) / (lives - warmUp);
    // A handle, a callback or a stream lost by each would be more than that by far.
    expect(grown).toBeLessThan(1_000);
  }, 300_000);
});

/** What is open besides the container itself. */
const openNow = async ({ double }: OnDouble) => {
  await pause(100);
  return Object.keys(nothing).map((what) => [what, double.count(what)]);
};

// Garbage is not what is asked about.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const memoryNow = (): number => {
  collect();
  collect();
  // Not what the allocator keeps: that depends on what the process did before, and on what else the machine does.
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
