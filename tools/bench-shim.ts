/**
 * `npm run bench:shim [-- --quick] [-- --json] [-- --only=output]`: what this shim costs a user of containerd, beside the reference, in one run
 * of one containerd. The three take turns, so that what else the machine does meets them alike.
 */
import { execFileSync } from 'node:child_process';
import { missing } from '../spec/support/containerd/runtime.js';
import { calls } from './bench-shim/calls.js';
import { commands } from './bench-shim/commands.js';
import { type Contender, openContenders } from './bench-shim/contenders.js';
import { crowd } from './bench-shim/crowd.js';
import { execs } from './bench-shim/execs.js';
import { output } from './bench-shim/output.js';
import type { Row } from './bench-shim/row.js';
import { print } from './bench-shim/table.js';

const quick = process.argv.includes('--quick');
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);
const lack = missing();
if (lack !== undefined) {
  console.error(`bench:shim cannot run here: ${lack}`);
  process.exit(process.env['CI'] === 'true' ? 1 : 0);
}

const contenders: readonly Contender[] = openContenders();
const rows: Row[] = [];
const parts = { calls, commands, output, crowd, execs };
for (const [name, measure] of Object.entries(parts))
  if (only === undefined || only === name) rows.push(...(await measure(contenders, quick)));
for (const contender of contenders) contender.remove();

if (process.argv.includes('--json')) {
  const versions = execFileSync('sh', ['-c', 'runc --version | head -n 1; containerd --version'], {
    encoding: 'utf8',
  });
  console.log(
    JSON.stringify({ node: process.version, versions: versions.trim().split('\n'), quick, rows }, null, 2),
  );
} else {
  // The rows of log files have a value of the library, too.
  print([...contenders.map(({ name }) => name), 'the library'], rows);
}
