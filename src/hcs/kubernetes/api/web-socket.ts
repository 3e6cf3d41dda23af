/**
 * The client's side of a WebSocket (RFC 6455), with what a remote command needs: binary messages, backpressure by not
 * reading, and how the connection ended.
 *
 * The invariant: a connection that ends without a close frame is 1006, never a normal close.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { RxshimError } from '../../failures/errors.js';
import { refused, unreachable } from './api-error.js';
import type { Cluster } from './cluster.js';
import { type ApiRequest, send, streamAgent, textOf } from './request.js';

export interface WebSocketHandlers {
  /** A message; the bytes are the receiver's until it returns. */
  message(bytes: Buffer): void;
  /** Nothing is read while this is true; call `resume` when it is not any more. */
  isFull(): boolean;
  /** Called once. */
  closed(code: number): void;
}

export interface WebSocketClient {
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  /** Sends a binary message made of two parts; resolves when the kernel has it. */
  send(first: Uint8Array, rest?: Uint8Array): Promise<void>;
  /** Begins to call the handlers. */
  read(handlers: WebSocketHandlers): void;
  resume(): void;
  /** Asks for the end of the connection. */
  close(): void;
  /** Cuts the connection. */
  destroy(): void;
}

/** @throws RxshimError where the server refuses the request, or chooses no subprotocol. */
export const openWebSocket = async (
  cluster: Cluster,
  request: ApiRequest,
  protocols: readonly string[],
): Promise<WebSocketClient> => {
  const access = await cluster.access();
  const key = randomBytes(16).toString('base64');
  return new Promise((resolve, reject) => {
    const sent = send(access, request, {
      agent: streamAgent(access),
      headers: {
        // A kubelet answers 406 to a client that takes JSON alone: its routes for streams name no type.
        Accept: '*/*',
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Key': key,
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Protocol': protocols.join(', '),
      },
    });
    sent.once('upgrade', ({ headers }, socket, head) => {
      socket.on('error', () => undefined);
      const protocol = headers['sec-websocket-protocol'] ?? '';
      if (headers['sec-websocket-accept'] === acceptOf(key) && protocols.includes(protocol))
        return resolve(clientOf(socket, head, protocol));
      socket.destroy();
      reject(
        new RxshimError(
          'notImplemented',
          `${request.what}: the server speaks none of ${protocols.join(', ')}`,
        ),
      );
    });
    sent.once('response', (response) => {
      const status = response.statusCode ?? 0;
      if (status === 401) cluster.forget();
      const fail = (cause: unknown): void => reject(unreachable(request.what, access.server, cause));
      textOf(response).then((body) => reject(refused(request.what, status, body, request.needs)), fail);
    });
    sent.on('error', (cause) => reject(unreachable(request.what, access.server, cause)));
    sent.end();
  });
};

export const acceptOf = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

const clientOf = (socket: Duplex, head: Buffer, protocol: string): WebSocketClient => {
  let handlers: WebSocketHandlers | undefined;
  let isOver = false;
  let code = abnormal;
  let pumping = false;

  const end = (): void => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
    handlers?.closed(code);
  };
  const frames = frameReader({
    message: (bytes) => handlers?.message(bytes),
    ping: (payload) => void socket.write(frameOf(opcodes.pong, payload)),
    close: (payload) => {
      code = payload.length >= 2 ? payload.readUInt16BE(0) : noStatus;
      if (!socket.destroyed) socket.end(frameOf(opcodes.close, payload.subarray(0, 2)));
      end();
    },
  });
  const pump = (): void => {
    if (pumping || isOver || handlers === undefined) return;
    pumping = true;
    try {
      while (!isOver && !handlers.isFull()) {
        if (frames.next()) continue;
        const chunk = socket.read() as Buffer | null;
        if (chunk === null) break;
        frames.push(chunk);
      }
    } catch {
      // Bytes that are no WebSocket frame count as a lost connection.
      end();
    }
    pumping = false;
    if (!isOver && socket.readableEnded && frames.isEmpty) end();
  };
  frames.push(head);

  return {
    protocol,
    send: (first, rest) =>
      new Promise((resolve, reject) => {
        if (isOver || socket.destroyed || socket.writableEnded)
          throw new RxshimError('failedPrecondition', 'the connection to the process has ended');
        socket.write(frameOf(opcodes.binary, first, rest), (error) => (error ? reject(error) : resolve()));
      }),
    read: (given) => {
      handlers = given;
      socket.on('readable', pump);
      socket.once('end', pump);
      // Messages that arrived before are read first; `pump` then ends the connection.
      socket.once('close', () => {
        if (!handlers?.isFull()) {
          pump();
          end();
        }
      });
      pump();
    },
    resume: () => {
      pump();
      if (socket.destroyed && !isOver && !handlers?.isFull()) end();
    },
    close: () => {
      if (!isOver && !socket.destroyed) socket.write(frameOf(opcodes.close, Buffer.from([0x03, 0xe8])));
    },
    destroy: () => {
      socket.destroy();
      end();
    },
  };
};

