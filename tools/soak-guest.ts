/**
 * `node scripts/tool.mjs soak-guest [EXECS]`: so many execs, ten thousand by default, over a bridge to an agent in a process of
 * its own, ten at a time: with output, with input, killed, and refused. Then neither side may hold more than after the first
 * fifth of them. Exit 1 if one holds more.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, from, lastValueFrom, mergeMap, range } from 'rxjs';
import { connectGuest, vsockSockets } from '../src/hcs/guest/index.js';
import { serveAsAgent, startAgent } from './soak-guest/agent.js';
import { execNumber } from './soak-guest/execs.js';
import { growthOf } from './soak-guest/growth.js';
import { sizesOf } from './soak-guest/sizes.js';

const atOnce = 10;

const soak = async (execs: number): Promise<boolean> => {
  const folder = mkdtempSync(join(tmpdir(), 'rxshim-soak-guest-'));
  const path = join(folder, 'v');
  const agent = startAgent(process.argv[1]!, path);
  try {
    const guest = await connectGuest(vsockSockets(path));
    const container = await guest.createContainer({
      id: 'soak',
      spec: { process: { args: ['sleep', '600'] } },
    });
    const init = await firstValueFrom(container.createProcess({}));
    const run = (first: number, count: number) =>
      lastValueFrom(
        range(first, count).pipe(mergeMap((number) => from(execNumber(container, number)), atOnce)),
        { defaultValue: undefined },
      );
    const sizes = async () => ({ host: await sizesOf(), agent: await agent.sizes() });
    const first = Math.ceil(execs / 5);
    await run(0, first);
    const before = await sizes();
    const began = performance.now();
    await run(first, execs - first);
    const duration = performance.now() - began;
    const after = await sizes();
    await firstValueFrom(init.kill());
    await firstValueFrom(init.exit$);
    await guest.close();
    console.log(`${execs} execs, the last ${execs - first} in ${(duration / 1_000).toFixed(1)} s`);
    const grown = (['host', 'agent'] as const).filter((side) => {
      const growth = growthOf(before[side], after[side], execs - first);
      for (const line of growth.lines) console.log(`${side.padEnd(6)} ${line}`);
      return growth.grown;
    });
    return grown.length > 0;
  } finally {
    await agent.end();
    rmSync(folder, { recursive: true, force: true });
  }
};

const [first = '10000', path = ''] = process.argv.slice(2);
if (first === 'agent') await serveAsAgent(path);
else process.exitCode = (await soak(Number(first))) ? 1 : 0;
