/** Output of an adopted process that is missing, as an explicit value. */

/** Output that was written and cannot be read. */
export interface OutputGap {
  readonly stream: 'stdout' | 'stderr';
  readonly reason: string;
  /** How many bytes are missing, if that is known. */
  readonly bytes?: number;
}
