/**
 * The HRESULTs that Linux guests return, as unsigned 32-bit numbers.
 */
export const hresults = {
  notImplemented: 0x80004001,
  fail: 0x80004005,
  /** The executable was not found. Only rxshim's own agent returns it. */
  fileNotFound: 0x80070002,
  /** The executable may not be executed. Only rxshim's own agent returns it. */
  accessDenied: 0x80070005,
  invalidArgument: 0x80070057,
  /** There is no such process, or it has exited. */
  notFound: 0x80070490,
  invalidState: 0x80370105,
  timeout: 0xc0370109,
  unsupportedVersion: 0xc037010c,
  invalidJson: 0xc037010d,
  systemNotFound: 0xc037010e,
  systemAlreadyExists: 0xc037010f,
  systemAlreadyStopped: 0xc0370110,
} as const;
