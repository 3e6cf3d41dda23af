/** The HRESULTs by which a Linux guest says what went wrong, as unsigned numbers of 32 bits. */
export const hresults = {
  notImplemented: 0x80004001,
  fail: 0x80004005,
  /** Of a file that is to be executed; said by rxshim's own guest alone. */
  fileNotFound: 0x80070002,
  /** Of a file that may not be executed; said by rxshim's own guest alone. */
  accessDenied: 0x80070005,
  invalidArgument: 0x80070057,
  /** There is no such process, or no longer. */
  notFound: 0x80070490,
  invalidState: 0x80370105,
  timeout: 0xc0370109,
  unsupportedVersion: 0xc037010c,
  invalidJson: 0xc037010d,
  systemNotFound: 0xc037010e,
  systemAlreadyExists: 0xc037010f,
  systemAlreadyStopped: 0xc0370110,
} as const;
