/**
 * Parses frames from a byte stream that may be split anywhere.
 *
 * It buffers at most one unfinished frame, and only what has arrived: a header with a large size costs nothing by
 * itself. After an error nothing more is read, because the next frame cannot be found.
 */
import { Observable, type OperatorFunction } from 'rxjs';
import { RxshimError } from '../../failures/errors.js';
import { type Frame, headerSize } from './frame.js';

/**
 * Returns an Observable that emits each complete frame. It completes if the source ends between two frames. It errors
 * (`RxshimError` `unavailable`) if the source ends within a frame, or if a size is less than that of a header or more
 * than `limit`. The subscriber owns the bodies.
 */
export const frames =
  (limit: number): OperatorFunction<Uint8Array, Frame> =>
  (source) =>
    new Observable((listener) => {
      let held: Uint8Array[] = [];
      let length = 0;
      let needed = headerSize;

      /** Emits complete frames. Returns whether to go on. */
      const advance = (): boolean => {
        let whole = joined(held, length);
        held = [whole];
        while (whole.length >= headerSize) {
          const size = whole.readUInt32LE(4);
          if (size < headerSize || size > limit) {
            listener.error(broken(`invalid message size ${size}`));
            return false;
          }
          if (whole.length < size) {
            needed = size;
            break;
          }
          needed = headerSize;
          const frame: Frame = {
            type: whole.readUInt32LE(0),
            id: whole.readBigUInt64LE(8),
            body: whole.subarray(headerSize, size),
          };
          whole = whole.subarray(size);
          held = [whole];
          length = whole.length;
          listener.next(frame);
          // The subscriber may have unsubscribed in response.
          if (listener.closed) return false;
        }
        return true;
      };

      return source.subscribe({
        next: (chunk) => {
          if (chunk.length === 0) return;
          held.push(chunk);
          length += chunk.length;
          // Joined only when a frame is complete: a frame of a thousand chunks is copied once.
          if (length >= needed) advance();
        },
        error: (error) => listener.error(error),
        complete: () => {
          if (length === 0) listener.complete();
          else listener.error(broken(`the connection ended within a message, after ${length} bytes of it`));
        },
      });
    });

/** The usual chunk is one frame, which is not copied. */
const joined = (chunks: readonly Uint8Array[], length: number): Buffer => {
  const [only] = chunks;
  if (only === undefined || chunks.length > 1) return Buffer.concat(chunks, length);
  return Buffer.from(only.buffer, only.byteOffset, length);
};

const broken = (message: string): RxshimError => new RxshimError('unavailable', message);
