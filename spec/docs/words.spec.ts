/** Words of this project alone, for which the field has its own: no file uses them (docs/glossary.md has the words in use). */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { root } from './blocks.js';

/** Each word, its replacement, and the lines or files in which it means something else. */
const replaced: readonly (readonly [word: RegExp, use: string, except?: RegExp])[] = [
  [/\btold\b/i, 'published, notified, returned'],
  [/\bwhoever\b/i, 'the caller, the process that …'],
  // The user of that name.
  [/\bnobody\b/i, 'no caller, no reader, no process', /['"]nobody['"]/],
  [/\bculprit\b/i, 'the field and value', /^(docs\/migration|CHANGELOG)\.md/],
  [/\bpatience\b/i, 'timeout', /^src\/shim\/keeper\//],
  [/\b(loses?|lost) interest\b/i, 'unsubscribes, cancels'],
  [/\bcarriedOn\b/, 'uninterruptible'],
  [/\bin(Impatient)?Turn\b/, 'enqueue'],
  [/\bunderWay\b/, 'inFlight'],
  [/\b(theatre|sayGone|saysGone|orUndo|mostOutput)\b/i, 'harness, isNotRunning, closeIfUnwanted, maxOutput'],
  // The example of spec/streams/loop.spec.ts is a door.
  [/\b(a|no|the|each|every) doors?\b/i, 'entry point', /spec\/streams\/loop\.spec\.ts/],
  [
    /(^|[.:] |\/\*\* |\* |\/\/ )(Of (what|these|those|which|whom) |Who(ever)? (?!am|are)|To whom )/,
    'subject, verb, object',
  ],
  [/, nor (can|does|do|is|are|has|would|will) an? [\w-]+[.;,]/, 'a sentence of its own'],
];

const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
  .split('\n')
  .filter((file) => /\.(ts|c|h|mjs|js|md|sh)$|^\.ci\/run$/.test(file))
  // Made from containerd's definitions; recorded of others; and this file, which names the words.
  .filter((file) => !/\/generated\/|^spec\/vectors\/|^spec\/docs\/words\.spec\.ts$/.test(file))
  .filter((file) => existsSync(join(root, file)));

it.each(replaced.map(([word, use, except]) => ({ word, use, except })))('$word: $use', ({ word, except }) => {
  const found = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, at) => {
        const place = `${file}:${at + 1}: ${line.trim()}`;
        return word.test(line) && !except?.test(place) ? [place] : [];
      }),
  );
  expect(found).toEqual([]);
});

it('the words that a reader searches for are used', () => {
  const text = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  for (const word of ['timeout', 'cancel', 'queue', 'retry', 'retries', 'signal', 'exit status', 'abort'])
    expect([word, text.split(word).length > 20]).toEqual([word, true]);
});
