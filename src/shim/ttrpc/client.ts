/**
 * The client of ttrpc: any number of calls at a time on one connection.
 *
 * Every call ends, with its answer or with a TtrpcError. When the connection drops, all pending and later calls fail as
 * `closed`. The caller has to reconnect: only it knows which calls may be made twice. ttrpc has no cancellation, so a
 * cancelled call continues at the server, and its answer is ignored.
 */
import type { Socket } from 'node:net';
import { type Clock, systemClock } from './clock.js';
import { readResponse, requestHead } from './frames/envelope.js';
import { type Frame, frameType, maxPayload, maxStream } from './frames/frame.js';
import { type Metadata, metadataOf } from './frames/metadata.js';
import { frameReader } from './frames/reader.js';
import { frameWriter } from './frames/writer.js';
import { statusCode } from './status-code.js';
import { failureOf, TtrpcError, textOf } from './ttrpc-error.js';

export interface CallOptions {
  /** The timeout in milliseconds. It is sent to the server; after it the call fails as `deadlineExceeded`. */
  readonly timeout?: number;
  readonly metadata?: Metadata;
  /** Gives the call up: it fails as `canceled`. */
  readonly signal?: AbortSignal;
}

export interface TtrpcClient {
  /** Calls a method with an encoded request; answers the encoded response. */
  call(service: string, method: string, payload: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** Closes the connection. Calls that wait fail as `closed`. */
  close(): void;
  /** Resolves when the connection is gone, with why. */
  readonly closed: Promise<TtrpcError>;
}

interface Pending {
  answered(payload: Uint8Array): void;
  failed(error: TtrpcError): void;
}

const noMetadata = metadataOf({});

/**
 * @param connect opens the connection; what is called before it is open waits for it.
 * @param clock for the timeouts of calls.
 * @example ttrpcClient(() => net.connect('/run/containerd/containerd.sock.ttrpc'))
 */
export const ttrpcClient = (connect: () => Socket, clock: Clock = systemClock): TtrpcClient => {
  const socket = connect();
  const pending = new Map<number, Pending>();
  const writer = frameWriter(socket);
  let next = 1;
  let gone: TtrpcError | undefined;
  let cause: unknown;
  let fail: (why: TtrpcError) => void = () => {};
  const closed = new Promise<TtrpcError>((resolve) => {
    fail = resolve;
  });

  const lose = (): void => {
    if (gone !== undefined) return;
    const why = cause === undefined ? 'the connection was closed' : `the connection failed: ${textOf(cause)}`;
    gone = new TtrpcError('closed', `${why}: closed`, cause === undefined ? {} : { cause });
    for (const call of pending.values()) call.failed(gone);
    fail(gone);
  };

  const receive = ({ stream, type, payload }: Frame): void => {
    const call = type === frameType.response ? pending.get(stream) : undefined;
    // An answer without a pending call: it was cancelled, or never made.
    if (call === undefined) return;
    try {
      const response = readResponse(payload);
      if (response.code === statusCode.ok) call.answered(response.payload);
      else call.failed(failureOf(response.code, response.message));
    } catch (error) {
      call.failed(new TtrpcError('internal', `not a response: ${textOf(error)}`, { cause: error }));
    }
  };

  const reader = frameReader({
    frame: receive,
    oversize: ({ stream }, length) => pending.get(stream)?.failed(tooLong('answer', length)),
  });

  socket.on('data', (chunk: Buffer) => reader.push(chunk));
  socket.on('error', (error) => {
    cause = error;
  });
  socket.on('end', () => socket.destroy());
  socket.on('close', lose);

  const call: TtrpcClient['call'] = (service, method, payload, options = {}) =>
    new Promise((resolve, reject) => {
      const { timeout, metadata = noMetadata, signal } = options;
      const timeoutNano = timeout === undefined ? 0n : BigInt(Math.max(1, Math.round(timeout * 1e6)));
      const head = requestHead({ service, method, timeoutNano, metadata }, payload);
      const name = `${service}/${method}`;
      const canceled = (): TtrpcError =>
        new TtrpcError('canceled', `${name}: given up: canceled`, { cause: signal?.reason });
      if (gone !== undefined) return reject(gone);
      if (signal?.aborted) return reject(canceled());
      if (head.length + payload.length > maxPayload) {
        return reject(tooLong('request', head.length + payload.length));
      }
      if (next > maxStream)
        return reject(new TtrpcError('closed', 'the connection has no more streams: closed'));

      const stream = next;
      next += 2;
      const end = (): void => {
        pending.delete(stream);
        stopTimer?.();
        signal?.removeEventListener('abort', cancel);
      };
      const failed = (error: TtrpcError): void => {
        end();
        reject(error);
      };
      const cancel = (): void => failed(canceled());
      const late = (): void =>
        failed(
          new TtrpcError('deadlineExceeded', `${name}: no answer within ${timeout} ms: deadline exceeded`),
        );
      const stopTimer = timeout === undefined ? undefined : clock.after(timeout, late);
      signal?.addEventListener('abort', cancel, { once: true });
      pending.set(stream, {
        answered: (bytes) => {
          end();
          resolve(bytes);
        },
        failed,
      });
      writer.send(stream, frameType.request, head, payload);
    });

  return {
    call,
    close: () => {
      socket.destroy();
      lose();
    },
    closed,
  };
};

const tooLong = (what: string, length: number): TtrpcError =>
  new TtrpcError(
    'resourceExhausted',
    `the ${what} is too long: ${length} of at most ${maxPayload} bytes: resource exhausted`,
  );
