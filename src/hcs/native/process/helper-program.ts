/**
 * The small static program that does what this process cannot do itself, or should not wait for: the launcher of the shim.
 *
 * It is part of the package, for the architectures that it was built for, and is run as `PROGRAM VERB ARGUMENTS…`.
 */
import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';

let given: string | undefined;
let found: string | null | undefined;

/** An installed shim says where its launcher is. `undefined` for that of the package, as at the beginning. */
export const setHelperProgram = (file: string | undefined): void => {
  given = file;
};

/** The helper of an installed shim; `undefined` elsewhere. */
export const installedHelper = (): string | undefined => given;

/** `undefined` where there is none. */
export const helperProgram = (): string | undefined => {
  if (given !== undefined) return given;
  if (found === undefined) found = places().find(isExecutable) ?? null;
  return found ?? undefined;
};

/** As seen from the file that this code is bundled into, which lies in the folder of the package or in one of its folders. */
const places = (): readonly string[] =>
  ['./shim/', '../shim/'].map((folder) =>
    fileURLToPath(new URL(`${folder}launcher-linux-${process.arch}`, import.meta.url)),
  );

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
