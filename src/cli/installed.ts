/**
 * Where the program was installed, and its version. In this folder, since the program is bundled: all its files are in
 * dist/cli then, and a path relative to a folder below would be another one.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const version = (): string => createRequire(import.meta.url)('../../package.json').version;

/** The compiled shim. */
export const shimFolder = (): string => fileURLToPath(new URL('../shim', import.meta.url));
