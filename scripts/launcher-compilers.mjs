/**
 * The C compilers that are here. Looked for at the start of every script, so by a look at the folders of PATH alone.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Node's names of architectures, and the compilers for them. */
const compilers = {
  x64: ['x86_64-linux-gnu-gcc', 'x86_64-linux-musl-gcc'],
  arm64: ['aarch64-linux-gnu-gcc', 'aarch64-linux-musl-gcc'],
};

/** The compilers that are here, by architecture. */
export function launcherCompilers() {
  /** @type {Record<string, string>} */
  const found = {};
  if (process.platform !== 'linux') return found;
  for (const [arch, names] of Object.entries(compilers)) {
    const own = arch === process.arch ? ['gcc', 'cc'] : [];
    const name = [...own, ...names].find(isProgram);
    if (name !== undefined) found[arch] = name;
  }
  return found;
}

function isProgram(/** @type {string} */ name) {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
