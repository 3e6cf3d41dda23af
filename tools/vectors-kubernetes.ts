/**
 * `npm run vectors:kubernetes -- [DIR] [NAME] [--verbose]`: replays recorded sessions of a cluster against the engine.
 *
 * Runs every session of the folder and its subfolders, or those with NAME in their path, and says what differs. The last
 * line counts. Ends with 1 unless all passed.
 */
import { parseArgs } from 'node:util';
import { runKubernetesFolder } from './kubernetes-vectors/run-folder.js';

const { values, positionals } = parseArgs({
  options: { verbose: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [folder = 'spec/vectors/kubernetes', wanted] = positionals;
const passed = await runKubernetesFolder(folder, {
  wanted,
  verbose: values.verbose,
  print: (line) => console.log(line),
});
process.exitCode = passed ? 0 : 1;
