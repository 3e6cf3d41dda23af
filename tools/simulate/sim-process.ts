/** A simulated process: what runs, whatever anybody above knows of it. */
import type { ComputeProcess } from '../../src/hcs/compute-process.js';
import type { SimEvent } from './scenario.js';

export type Life = Extract<SimEvent, { kind: 'life' }>;

export interface SimProcess {
  readonly exec: string;
  readonly pid: number;
  readonly life: Life;
  /** What the engine above is given. Its streams are made when the rest of it is there. */
  readonly process: ComputeProcess & { stdio: ComputeProcess['stdio'] };
  /** Whether it runs, whatever anybody knows of it. */
  alive: boolean;
  /** Whether its output has ended. */
  closed: boolean;
  /** Called when its output ends. */
  onClosed: () => void;
  /** Called when its handle, or that of its output, is closed. */
  onHandleClosed: () => void;
  /** How many listen for its end. */
  listeners(): number;
}
