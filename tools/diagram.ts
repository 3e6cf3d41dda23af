/** `npm run diagram`: draws the lifecycle table into docs/lifecycle.md, between their markers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { between } from './between.js';
import { shown } from './diagram/draw.js';

for (const [path, text] of Object.entries(shown)) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  const document = readFileSync(file, 'utf8');
  const drawn = between(document, 'lifecycle', text());
  if (drawn === undefined) {
    console.error(`${path}: no lifecycle markers`);
    process.exitCode = 1;
  } else if (drawn === document) console.log(`${path}: up to date`);
  else {
    writeFileSync(file, drawn);
    console.log(`${path}: drawn`);
  }
}
