/**
 * `node scripts/tool.mjs bench/guest [--quick]`: execs over a bridge to rxshim's own guest, both in one process, with real
 * unix sockets and real processes. Each has a stdout, which is read to its end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, from, lastValueFrom, mergeMap, Subject } from 'rxjs';
import { dialSockets } from '../../src/guest/dialer.js';
import { localEngine } from '../../src/guest/local-engine.js';
import { runGuest } from '../../src/guest/run-guest.js';
import type { ComputeSystem } from '../../src/hcs/compute-system.js';
import { connectGuest, vsockSockets } from '../../src/hcs/guest/index.js';
import { local } from '../../src/hcs/local/index.js';
import { quantile } from './harness.js';

const quick = process.argv.includes('--quick');
const count = quick ? 100 : 1_000;
const OciProcess = { args: ['/bin/true'], cwd: '/', env: ['PATH=/bin'] };

const exec = async (system: ComputeSystem): Promise<void> => {
  const made = await firstValueFrom(system.createProcess({ OciProcess, CreateStdOutPipe: true }));
  for await (const _ of made.stdio.stdout ?? []);
  await firstValueFrom(made.exit$);
  await lastValueFrom(made.close(), { defaultValue: undefined });
};

const measure = async (name: string, system: ComputeSystem): Promise<void> => {
  const waits: number[] = [];
  for (let turn = 0; turn < count / 5; turn += 1) {
    const began = performance.now();
    await exec(system);
    waits.push(performance.now() - began);
  }
  waits.sort((a, b) => a - b);
  const began = performance.now();
  await lastValueFrom(from(Array.from({ length: count })).pipe(mergeMap(() => exec(system), 50)));
  const rate = (count * 1_000) / (performance.now() - began);
  const [median, slow] = [quantile(waits, 0.5), quantile(waits, 0.99)];
  console.log(`${name.padEnd(8)} one at a time ${median.toFixed(2)} ms (99 of 100: ${slow.toFixed(2)} ms)`);
  console.log(`${name.padEnd(8)} fifty at a time ${rate.toFixed(0)} /s`);
};

const folder = mkdtempSync(join(tmpdir(), 'guest-bench-'));
const path = join(folder, 'v');
const stop$ = new Subject<void>();
const done = lastValueFrom(runGuest({ dial: dialSockets(path), engine: localEngine(), stop$ }), {
  defaultValue: undefined,
});
const guest = await connectGuest(vsockSockets(path));
const container = await guest.createContainer({ id: 'bench', spec: { process: { args: ['sleep', '600'] } } });
const init = await firstValueFrom(container.createProcess({}));
await measure('guest', container);
const here = local();
const first = await firstValueFrom(here.createProcess({ OciProcess: { args: ['sleep', '600'] } }));
await measure('local', here);
await firstValueFrom(init.kill());
await firstValueFrom(first.kill());
await guest.close();
stop$.next();
await done;
rmSync(folder, { recursive: true });