/** Close codes that stand for a missing frame and for a frame without a code. */
const abnormal = 1006;
const noStatus = 1005;

export const opcodes = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame with a mask, as clients must send it. */
export const frameOf = (opcode: number, first: Uint8Array, rest: Uint8Array = nothing): Buffer => {
  const length = first.length + rest.length;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const start = 2 + extended + 4;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(length, 2);
  if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  const mask = randomBytes(4);
  mask.copy(frame, start - 4);
  frame.set(first, start);
  frame.set(rest, start + first.length);
  for (let at = 0; at < length; at += 1)
    frame[start + at] = (frame[start + at] as number) ^ (mask[at & 3] as number);
  return frame;
};

const nothing = new Uint8Array(0);

/** More than any message of an API server, whose frames have at most 32 KiB. */
const maxMessage = 64 * 1024 * 1024;

/** Splits what arrives into messages, one at each call of `next`. What is not whole yet is joined once. */
const frameReader = (handlers: {
  message(bytes: Buffer): void;
  ping(payload: Buffer): void;
  close(payload: Buffer): void;
}) => {
  let chunks: Buffer[] = [];
  let total = 0;
  /** How much the next frame takes, as far as that is known. */
  let needed = 2;
  const parts: Buffer[] = [];
  return {
    get isEmpty() {
      return total < needed;
    },
    push: (chunk: Buffer): void => {
      chunks.push(chunk);
      total += chunk.length;
    },
    /** Whether there was a whole frame. */
    next: (): boolean => {
      if (total < needed) return false;
      const pending = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      chunks = [pending];
      const frame = parseFrame(pending);
      if (typeof frame === 'number') {
        needed = frame;
        return false;
      }
      needed = 2;
      chunks = [pending.subarray(frame.length)];
      total -= frame.length;
      const { opcode, isLast, payload } = frame;
      if (opcode === opcodes.ping) handlers.ping(payload);
      else if (opcode === opcodes.close) handlers.close(payload);
      else if (opcode !== opcodes.pong) {
        if (isLast && parts.length === 0) handlers.message(payload);
        else {
          parts.push(payload);
          if (isLast) handlers.message(Buffer.concat(parts.splice(0)));
        }
      }
      return true;
    },
  };
};

/** The frame at the beginning, or how many bytes are needed to go on. */
const parseFrame = (bytes: Buffer) => {
  if (bytes.length < 2) return 2;
  const short = (bytes[1] as number) & 0x7f;
  const isMasked = ((bytes[1] as number) & 0x80) !== 0;
  let at = 2;
  let size = short;
  if (short === 126) {
    if (bytes.length < 4) return 4;
    size = bytes.readUInt16BE(2);
    at = 4;
  } else if (short === 127) {
    if (bytes.length < 10) return 10;
    size = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  if (size > maxMessage || isMasked) throw new RxshimError('unknown', 'the server sent a malformed frame');
  if (bytes.length < at + size) return at + size;
  const first = bytes[0] as number;
  return {
    opcode: first & 0x0f,
    isLast: (first & 0x80) !== 0,
    payload: bytes.subarray(at, at + size),
    length: at + size,
  };
};
