/**
 * `npm run bench [-- --quick] [-- --json] [-- --peers [NAME] | --docker [NAME] | --guests]`: what an exec costs, with everything outside it
 * faked. Each figure is a median. Those of the Go original were measured on another day, on a machine like this (2 cores):
 * no ratio to them is printed. `bench/against.ts` compares with another commit in one run. Real containers are measured
 * beside runc's own commands, called one after another; the figures are there where root, runc and a busybox are. Everyday
 * use is measured beside execa,
 * child_process and a shell, in one interleaved run; with `--peers` nothing else is, or only
 * the rows whose names hold NAME. Containers of Docker are measured with `--docker` only: see bench/docker.ts. `--guests` measures
 * execs over a bridge alone.
 */
import { dockers } from './bench/docker.js';
import { guests } from './bench/guest.js';
import type { Figure } from './bench/harness.js';
import { pods } from './bench/kubernetes.js';
import { lives } from './bench/lives.js';
import { memory } from './bench/memory.js';
import { peers } from './bench/peers.js';
import { relay } from './bench/relay.js';
import { containers } from './bench/runc.js';
import { type Comparison, timesAsGood } from './bench/side-by-side.js';
import { startUp } from './bench/start-up.js';
import { windows } from './bench/windows.js';

const quick = process.argv.includes('--quick');
const figures: Figure[] = [];
const [peersOnly, dockerOnly] = [process.argv.includes('--peers'), process.argv.includes('--docker')];
const guestsOnly = process.argv.includes('--guests');
const isWhole = !peersOnly && !dockerOnly && !guestsOnly;
// Memory first: what the others leave in the heap would hide it.
for (const measure of isWhole ? [memory, lives, relay, pods] : []) figures.push(...(await measure(quick)));
const ofRunc = isWhole ? await containers(quick) : [];
const ofGuests = isWhole || guestsOnly ? await guests(quick) : [];
const ofWindows = isWhole ? await windows(quick) : [];
const [, named = ''] = process.argv.slice(process.argv.indexOf(dockerOnly ? '--docker' : '--peers'));
const chosen = isWhole || guestsOnly || named.startsWith('--') ? '' : named;
const ofPeers = guestsOnly
  ? []
  : [
      ...(dockerOnly ? await dockers(quick, chosen) : []),
      ...(!dockerOnly && 'start-up'.includes(chosen) ? await startUp(quick) : []),
      ...(dockerOnly ? [] : await peers(quick, chosen)),
    ];

const show = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });
const ratio = ({ value, beside, lessIsBetter }: Figure): string =>
  beside === undefined ? '' : (lessIsBetter ? beside / value : value / beside).toFixed(2);

/** @param other what was measured in the same run; the Go original was not. */
const table = (what: string, other: string | undefined, rows: readonly Figure[]): void => {
  if (rows.length === 0) return;
  const second = other ?? 'Go, another day';
  console.log(
    `${what.padEnd(36)}${'rxshim'.padStart(14)}${second.padStart(17)}${(other ? 'times as good' : '').padStart(15)}`,
  );
  for (const figure of rows) {
    const of = (value: number | undefined) => (value === undefined ? '' : `${show(value)} ${figure.unit}`);
    console.log(
      `${figure.name.padEnd(36)}${of(figure.value).padStart(14)}${of(figure.beside ?? figure.go).padStart(17)}${ratio(figure).padStart(15)}`.trimEnd(),
    );
  }
};

const comparisons = (rows: readonly Comparison[]): void => {
  for (const row of rows) {
    console.log(`\n${row.name}, ${row.unit}, median of an interleaved run`);
    for (const result of row.results) {
      const { contender, median, least, most, processor } = result;
      const range = `(${show(least)} to ${show(most)})`;
      const ratio = result === row.results[0] ? '' : timesAsGood(row, result).toFixed(2);
      console.log(
        `  ${contender.padEnd(16)}${show(median).padStart(10)}  ${range.padEnd(22)}${`${show(processor)} ms of processor`.padStart(24)}${ratio.padStart(8)}`,
      );
    }
  }
};

if (process.argv.includes('--json')) {
  console.log(
    JSON.stringify(
      {
        node: process.version,
        quick,
        figures,
        containers: ofRunc,
        guests: ofGuests,
        windows: ofWindows,
        peers: ofPeers,
      },
      null,
      2,
    ),
  );
} else {
  table('what', undefined, figures);
  table('\nby runc', 'runc alone', ofRunc);
  table('\nin a guest', 'without one', ofGuests);
  table('\nthe Windows engine', '', ofWindows);
  comparisons(ofPeers);
}

// The live execs whose memory was measured would keep the program alive, with their pipes.
process.exit();
