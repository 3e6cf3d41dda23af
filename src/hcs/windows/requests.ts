/** The documents that change a running process, in the names of schema 2; a field that is zero is absent. */
import type { ConsoleSize } from '../contract/compute-process.js';

export const closeInput = JSON.stringify({ Operation: 'CloseHandle', CloseHandle: { Handle: 'StdIn' } });

export const consoleSize = ({ width, height }: ConsoleSize): string =>
  JSON.stringify({
    Operation: 'ConsoleSize',
    ConsoleSize: { ...(height && { Height: height }), ...(width && { Width: width }) },
  });

/** Asks a system for some of its properties. */
export const propertyQuery = (...types: readonly string[]): string =>
  JSON.stringify({ PropertyTypes: types });
