/**
 * A failure that is a number: what the Host Compute Service, or a guest in its stead, answered.
 *
 * Told by its `hresult`, not by its class: an engine of someone else's takes part by giving its errors that field.
 */
import { codeOf, hcsCodeName } from './codes.js';

export interface HcsStatusError extends Error {
  /** The code as rxshim compares codes; see `hcs-codes.ts`. */
  readonly hresult: number;
}

/**
 * An error for a code.
 *
 * @param status an HRESULT, signed or unsigned, or a plain Win32 code.
 * @param message what the other side said; otherwise the code's own name.
 */
export const hcsStatusError = (
  status: number,
  message?: string,
  options?: { readonly cause?: unknown },
): HcsStatusError => {
  const hresult = codeOf(status);
  return Object.assign(new Error(message || textOf(hresult), options), { hresult });
};

/** The code of an error that carries one itself; not looked for among its causes. */
export const statusCodeOf = (error: unknown): number | undefined => {
  if (typeof error !== 'object' || error === null) return undefined;
  const { hresult } = error as { readonly hresult?: unknown };
  return typeof hresult === 'number' ? codeOf(hresult) : undefined;
};

// `computeSystemDoesNotExist` reads as `compute system does not exist (0xc037010e)`.
const textOf = (code: number): string => {
  const words = hcsCodeName(code)?.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words ?? 'host compute service failure'} (0x${code.toString(16)})`;
};
