/**
 * A failure with a code: the answer of the Host Compute Service, or of a guest.
 *
 * It is recognised by `hresult`, not by its class, so a third-party engine takes part by setting that field on its
 * errors.
 */
import { codeOf, hcsCodeName } from './codes.js';

export interface HcsStatusError extends Error {
  /** The normalised code; see `codes.ts`. */
  readonly hresult: number;
}

/**
 * An error for a code.
 *
 * @param status an HRESULT, signed or unsigned, or a plain Win32 code.
 * @param message the message of the other side; by default the name of the code.
 */
export const hcsStatusError = (
  status: number,
  message?: string,
  options?: { readonly cause?: unknown },
): HcsStatusError => {
  const hresult = codeOf(status);
  return Object.assign(new Error(message || textOf(hresult), options), { hresult });
};

/** The code of the error itself; its causes are not searched. */
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
