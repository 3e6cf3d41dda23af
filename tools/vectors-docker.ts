/**
 * `npm run vectors:docker -- [DIR] [NAME] [--verbose]`: replays recorded sessions of Docker and Podman against the engine.
 *
 * Runs every session of the folder and its subfolders, or those with NAME in their path, and says what differs. The last
 * line counts. Ends with 1 unless all passed.
 */
import { parseArgs } from 'node:util';
import { runDockerFolder } from './docker-vectors/run-folder.js';

const { values, positionals } = parseArgs({
  options: { verbose: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [folder = 'spec/vectors/docker', wanted] = positionals;
const passed = await runDockerFolder(folder, {
  wanted,
  verbose: values.verbose,
  print: (line) => console.log(line),
});
process.exitCode = passed ? 0 : 1;
