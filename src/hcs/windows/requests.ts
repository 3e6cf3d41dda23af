/**
 * The documents that modify a running process, in schema 2. A field that is zero is left out.
 */
import type { ConsoleSize } from '../contract/compute-process.js';

export const closeInput = JSON.stringify({ Operation: 'CloseHandle', CloseHandle: { Handle: 'StdIn' } });

export const consoleSize = ({ width, height }: ConsoleSize): string =>
  JSON.stringify({
    Operation: 'ConsoleSize',
    ConsoleSize: { ...(height && { Height: height }), ...(width && { Width: width }) },
  });

/** Queries properties of a system by their types. */
export const propertyQuery = (...types: readonly string[]): string =>
  JSON.stringify({ PropertyTypes: types });
