/**
 * The error codes of the Host Compute Service, and the one form in which they are compared.
 *
 * The invariant: a code in rxshim is an unsigned 32-bit number, either a plain Win32 code (such as 0x490) or, if there
 * is none, a whole HRESULT (such as 0xc037010e). The classifiers define what a code means to a caller.
 */
import { invalid } from './errors.js';

/** The named codes. */
export const hcsCodes = {
  operationAccessIsDenied: 0x5,
  invalidHandle: 0x6,
  invalidData: 0xd,
  notSupported: 0x32,
  procNotFound: 0x7f,
  /** For a process or system that has ended or never existed: it counts as both. */
  elementNotFound: 0x490,
  /** The wrong state, in `vmcompute` and in its successor. */
  operationInvalidState: 0xc0370105,
  invalidState: 0x80370105,
  operationPending: 0xc0370103,
  unexpectedExit: 0xc0370106,
  unknownMessage: 0xc037010b,
  invalidJson: 0xc037010d,
  computeSystemDoesNotExist: 0xc037010e,
  /** The same code with and without the bit of an NTSTATUS. */
  alreadyStopped: 0xc0370110,
  systemAlreadyStopped: 0x80370110,
  operationTimeout: 0x80370118,
  processAlreadyStopped: 0x8037011f,
} as const;

/** The name of a code in `hcsCodes`. */
export type HcsCodeName = keyof typeof hcsCodes;

const codeNames = new Map(
  Object.entries(hcsCodes).map(([name, code]) => [code as number, name as HcsCodeName]),
);

/** The name of a code, if it has one. */
export const hcsCodeName = (code: number): HcsCodeName | undefined => codeNames.get(code);

/**
 * The code of an HRESULT: the wrapped Win32 code if there is one, otherwise the HRESULT itself.
 *
 * @param hresult 32 bits, signed or unsigned.
 * @returns `undefined` for success, which is any HRESULT with a clear top bit. Zero can be a failure: an HRESULT may
 * wrap zero.
 * @throws RxshimError `invalidArgument` if it is no 32-bit number, lest it pass for success.
 * @example normaliseHresult(-2147024891) // 5, from 0x80070005
 */
export const normaliseHresult = (hresult: number): number | undefined => {
  if (!isWord(hresult)) throw invalid('hresult', hresult, 'a number of 32 bits');
  if ((hresult | 0) >= 0) return undefined;
  return codeOf(hresult);
};

/** The code of a number that is known to be a failure: an HRESULT or a plain Win32 code. */
export const codeOf = (status: number): number => {
  const word = status >>> 0;
  return (word | 0) < 0 && (word & facilityMask) === win32Facility ? word & 0xffff : word;
};

// The facility of an HRESULT (which kind of code it wraps), and the facility of Win32.
const facilityMask = 0x1fff0000;
const win32Facility = 0x00070000;

const isWord = (value: number): boolean =>
  Number.isInteger(value) && value >= -0x80000000 && value <= 0xffffffff;
