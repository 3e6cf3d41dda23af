/** What one runtime did in a soak: how much, and everything that was wrong. */
export type Fault = 'exit code' | 'output' | 'call';

export interface Tally {
  containers: number;
  execs: number;
  /** Containers whose creation was cut by a restart of containerd, and that were given up. */
  cutShort: number;
  readonly faults: { readonly kind: Fault; readonly text: string }[];
}

export const emptyTally = (): Tally => ({ containers: 0, execs: 0, cutShort: 0, faults: [] });
