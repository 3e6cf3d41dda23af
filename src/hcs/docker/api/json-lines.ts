/** An answer that is a stream of JSON objects, one a line. */
import type { IncomingMessage } from 'node:http';
import { Observable } from 'rxjs';
import { RxshimError } from '../../failures/errors.js';

/** Longer than any line of a daemon that is in order. */
const maxLine = 1_000_000;

/**
 * Emits each object, and completes with the answer. Unsubscribing closes the connection.
 *
 * Errors with `unavailable` where the answer is cut off, and with `unknown` for a line that is no JSON.
 */
export const jsonLines = <T>(response: IncomingMessage, what: string): Observable<T> =>
  new Observable((listener) => {
    const read = async (): Promise<void> => {
      let rest = '';
      for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > maxLine) throw new RxshimError('unknown', `${what}: a line is too long`);
        for (const line of lines) if (line.trim() !== '') listener.next(parsed<T>(line, what));
      }
      if (rest.trim() !== '') listener.next(parsed<T>(rest, what));
      if (!response.complete) throw new RxshimError('unavailable', `${what}: the connection was cut off`);
      listener.complete();
    };
    read().catch((error) => {
      listener.error(
        error instanceof RxshimError
          ? error
          : new RxshimError('unavailable', `${what}: the connection was cut off`, { cause: error }),
      );
    });
    return () => void response.destroy();
  });

const parsed = <T>(line: string, what: string): T => {
  try {
    return JSON.parse(line) as T;
  } catch (cause) {
    throw new RxshimError('unknown', `${what}: a line is no JSON`, { cause });
  }
};
