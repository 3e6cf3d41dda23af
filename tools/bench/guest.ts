/**
 * Execs over a bridge to rxshim's own guest, beside the same execs without one: both sides in one process, with real unix
 * sockets and real processes. Each has a stdout, which is read to its end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, from, lastValueFrom, mergeMap, Subject } from 'rxjs';
import { dialSockets } from '../../src/agent/dialer.js';
import { localEngine } from '../../src/agent/engines/local.js';
import { runAgent } from '../../src/agent/run.js';
import type { ComputeSystem } from '../../src/hcs/contract/compute-system.js';
import { connectGuest, vsockSockets } from '../../src/hcs/guest/index.js';
import { local } from '../../src/hcs/local/index.js';
import { type Figure, quantile } from './harness.js';

const OciProcess = { args: ['/bin/true'], cwd: '/', env: ['PATH=/bin'] };
const waiting = { OciProcess: { args: ['sleep', '600'] } };
const atOnce = 50;

/** Rounds of both in turn, so that a busy machine is equally slow for both. The first ones warm up. */
const rounds = 10;
const warmUp = 2;

/** Nothing where there are no such sockets and programs. */
export const guests = async (quick: boolean): Promise<Figure[]> => {
  if (process.platform !== 'linux') return [];
  const each = quick ? 20 : 100;
  const here = local();
  const first = await firstValueFrom(here.createProcess(waiting));
  const [without, over] = await inGuest(async (container) => {
    const both = [here, container].map((system) => ({
      system,
      waits: [] as number[],
      rates: [] as number[],
    }));
    for (let round = -warmUp; round < rounds; round += 1) {
      for (const { system, waits, rates } of round % 2 === 0 ? both : [...both].reverse()) {
        const measured = await measure(system, each);
        if (round < 0) continue;
        waits.push(...measured.waits);
        rates.push(measured.rate);
      }
    }
    return both.map(({ waits, rates }) => figuresOf(waits, rates));
  });
  await firstValueFrom(first.kill());
  return [
    {
      name: 'exec over a bridge, median',
      value: over!.median,
      beside: without!.median,
      unit: 'ms',
      lessIsBetter: true,
    },
    { name: '99 of 100', value: over!.slow, beside: without!.slow, unit: 'ms', lessIsBetter: true },
    { name: `${atOnce} at a time`, value: over!.rate, beside: without!.rate, unit: '/s' },
  ];
};

const figuresOf = (waits: number[], rates: number[]) => {
  waits.sort((a, b) => a - b);
  rates.sort((a, b) => a - b);
  return { median: quantile(waits, 0.5), slow: quantile(waits, 0.99), rate: quantile(rates, 0.5) };
};

const inGuest = async <T>(work: (container: ComputeSystem) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'guest-bench-'));
  const path = join(folder, 'v');
  const stop$ = new Subject<void>();
  const ended = lastValueFrom(runAgent({ dial: dialSockets(path), engine: localEngine(), stop$ }), {
    defaultValue: undefined,
  });
  const guest = await connectGuest(vsockSockets(path));
  const container = await guest.createContainer({ id: 'bench', spec: { process: waiting.OciProcess } });
  const init = await firstValueFrom(container.createProcess({}));
  const result = await work(container);
  await firstValueFrom(init.kill());
  await guest.close();
  stop$.next();
  await ended;
  rmSync(folder, { recursive: true });
  return result;
};

const measure = async (system: ComputeSystem, count: number) => {
  const waits: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const began = performance.now();
    await exec(system);
    waits.push(performance.now() - began);
  }
  const began = performance.now();
  await lastValueFrom(from(Array.from({ length: count })).pipe(mergeMap(() => exec(system), atOnce)));
  return { waits, rate: (count * 1_000) / (performance.now() - began) };
};

const exec = async (system: ComputeSystem): Promise<void> => {
  const made = await firstValueFrom(system.createProcess({ OciProcess, CreateStdOutPipe: true }));
  for await (const _ of made.stdio.stdout ?? []);
  await firstValueFrom(made.exit$);
  await lastValueFrom(made.close(), { defaultValue: undefined });
};
