/**
 * The numbers by which the Host Compute Service says what went wrong, and the one form in which they are compared.
 *
 * The invariant: a code in rxshim is an unsigned number of 32 bits, either a plain Win32 code (as 0x490) or, where
 * there is none, a whole HRESULT (as 0xc037010e). What a code means to a caller is for the classifiers to say.
 */
import { invalid } from './errors.js';

/** Codes with a name of their own. */
export const hcsCodes = {
  operationAccessIsDenied: 0x5,
  invalidHandle: 0x6,
  invalidData: 0xd,
  notSupported: 0x32,
  procNotFound: 0x7f,
  /** Said of processes and of systems, gone or never there: it reads as both. */
  elementNotFound: 0x490,
  /** What `vmcompute` and its successor each call a wrong state. */
  operationInvalidState: 0xc0370105,
  invalidState: 0x80370105,
  operationPending: 0xc0370103,
  unexpectedExit: 0xc0370106,
  unknownMessage: 0xc037010b,
  invalidJson: 0xc037010d,
  computeSystemDoesNotExist: 0xc037010e,
  /** The same answer with and without the bit that marks it as a kernel's. */
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
 * The code that an HRESULT stands for: of one that wraps a Win32 code that code, otherwise the HRESULT itself.
 *
 * @param hresult 32 bits, signed or unsigned.
 * @returns `undefined` for success, which is every HRESULT whose top bit is clear. Not zero: a failure may wrap zero.
 * @throws RxshimError `invalidArgument` for what is no number of 32 bits, lest it pass for success.
 * @example normaliseHresult(-2147024891) // 5, from 0x80070005
 */
export const normaliseHresult = (hresult: number): number | undefined => {
  if (!isWord(hresult)) throw invalid('hresult', hresult, 'a number of 32 bits');
  if ((hresult | 0) >= 0) return undefined;
  return codeOf(hresult);
};

/** The code that a number stands for when it is already known to be a failure: an HRESULT, or a plain Win32 code. */
export const codeOf = (status: number): number => {
  const word = status >>> 0;
  return (word | 0) < 0 && (word & facilityMask) === win32Facility ? word & 0xffff : word;
};

// The facility of an HRESULT (what kind of code it wraps), and the one that stands for Win32.
const facilityMask = 0x1fff0000;
const win32Facility = 0x00070000;

const isWord = (value: number): boolean =>
  Number.isInteger(value) && value >= -0x80000000 && value <= 0xffffffff;
