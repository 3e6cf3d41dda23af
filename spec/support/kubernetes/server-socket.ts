/** The server's side of a WebSocket, for the stand-in: unmasked frames out, masked ones in. */
import type { Socket } from 'node:net';
import { acceptOf } from '../../../src/hcs/kubernetes/api/web-socket.js';

export interface ServerSocket {
  readonly protocol: string;
  /** Sends a message; resolves when the client's kernel has room for more. */
  send(channel: number, payload: Uint8Array): Promise<void>;
  close(code: number): void;
  /** Cuts the connection without a close frame. */
  cut(): void;
  onMessage(called: (channel: number, payload: Buffer) => void): void;
  /** Called once, with whether the client had sent a close frame. */
  onGone(called: (inOrder: boolean) => void): void;
}

/** What a server knows, in the order in which the client offers them. */
const known = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** Undefined, and an answer of 403, where the client offers none that is known. */
export const acceptSocket = (
  socket: Socket,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  speaks: readonly string[] = known,
): ServerSocket | undefined => {
  const offered = String(headers['sec-websocket-protocol'] ?? '').split(/, */);
  const protocol = offered.find((one) => speaks.includes(one));
  if (protocol === undefined) {
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    return undefined;
  }
  socket.setNoDelay(true);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${acceptOf(String(headers['sec-websocket-key']))}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
  );
  let message = (_: number, __: Buffer): void => undefined;
  let gone = (_: boolean): void => undefined;
  let inOrder = false;
  let pending = Buffer.alloc(0);
  let early: (readonly [number, Buffer])[] | undefined = [];

  const take = (): void => {
    for (;;) {
      const frame = parse(pending);
      if (frame === undefined) return;
      pending = pending.subarray(frame.length);
      if (frame.opcode === 8) {
        inOrder = true;
        if (!socket.destroyed) socket.end(frameBytes(8, frame.payload.subarray(0, 2)));
      }
      if (frame.opcode === 9 && !socket.destroyed) socket.write(frameBytes(10, frame.payload));
      if (frame.opcode > 2) continue;
      const channel = frame.payload[0] ?? 0;
      if (early !== undefined) early.push([channel, frame.payload.subarray(1)]);
      else message(channel, frame.payload.subarray(1));
    }
  };
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    take();
  });
  socket.on('error', () => undefined);
  socket.once('close', () => gone(inOrder));

  return {
    protocol,
    send: (channel, payload) =>
      new Promise((resolve) => {
        if (socket.destroyed || socket.writableEnded) return resolve();
        const frame = frameBytes(2, Buffer.concat([Uint8Array.of(channel), payload]));
        if (socket.write(frame)) resolve();
        else {
          const settle = (): void => {
            socket.off('drain', settle).off('close', settle);
            resolve();
          };
          socket.once('drain', settle).once('close', settle);
        }
      }),
    close: (code) => {
      const payload = Buffer.alloc(2);
      payload.writeUInt16BE(code);
      if (!socket.destroyed) socket.end(frameBytes(8, payload));
    },
    cut: () => socket.destroy(),
    onMessage: (called) => {
      message = called;
      const waiting = early ?? [];
      early = undefined;
      for (const [channel, payload] of waiting) called(channel, payload);
    },
    onGone: (called) => {
      gone = called;
    },
  };
};

export const frameBytes = (opcode: number, payload: Uint8Array): Buffer => {
  const { length } = payload;
  const head = length < 126 ? Buffer.alloc(2) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
};

const parse = (bytes: Buffer) => {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] as number) & 0x7f;
  const sizeLength = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 6 + sizeLength) return undefined;
  const size =
    sizeLength === 0 ? short : sizeLength === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const start = 6 + sizeLength;
  if (bytes.length < start + size) return undefined;
  const mask = bytes.subarray(start - 4, start);
  const payload = Buffer.from(bytes.subarray(start, start + size));
  for (let at = 0; at < size; at += 1) payload[at] = (payload[at] as number) ^ (mask[at & 3] as number);
  return { opcode: (bytes[0] as number) & 0x0f, payload, length: start + size };
};
