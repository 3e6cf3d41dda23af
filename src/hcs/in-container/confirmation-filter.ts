/**
 * Takes the messages of the confirming script out of an output.
 *
 * The invariant: wherever the pieces are split, what goes out is what the command wrote, in order. Only bytes that may be
 * the beginning of a message are held back, until the next piece or `flush`.
 */
import { type Confirmation, parseConfirmation } from './confirming-script.js';

export interface ConfirmationFilter {
  /** The output in a piece, without messages. */
  take(piece: Buffer): readonly Buffer[];
  /** The stream has ended: returns the held bytes, which are no message. */
  flush(): readonly Buffer[];
}

/** @param nonce 16 characters that no output has. */
export const confirmationFilter = (
  nonce: string,
  confirmed: (confirmation: Confirmation) => void,
): ConfirmationFilter => {
  const prefix = Buffer.from(`\0RXSHIM ${nonce} `);
  let held: Buffer = Buffer.alloc(0);

  const take = (piece: Buffer): readonly Buffer[] => {
    let rest = held.length === 0 ? piece : Buffer.concat([held, piece]);
    held = Buffer.alloc(0);
    const out: Buffer[] = [];
    for (;;) {
      const at = beginning(rest, prefix);
      if (at > 0) out.push(rest.subarray(0, at));
      rest = rest.subarray(at);
      if (rest.length === 0) return out;
      const end = rest.length < prefix.length ? -1 : rest.indexOf(0, prefix.length);
      if (end < 0 && rest.length < prefix.length + maxMessage) {
        held = Buffer.from(rest);
        return out;
      }
      if (end < 0) return [...out, rest];
      const confirmation = parseConfirmation(rest.toString('utf8', prefix.length, end));
      if (confirmation !== undefined) confirmed(confirmation);
      rest = rest.subarray(end + 1);
    }
  };

  return {
    take,
    flush: () => {
      const rest = held;
      held = Buffer.alloc(0);
      return rest.length === 0 ? [] : [rest];
    },
  };
};

const maxMessage = 8_192;

/** Where a message begins, or may begin at the end of the bytes; their length if there is none. */
const beginning = (bytes: Buffer, prefix: Buffer): number => {
  const whole = bytes.indexOf(prefix);
  if (whole >= 0) return whole;
  for (let at = Math.max(0, bytes.length - prefix.length + 1); at < bytes.length; at += 1)
    if (bytes.compare(prefix, 0, bytes.length - at, at) === 0) return at;
  return bytes.length;
};
