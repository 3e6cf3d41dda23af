/** What one live exec costs in resident memory, at ten thousand of them. Needs --expose-gc. */
import type { ByteSink } from '../../src/hcs/contract/bytes.js';
import { memoryPipe } from '../../src/hcs/simulated/memory-pipe.js';
import type { Exec } from '../../src/streams/exec/interface.js';
import { type UpstreamIo, unconnected } from '../../src/streams/stdio/upstream.js';
import { type Figure, makeHarness } from './harness.js';

export const memory = async (quick: boolean): Promise<Figure[]> => {
  const count = quick ? 500 : 10_000;
  return [
    {
      name: 'live exec without IO',
      value: await perExec(count, () => unconnected),
      unit: 'kB',
      go: 12.5,
      lessIsBetter: true,
    },
    {
      name: 'live exec, three idle relays',
      value: await perExec(count, idleIo),
      unit: 'kB',
      go: 49,
      lessIsBetter: true,
    },
  ];
};

const sink: ByteSink = { write: () => Promise.resolve() };
const idleIo = (): UpstreamIo => ({ stdin: memoryPipe(), stdout: sink, stderr: sink, ...unconnected });

const perExec = async (count: number, io: () => UpstreamIo): Promise<number> => {
  const harness = makeHarness();
  const start = async (execs: Exec[], howMany: number): Promise<void> => {
    for (let made = 0; made < howMany; made += 1) {
      const exec = harness.exec({ upstream: io() });
      execs.push(exec);
      exec.wait().subscribe();
      exec.start().subscribe();
    }
    await settled();
  };
  const held: Exec[] = [];
  // What is paid once (compiled code, grown heap) is paid before.
  await start(held, Math.ceil(count / 10));
  const before = residentAfterCollection();
  await start(held, count);
  return (residentAfterCollection() - before) / count / 1000;
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

const residentAfterCollection = (): number => {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().rss;
};
