/**
 * Stands before containerd's event socket: shims connect here, and their bytes are passed on unchanged.
 *
 * It does two things. While containerd is being restarted it takes no connections until someone listens to containerd's
 * event stream again, so that no event goes out unheard between the two. And it records each event that a shim hands
 * over, and whether containerd took it: an event that containerd took and never published was not lost by the shim.
 */
import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Envelope, ForwardRequest } from '../../src/shim/messages/index.js';
import { readRequest, readResponse } from '../../src/shim/ttrpc/frames/envelope.js';
import { type Frame, frameReader, frameType } from '../../src/shim/ttrpc/index.js';

/** `cut`: the connection was lost before the answer, so the shim cannot know whether it was taken. */
export type Answer = 'taken' | 'refused' | 'cut';

export interface Gate {
  /** What shims are to connect to. */
  readonly path: string;
  open(): Promise<void>;
  /** Takes no more connections; those that exist end with containerd. */
  shut(): void;
  end(): void;
}

/** @param onForward called once for each time that a shim handed an event over; `took` is in milliseconds. */
export const eventGate = (
  path: string,
  containerd: string,
  onForward: (event: Envelope, answer: Answer, took: number) => void,
): Gate => {
  const sockets = new Set<Socket>();
  let server: Server | undefined;

  const pass = (shim: Socket): void => {
    const upstream = connect(containerd);
    const unanswered = new Map<number, { readonly event: Envelope; readonly at: number }>();
    const settle = (stream: number, answer: Answer): void => {
      const asked = unanswered.get(stream);
      unanswered.delete(stream);
      if (asked !== undefined) onForward(asked.event, answer, performance.now() - asked.at);
    };
    const forget = (): void => {
      for (const stream of [...unanswered.keys()]) settle(stream, 'cut');
      sockets.delete(shim);
      sockets.delete(upstream);
    };
    const requests = listener(({ stream, type, payload }) => {
      const event = type === frameType.request ? eventIn(payload) : undefined;
      if (event !== undefined) unanswered.set(stream, { event, at: performance.now() });
    });
    const answers = listener(({ stream, type, payload }) => {
      if (type === frameType.response) settle(stream, readResponse(payload).code === 0 ? 'taken' : 'refused');
    });
    // Recorded first: what is passed on may be answered, and end the connection, before this returns.
    shim.on('data', requests).pipe(upstream);
    upstream.on('data', answers).pipe(shim);
    for (const socket of [shim, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    shim.once('close', () => upstream.destroy());
    // What containerd said before it went still reaches the shim.
    upstream.once('close', () => shim.end()).once('close', forget);
  };

  const shut = (): void => {
    server?.close();
    server = undefined;
    rmSync(path, { force: true });
  };

  return {
    path,
    open: () => {
      shut();
      const opened = createServer(pass);
      server = opened;
      return new Promise((resolve, reject) => opened.once('error', reject).listen(path, resolve));
    },
    shut,
    end: () => {
      shut();
      for (const socket of sockets) socket.destroy();
    },
  };
};

const listener = (onFrame: (frame: Frame) => void): ((chunk: Buffer) => void) => {
  const reader = frameReader({ frame: onFrame, oversize: () => undefined });
  return (chunk) => reader.push(chunk);
};

const eventIn = (payload: Uint8Array): Envelope | undefined => {
  const { method, payload: request } = readRequest(payload);
  return method === 'Forward' ? ForwardRequest.decode(request).envelope : undefined;
};
