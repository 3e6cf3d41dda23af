/** Whole lives: created, started, exited, drained, released, its waiter answered. Everything outside the exec is faked. */
import type { ExecOptions } from '../../src/streams/exec/options.js';
import { type UpstreamIo, unconnected } from '../../src/streams/stdio/upstream.js';
import { type Figure, makeHarness, perSecond, quantile } from './harness.js';
import { observed } from './observed.js';

export const lives = async (quick: boolean): Promise<Figure[]> => {
  const rounds = quick ? 1 : 7;
  const count = quick ? 2_000 : 50_000;
  return [
    {
      name: 'lives without IO',
      value: await perSecond(rounds, count, (lives) => withoutIo(lives)),
      unit: '/s',
      go: 124_000,
    },
    {
      name: 'lives with 1 KiB of stdout',
      value: await perSecond(rounds, count / 2, withStdout),
      unit: '/s',
      go: 41_500,
    },
    {
      name: 'lives, spans sampled, debug logs',
      value: await perSecond(rounds, count / 5, (lives) => withoutIo(lives, observed())),
      unit: '/s',
      go: 11_300,
    },
    ...exitToWait(quick),
  ];
};

const harness = makeHarness();

const withoutIo = (lives: number, options: Partial<ExecOptions> = {}): void => {
  for (let life = 0; life < lives; life += 1) {
    let released = false;
    const exec = harness.exec(options);
    exec.wait().subscribe(() => (released = true));
    exec.start().subscribe();
    harness.takeProcess().exit(0);
    if (!released) throw new Error('a life without an end');
  }
};

const kibibyte = new Uint8Array(1024);

const withStdout = async (lives: number): Promise<void> => {
  for (let life = 0; life < lives; life += 1) {
    let bytes = 0;
    const sink = {
      write: (chunk: Uint8Array) => {
        bytes += chunk.byteLength;
        return Promise.resolve();
      },
    };
    const upstream: UpstreamIo = { stdout: sink, ...unconnected };
    const exec = harness.exec({ upstream });
    exec.start().subscribe();
    const process = harness.takeProcess();
    process.pipes.stdout?.write(kibibyte);
    process.exit(0);
    await new Promise((resolve) => exec.released$.subscribe(resolve));
    if (bytes !== kibibyte.byteLength) throw new Error(`output lost: ${bytes} bytes`);
  }
};

/** From the exit reported by the engine to the end of the wait. */
const exitToWait = (quick: boolean): Figure[] => {
  const times: number[] = [];
  for (let life = 0; life < (quick ? 1_000 : 20_000); life += 1) {
    const exec = harness.exec();
    let released = 0n;
    exec.wait().subscribe(() => (released = process.hrtime.bigint()));
    exec.start().subscribe();
    const from = process.hrtime.bigint();
    harness.takeProcess().exit(0);
    times.push(Number(released - from) / 1e3);
  }
  times.sort((a, b) => a - b);
  return [
    { name: 'exit to wait, median', value: quantile(times, 0.5), unit: 'µs', go: 14, lessIsBetter: true },
    { name: 'exit to wait, 99 of 100', value: quantile(times, 0.99), unit: 'µs', go: 51, lessIsBetter: true },
  ];
};
