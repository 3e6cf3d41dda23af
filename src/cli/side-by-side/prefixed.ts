/** The output of one of several commands: each line with its name before it, whole lines only. */
import type { Writer } from '../terminal/descriptor-writer.js';

export interface PrefixedOutput {
  readonly sink: { write(chunk: Uint8Array): Promise<void> };
  /** Writes the last line, if it has no end. */
  end(): void;
}

const newline = 0x0a;
/** A line without an end, such as a progress bar, is written in pieces of this length. */
const longestLine = 64 * 1024;

export const prefixed = (prefix: string, writer: Pick<Writer, 'write' | 'failure'>): PrefixedOutput => {
  const before = Buffer.from(prefix);
  const after = Buffer.from([newline]);
  let rest: Uint8Array = new Uint8Array();
  const line = (bytes: Uint8Array): void => writer.write(Buffer.concat([before, bytes, after]));
  return {
    sink: {
      write: async (chunk) => {
        rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
        for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
          line(rest.subarray(0, end));
          rest = rest.subarray(end + 1);
        }
        if (rest.length > longestLine) {
          line(rest);
          rest = new Uint8Array();
        }
        // The command gets SIGPIPE, as it would without this program.
        const error = writer.failure();
        if (error !== undefined) throw error;
      },
    },
    end: () => {
      if (rest.length > 0) line(rest);
      rest = new Uint8Array();
    },
  };
};
