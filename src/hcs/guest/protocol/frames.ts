/**
 * Frames out of bytes that may be cut anywhere.
 *
 * It holds no more than one unfinished frame, and of that only what has arrived: a header that promises much costs
 * nothing by itself. After an error nothing more is read: where one frame is broken, the next cannot be found.
 */
import { Observable, type OperatorFunction } from 'rxjs';
import { RxshimError } from '../../failures/errors.js';
import { type Frame, headerSize } from './frame.js';

/**
 * Returns an Observable that emits each frame when its last byte has come. It completes when the source ends between
 * two frames, and errors (`RxshimError` `unavailable`) when it ends within one, or when a size is less than that of a
 * header or more than `limit`. Bodies are the listener's to keep.
 */
export const frames =
  (limit: number): OperatorFunction<Uint8Array, Frame> =>
  (source) =>
    new Observable((listener) => {
      let held: Uint8Array[] = [];
      let length = 0;
      let needed = headerSize;

      /** Emits what is whole; whether to go on. */
      const advance = (): boolean => {
        let whole = Buffer.concat(held, length);
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
          // Whoever heard of it may have had enough.
          if (listener.closed) return false;
        }
        return true;
      };

      return source.subscribe({
        next: (chunk) => {
          if (chunk.length === 0) return;
          held.push(chunk);
          length += chunk.length;
          // Joined only when there is something to gain: a frame of a thousand chunks is copied once.
          if (length >= needed) advance();
        },
        error: (error) => listener.error(error),
        complete: () => {
          if (length === 0) listener.complete();
          else listener.error(broken(`the connection ended within a message, after ${length} bytes of it`));
        },
      });
    });

const broken = (message: string): RxshimError => new RxshimError('unavailable', message);
