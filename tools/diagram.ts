/** `npm run diagram`: draws the lifecycle tables of exec and task into docs/lifecycle.md, between their markers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { between } from './between.js';
import { drawings } from './diagram/drawings.js';

for (const { path, marker, text } of drawings) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  const document = readFileSync(file, 'utf8');
  const drawn = between(document, marker, text());
  if (drawn === undefined) {
    console.error(`${path}: no ${marker} markers`);
    process.exitCode = 1;
  } else if (drawn === document) console.log(`${path}, ${marker}: up to date`);
  else {
    writeFileSync(file, drawn);
    console.log(`${path}, ${marker}: drawn`);
  }
}
