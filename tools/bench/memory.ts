/**
 * What one live exec costs in resident memory, at ten thousand of them, or a thousand with pipes of the kernel. Needs
 * --expose-gc.
 */
import type { ComputeSystem } from '../../src/hcs/contract/compute-system.js';
import { descriptorSink, descriptorSource, openPipe } from '../../src/hcs/native/index.js';
import type { Exec } from '../../src/streams/exec/interface.js';
import { type UpstreamIo, unconnected } from '../../src/streams/stdio/upstream.js';
import { type Figure, makeHarness } from './harness.js';
import { pipedSystem } from './piped-system.js';

export const memory = async (quick: boolean): Promise<Figure[]> => {
  const count = quick ? 500 : 10_000;
  return [
    {
      name: 'live exec without IO',
      value: await perExec(count, () => unconnected),
      unit: 'kB',
      go: 10.5,
      lessIsBetter: true,
    },
    ...(process.platform === 'linux'
      ? [
          {
            name: 'live exec, three idle relays',
            value: await perExec(quick ? 100 : piped, idleIo, pipedSystem().system),
            unit: 'kB',
            go: 32.8,
            lessIsBetter: true,
          },
        ]
      : []),
  ];
};

/** Each has six pipes, of which both ends are here: fewer than there may be descriptors. */
const piped = 1_000;

/** As a client's FIFOs are: pipes of the kernel, of which the other ends are open. */
const idleIo = (): UpstreamIo => {
  const [stdin, stdout, stderr] = [openPipe(), openPipe(), openPipe()];
  return {
    stdin: descriptorSource(stdin.read),
    stdout: descriptorSink(stdout.write),
    stderr: descriptorSink(stderr.write),
    ...unconnected,
  };
};

const perExec = async (count: number, io: () => UpstreamIo, system?: ComputeSystem): Promise<number> => {
  const harness = makeHarness();
  const start = async (execs: Exec[], howMany: number): Promise<void> => {
    for (let made = 0; made < howMany; made += 1) {
      const exec = harness.exec({ upstream: io(), ...(system && { system }) });
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
