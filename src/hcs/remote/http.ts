/** HTTP helpers of all remote engines: the text of a query, and a body that is read whole. */
import type { IncomingMessage } from 'node:http';
import { RxshimError } from '../failures/errors.js';

export type QueryValue = string | number | boolean | undefined;

/** With its `?`; empty where no value is defined. A name may occur several times. */
export const queryText = (query: Iterable<readonly [name: string, value: QueryValue]>): string => {
  const parts = [...query].flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`],
  );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
};

/** In bytes: longer than any valid answer that is read whole. */
const maxBody = 64 * 1024 * 1024;

/**
 * The whole body.
 *
 * @param server what errors call it, such as `the daemon`.
 * @throws RxshimError `unavailable` for a body that is cut off, `unknown` for one that is too long.
 */
export const bodyOf = async (response: IncomingMessage, server: string): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBody)
      throw new RxshimError('unknown', `${server} answered with more than ${maxBody} bytes`);
    chunks.push(chunk);
  }
  // Node ends the stream of a body that was cut off without an error where its length was not announced.
  if (!response.complete) throw new RxshimError('unavailable', `the answer of ${server} was cut off`);
  return Buffer.concat(chunks).toString('utf8');
};
