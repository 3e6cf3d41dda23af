/**
 * `npm run vectors:guest -- [DIR] [NAME] [--verbose]`: holds client and guest of the bridge protocol against recorded
 * sessions of a real guest.
 *
 * Runs every session of the folder, or those with NAME in their name, and says what differs, and why where the client was
 * not asked. The last line counts. Ends with 1 unless all passed.
 */
import { parseArgs } from 'node:util';
import { runGuestFolder } from './guest-vectors/run-folder.js';

const { values, positionals } = parseArgs({
  options: { verbose: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [folder = 'spec/vectors/guest-bridge', wanted] = positionals;
const allIsWell = await runGuestFolder(folder, {
  wanted,
  verbose: values.verbose,
  print: (line) => console.log(line),
});
process.exitCode = allIsWell ? 0 : 1;
