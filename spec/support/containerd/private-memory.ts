import { readFileSync } from 'node:fs';

/** MiB that a process alone holds: what would come free if it ended. */
export const privateMemory = (pid: number): number =>
  [...readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1').matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm)]
    .map(([, kilobytes]) => Number(kilobytes) / 1024)
    .reduce((sum, each) => sum + each, 0);
