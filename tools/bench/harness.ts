/** What the benchmarks share: the harness in which an exec runs with everything outside it faked, and the arithmetic. */
import { EMPTY } from 'rxjs';
import { type ScriptedProcess, scriptedSystem } from '../../src/hcs/simulated/scripted-system.js';
import { createExec } from '../../src/streams/exec/exec.js';
import type { Exec } from '../../src/streams/exec/interface.js';
import type { ExecOptions } from '../../src/streams/exec/options.js';
import { unconnected } from '../../src/streams/stdio/upstream.js';

/** One figure: what was measured, and how much. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The same without rxshim, from the same run: runc alone, or no guest. */
  readonly beside?: number;
  /** The Go original on another day: no ratio to it says anything, since the machine was another. */
  readonly go?: number;
  /** Whether less is better. */
  readonly lessIsBetter?: boolean;
}

const spec = { args: ['/bin/true'], cwd: '/' };
let made = 0;

export interface Harness {
  exec(options?: Partial<ExecOptions>): Exec;
  /** The process that was created last. The harness forgets it: what is over must not weigh on what is measured. */
  takeProcess(): ScriptedProcess;
}

export const makeHarness = (): Harness => {
  const system = scriptedSystem();
  const processes = system.processes as ScriptedProcess[];
  return {
    exec: (options = {}) => {
      made += 1;
      return createExec({
        taskId: 'task',
        id: `exec-${made}`,
        bundle: '/b',
        system,
        upstream: unconnected,
        spec,
        publish: () => EMPTY,
        ...options,
      });
    },
    takeProcess: () => processes.pop() as ScriptedProcess,
  };
};

/** How often a second something can be done: the median of several rounds after a warm-up. */
export const perSecond = async (
  rounds: number,
  lives: number,
  batch: (lives: number) => unknown,
): Promise<number> => {
  await batch(lives);
  const found: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const from = process.hrtime.bigint();
    await batch(lives);
    found.push(lives / (Number(process.hrtime.bigint() - from) / 1e9));
  }
  return median(found);
};

export const median = (values: readonly number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
