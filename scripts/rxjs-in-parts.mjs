/**
 * rxjs for the library's bundles: only the modules that they use.
 *
 * `rxjs` itself loads its 225 files, which is most of what a short program costs. The parts are loaded by the paths that its
 * package exports, so that they are the same modules which the program gets by `rxjs`: one `Observable`, one clock of a
 * `TestScheduler`. They are loaded by one CommonJS file, since an import of each from an ES module costs what it saves.
 *
 * Where the program has imported `rxjs` already, the names are taken from that: to find 90 parts takes 4 ms.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

const require = createRequire(import.meta.url);

/** @typedef {{ readonly path: string, readonly text: string }} OutputFile */

/** @returns {OutputFile[]} the files, importing what they use of rxjs from `path`; and the file at `path` */
export function rxjsInParts(/** @type {readonly OutputFile[]} */ files, /** @type {string} */ path) {
  const homes = homesOfNames();
  const used = new Set();
  const changed = files.map((file) => {
    const from = relative(dirname(file.path), path)
      .replaceAll('\\', '/')
      .replace(/^(?!\.)/, './');
    const text = file.text.replace(/^import \{([^}]*)\} from "rxjs";/gm, (_, /** @type {string} */ names) => {
      for (const name of names.split(',')) used.add(name.trim().split(' as ')[0]);
      return `import {${names}} from "${from}";`;
    });
    if (/(from|import) ?\(?"rxjs"/.test(text)) throw new Error(`${file.path} imports rxjs in another form`);
    return { path: file.path, text };
  });
  const lines = [...used].sort().map((name) => {
    const home = homes.get(name);
    if (home === undefined) throw new Error(`rxjs exports no ${name}`);
    return `exports.${name} = whole ? whole.${name} : require("rxjs/${home.module}").${home.name};`;
  });
  return [...changed, { path, text: ['"use strict";', loaded, ...lines, ''].join('\n') }];
}

/** In a bundle there is no cache, and `require.resolve` may be missing. */
const loaded = `
let whole;
try {
  const rxjs = require.cache[require.resolve("rxjs")];
  if (rxjs.loaded) whole = rxjs.exports;
} catch {}
`;

/** Where each name that rxjs exports is from. */
function homesOfNames() {
  const index = join(dirname(require.resolve('rxjs/package.json')), 'dist/esm/index.js');
  const exported = readFileSync(index, 'utf8').matchAll(/export \{([^}]*)\} from '\.\/(.*)';/g);
  return new Map(
    [...exported].flatMap(([, names = '', module = '']) =>
      names.split(',').map((each) => {
        const [name = '', alias = name] = each.trim().split(' as ');
        return /** @type {const} */ ([alias, { name, module }]);
      }),
    ),
  );
}
