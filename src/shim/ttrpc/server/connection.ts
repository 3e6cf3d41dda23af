/**
 * One client of a server: its requests in, the answers out, in whatever order they come.
 *
 * A client's mistake costs one call or, if its bytes cannot be parsed as frames, its own connection, never another client's.
 * While a client does not read its answers, its requests are not read either, so that its buffer is bounded.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../clock.js';
import { noBytes } from '../frames/codec.js';
import { failureHead, type ReceivedRequest, readRequest, responseHead } from '../frames/envelope.js';
import { type Frame, type FrameHeader, frameType, maxPayload } from '../frames/frame.js';
import { frameReader } from '../frames/reader.js';
import { frameWriter } from '../frames/writer.js';
import { statusOfError, TtrpcError, textOf } from '../ttrpc-error.js';
import { type Call, type CallScope, type Outcome, prepareCall } from './call.js';
import type { ServedMethod } from './service.js';

export interface ConnectionOptions {
  /** @throws a TtrpcError for what is not served. */
  find(service: string, method: string): ServedMethod;
  /** How many calls may be in flight; further ones are refused. */
  readonly maxCalls: number;
  readonly clock: Clock;
  readonly scope: CallScope | undefined;
  readonly log: (message: string, error?: unknown) => void;
}

export interface ServerConnection {
  /** Refuses further requests, and closes once the calls in flight have been answered. */
  drain(): void;
  /** Closes now. Calls in flight are aborted. */
  cut(): void;
}

export const serveConnection = (
  socket: Socket,
  { find, maxCalls, clock, scope, log }: ConnectionOptions,
): ServerConnection => {
  const calls = new Map<number, Call>();
  const writer = frameWriter(socket);
  let last = 0;
  let draining = false;
  let gone = false;

  const closeIfDone = (): void => {
    // In a later tick, when the answer that ended the last call has left.
    if (draining && calls.size === 0) process.nextTick(() => socket.destroySoon());
  };

  const send = (stream: number, head: Uint8Array, payload: Uint8Array): void => {
    writer.send(stream, frameType.response, head, payload);
    if (writer.full) socket.pause();
  };
  const fail = (stream: number, error: unknown): void => {
    const { code, message } = statusOfError(error);
    // An error's text must not be what makes the answer too long.
    const text = message.length > 65_536 ? `${message.slice(0, 65_536)}…` : message;
    send(stream, failureHead(code, text), noBytes);
  };
  const answer = (stream: number, payload: Uint8Array): void => {
    const head = responseHead(payload);
    if (head.length + payload.length <= maxPayload) return send(stream, head, payload);
    const size = `${payload.length} of at most ${maxPayload} bytes`;
    fail(stream, new TtrpcError('resourceExhausted', `the answer is too long: ${size}: resource exhausted`));
  };

  /** The form that a request must have before its method is looked up. */
  const check = (stream: number): void => {
    if (stream % 2 === 0)
      throw new TtrpcError('invalidArgument', `stream ${stream} is not odd: invalid argument`);
    if (stream <= last) {
      throw new TtrpcError('invalidArgument', `stream ${stream} is not above ${last}: invalid argument`);
    }
    last = stream;
    if (draining) throw new TtrpcError('unavailable', 'the server is stopping: unavailable');
    if (calls.size >= maxCalls) {
      throw new TtrpcError('resourceExhausted', `${maxCalls} calls are under way: resource exhausted`);
    }
  };

  const parse = (payload: Buffer): ReceivedRequest => {
    try {
      return readRequest(payload);
    } catch (cause) {
      throw new TtrpcError('invalidArgument', `not a request: ${textOf(cause)}: invalid argument`, { cause });
    }
  };

  const begin = ({ stream, payload }: Frame): void => {
    check(stream);
    const request = parse(payload);
    const ended = (): void => {
      calls.delete(stream);
      closeIfDone();
    };
    const outcome: Outcome = {
      answered: (bytes) => {
        answer(stream, bytes);
        ended();
      },
      failed: (error) => {
        fail(stream, error);
        ended();
      },
      stray: (error) => log(`${request.method} failed as it was stopped`, error),
    };
    const call = prepareCall(find(request.service, request.method), request, outcome, clock, scope);
    // Counted before it runs: its handler may stop the server.
    calls.set(stream, call);
    call.run();
  };

  const reader = frameReader({
    frame: (frame) => {
      if (gone || frame.type !== frameType.request) return;
      try {
        begin(frame);
      } catch (error) {
        fail(frame.stream, error);
      }
    },
    oversize: ({ stream, type }: FrameHeader, length) => {
      log(`skipped a message of ${length} bytes on stream ${stream}`);
      if (gone || type !== frameType.request) return;
      if (stream % 2 === 1 && stream > last) last = stream;
      const size = `${length} of at most ${maxPayload} bytes`;
      fail(
        stream,
        new TtrpcError('resourceExhausted', `the message is too long: ${size}: resource exhausted`),
      );
    },
  });

  const lose = (): void => {
    if (gone) return;
    gone = true;
    if (reader.unfinished) log('the connection ended within a message');
    for (const call of calls.values())
      call.abort(new TtrpcError('canceled', 'the connection was closed: canceled'));
    calls.clear();
  };

  socket.on('data', (chunk: Buffer) => reader.push(chunk));
  socket.on('drain', () => socket.resume());
  socket.on('error', (error) => log('the connection failed', error));
  // A client that has said all it will say does not wait for answers either: there is no half of a ttrpc connection.
  socket.on('end', () => {
    lose();
    socket.destroy();
  });
  socket.on('close', lose);

  return {
    drain: () => {
      draining = true;
      closeIfDone();
    },
    cut: () => {
      lose();
      socket.destroy();
    },
  };
};
