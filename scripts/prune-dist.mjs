/**
 * Removes from dist what no entry point reaches: modules that only the bundles of the command and the shim contain, and the
 * declarations of modules that no public type refers to.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Relative specifiers of imports and exports, also in the types of declarations and comments. */
const specifier = /(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g;

/** Folders that the bundlers have filled. */
const bundles = ['cli', 'shim'];

/**
 * @param {string} root
 * @param {string} dist
 */
export function pruneDist(root, dist) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entries = Object.values(/** @type {Record<string, string | Record<string, string>>} */ (exports))
    .flatMap((entry) => (typeof entry === 'string' ? [] : Object.values(entry)))
    .map((path) => join(dist, path.replace(/^\.\/dist\//, '')));
  const reached = reachedFrom(entries);
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const file = join(dist, name);
    const [folder = ''] = name.split(/[/\\]/);
    if (bundles.includes(folder) || !/\.(js|d\.ts)$/.test(name) || !statSync(file).isFile()) continue;
    if (!reached.has(file)) rmSync(file);
  }
  removeEmptyFolders(dist);
}

function reachedFrom(/** @type {readonly string[]} */ entries) {
  const reached = new Set(entries);
  // A set goes on to what is added while it is iterated.
  for (const file of reached) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(specifier)) {
      const target = resolve(dirname(file), /** @type {string} */ (path));
      const imported = file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target;
      if (existsSync(imported)) reached.add(imported);
    }
  }
  return reached;
}

function removeEmptyFolders(/** @type {string} */ folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}
