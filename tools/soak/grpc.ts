/** As much of gRPC as it takes to call containerd: unary calls, and calls that answer with a stream, on a Unix socket. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';

/** The status codes of gRPC that the soak tells apart. */
export const grpcCode = {
  cancelled: 1,
  notFound: 5,
  alreadyExists: 6,
  failedPrecondition: 9,
  unavailable: 14,
};

export class GrpcError extends Error {
  readonly code: number;

  constructor(method: string, code: number, message: string) {
    super(`${method.split('/').at(-1)}: ${message} (code ${code})`);
    this.code = code;
  }
}

export interface GrpcStream {
  /** Resolves with the reason when the stream is over, however that came. */
  readonly ended: Promise<string>;
  close(): void;
}

export interface GrpcClient {
  /** @throws GrpcError; `unavailable` when the connection was lost. */
  call(method: string, request: Uint8Array): Promise<Uint8Array>;
  stream(method: string, request: Uint8Array, onMessage: (message: Uint8Array) => void): GrpcStream;
  close(): void;
}

export const grpcClient = (socket: string, namespace: string): GrpcClient => {
  let session: ClientHttp2Session | undefined;

  const connected = (): ClientHttp2Session => {
    if (session !== undefined) return session;
    const opened = connectHttp2('http://containerd', { createConnection: () => connect(socket) });
    session = opened;
    const forget = (): void => {
      if (session === opened) session = undefined;
    };
    // Each call fails by itself; the session's own error adds nothing.
    opened.on('error', forget).on('goaway', forget).once('close', forget);
    return opened;
  };

  const send = (method: string, request: Uint8Array, onMessage: (message: Uint8Array) => void) => {
    const stream = connected().request({
      ':method': 'POST',
      ':path': `/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
      'containerd-namespace': namespace,
    });
    stream.on('data', messageReader(onMessage));
    const ended = statusOf(stream, method);
    stream.end(framed(request));
    return { stream, ended };
  };

  return {
    call: async (method, request) => {
      let answer: Uint8Array = new Uint8Array(0);
      const { ended } = send(method, request, (message) => {
        answer = message;
      });
      await ended;
      return answer;
    },
    stream: (method, request, onMessage) => {
      const { stream, ended } = send(method, request, onMessage);
      return { ended: ended.then(() => 'ended', String), close: () => stream.close() };
    },
    close: () => session?.destroy(),
  };
};

/** Resolves when the call succeeded. Without a status the connection was lost. */
const statusOf = (stream: ClientHttp2Stream, method: string): Promise<void> => {
  let code: number | undefined;
  let message = '';
  let failure = 'connection lost';
  const read = (headers: Record<string, unknown>): void => {
    if (headers['grpc-status'] === undefined) return;
    code = Number(headers['grpc-status']);
    message = decodeURIComponent(String(headers['grpc-message'] ?? ''));
  };
  stream.on('response', read).on('trailers', read);
  stream.on('error', (error) => {
    failure = error.message;
  });
  return new Promise((resolve, reject) =>
    stream.once('close', () => {
      if (code === 0) resolve();
      else
        reject(new GrpcError(method, code ?? grpcCode.unavailable, code === undefined ? failure : message));
    }),
  );
};

const headerSize = 5;

const framed = (message: Uint8Array): Buffer => {
  const header = Buffer.alloc(headerSize);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
};

/** Messages out of chunks that may be cut anywhere. */
const messageReader = (onMessage: (message: Uint8Array) => void): ((chunk: Buffer) => void) => {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    while (held.length >= headerSize && held.length >= headerSize + held.readUInt32BE(1)) {
      const end = headerSize + held.readUInt32BE(1);
      onMessage(held.subarray(headerSize, end));
      held = held.subarray(end);
    }
  };
};
