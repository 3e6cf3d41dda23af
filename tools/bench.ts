/**
 * `npm run bench [-- --quick] [-- --json]`: what an exec costs, beside what the Go original costs with everything
 * outside it faked, on a machine like this (2 cores). Real containers are measured beside runc's own commands, called
 * one after another; the figures are there where root, runc and a busybox are.
 */
import { guests } from './bench/guest.js';
import type { Figure } from './bench/harness.js';
import { lives } from './bench/lives.js';
import { memory } from './bench/memory.js';
import { relay } from './bench/relay.js';
import { containers } from './bench/runc.js';
import { windows } from './bench/windows.js';

const quick = process.argv.includes('--quick');
const figures: Figure[] = [];
// Memory first: what the others leave in the heap would hide it.
for (const measure of [memory, lives, relay]) figures.push(...(await measure(quick)));
const ofRunc = await containers(quick);
const ofGuests = await guests(quick);
const ofWindows = await windows(quick);

const show = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });
const ratio = ({ value, go, lessIsBetter }: Figure): string =>
  go === undefined ? '' : (lessIsBetter ? go / value : value / go).toFixed(2);

const table = (what: string, other: string, rows: readonly Figure[]): void => {
  if (rows.length === 0) return;
  console.log(
    `${what.padEnd(34)}${'rxshim'.padStart(14)}${other.padStart(16)}${(other && 'times as good').padStart(16)}`,
  );
  for (const figure of rows) {
    const of = (value: number) => `${show(value)} ${figure.unit}`;
    console.log(
      `${figure.name.padEnd(34)}${of(figure.value).padStart(14)}${(figure.go === undefined ? '' : of(figure.go)).padStart(16)}${ratio(figure).padStart(16)}`,
    );
  }
};

if (process.argv.includes('--json')) {
  console.log(
    JSON.stringify(
      { node: process.version, quick, figures, containers: ofRunc, guests: ofGuests, windows: ofWindows },
      null,
      2,
    ),
  );
} else {
  table('what', 'Go original', figures);
  console.log();
  table('by runc', 'runc alone', ofRunc);
  console.log();
  table('in a guest', 'without one', ofGuests);
  console.log();
  table('the Windows engine', '', ofWindows);
}
