/**
 * `npm run vectors -- [DIR] [NAME] [--verbose]`: holds the exec stream against the recorded behaviour of the original.
 *
 * Runs every vector of the folder, or those with NAME in their scenario's name, and says what differs, and where one of
 * the corrections (docs/corrections.md) applied. The last line counts. Ends with 1 unless all passed.
 */
import { parseArgs } from 'node:util';
import { runFolder } from './vectors/run-folder.js';

const { values, positionals } = parseArgs({
  options: { verbose: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [folder = 'spec/vectors/exec', wanted] = positionals;
const allIsWell = await runFolder(folder, {
  wanted,
  verbose: values.verbose,
  print: (line) => console.log(line),
});
process.exitCode = allIsWell ? 0 : 1;
