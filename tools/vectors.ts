/**
 * `npm run vectors -- DIR [NAME] [--verbose]`: holds the exec stream against the recorded behaviour of the original.
 *
 * Runs every vector of the folder, or those whose scenario has NAME in its own, and says what differs, and where one of
 * the corrections of docs/corrections.md applied. The last line counts. Ends with 1 unless all passed.
 */
import { parseArgs } from 'node:util';
import { runFile, vectorFiles } from './vectors/run-folder.js';

const { values, positionals } = parseArgs({
  options: { verbose: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [folder = 'spec/vectors/exec', wanted] = positionals;

let passed = 0;
let failed = 0;
for (const file of vectorFiles(folder)) {
  const result = await runFile(file, wanted);
  if (result === undefined) continue;
  const { scenario, corrected, differences } = result;
  const note = corrected.length === 0 ? '' : `  corrected: ${corrected.join(', ')}`;
  if (differences.length === 0) {
    passed += 1;
    if (values.verbose || note !== '') console.log(`ok      ${scenario}${note}`);
  } else {
    failed += 1;
    console.log(`FAILED  ${scenario}${note}`);
    for (const difference of differences) console.log(difference.replace(/^/gm, '        '));
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
