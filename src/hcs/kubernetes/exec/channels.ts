/**
 * The channels of a remote command (exec or attach) on one WebSocket: byte 0 of each message names the channel.
 *
 * The invariants: nothing is read while an output that is read is full; and a connection that ended before the server
 * sent a status has no status, whatever its close code.
 */

import type { ByteSink } from '../../contract/bytes.js';
import type { ConsoleSize } from '../../contract/compute-process.js';
import { RxshimError } from '../../failures/errors.js';
import { type PulledQueue, pulledQueue } from '../../remote/pulled-queue.js';
import type { Cluster } from '../api/cluster.js';
import type { ApiRequest } from '../api/request.js';
import { openWebSocket } from '../api/web-socket.js';
import { type CommandStatus, parseStatus } from './status.js';

/** v5 can close stdin; v4 cannot, but ends the process with its connection and sends no false success. */
export type Subprotocol = 'v5.channel.k8s.io' | 'v4.channel.k8s.io';

export const v5: Subprotocol = 'v5.channel.k8s.io';
export const v4: Subprotocol = 'v4.channel.k8s.io';

/** The end of a connection. Without a status it was lost. */
export interface ChannelsEnd {
  readonly status?: CommandStatus;
  /** The close code of the WebSocket; 1006: without a close frame. */
  readonly code: number;
}

/** Sees each piece of output before it is queued, and answers what is to be queued instead. */
export type OutputFilter = (channel: 1 | 2, bytes: Buffer) => readonly Buffer[];

export interface Channels {
  readonly protocol: Subprotocol;
  readonly stdin: ByteSink;
  readonly stdout: PulledQueue;
  readonly stderr: PulledQueue;
  /** Resolves when the connection has ended and all of it was read. */
  readonly end: Promise<ChannelsEnd>;
  /** No more input. What was written before still goes out. May be called more than once. */
  endInput(): Promise<void>;
  resize(size: ConsoleSize): Promise<void>;
  /** Calls back when a full output holds up the connection. */
  onStall(stalled: () => void): void;
  /** Whether one does. */
  readonly isStalled: boolean;
  /** Ends the connection. Over v5 the process runs on; over v4 it is killed. */
  destroy(): void;
}

export interface ChannelsOptions {
  readonly protocols: readonly Subprotocol[];
  /** Input of a terminal is ended by its key, as a terminal has no end of file. */
  readonly terminal: boolean;
  readonly filter?: OutputFilter;
}

export const openChannels = async (
  cluster: Cluster,
  request: ApiRequest,
  { protocols, terminal, filter }: ChannelsOptions,
): Promise<Channels> => {
  const socket = await openWebSocket(cluster, request, protocols);
  const protocol = socket.protocol as Subprotocol;
  const stdout = pulledQueue(() => socket.resume());
  const stderr = pulledQueue(() => socket.resume());
  let status: CommandStatus | undefined;
  let stalled = (): void => undefined;
  const isFull = (): boolean => stdout.isFull || stderr.isFull;
  let inputEnded = false;
  let ended = false;

  const put = (channel: 1 | 2, bytes: Buffer): void => {
    if (bytes.length === 0) return;
    // Queued bytes must not change when the connection's buffer is used again.
    (channel === 2 ? stderr : stdout).push(bytes);
  };
  const end = new Promise<ChannelsEnd>((resolve) => {
    socket.read({
      message: (message) => {
        const channel = message[0];
        const bytes = message.subarray(1);
        if (channel === 3) status = parseStatus(bytes.toString('utf8'));
        if ((channel !== 1 && channel !== 2) || bytes.length === 0) return;
        for (const piece of filter?.(channel, bytes) ?? [bytes]) put(channel, piece);
      },
      isFull: () => {
        if (isFull()) stalled();
        return isFull();
      },
      closed: (code) => {
        ended = true;
        resolve({ code, ...(status !== undefined && { status }) });
      },
    });
  });

  const endInput = async (): Promise<void> => {
    if (inputEnded || ended) return;
    inputEnded = true;
    if (terminal) return socket.send(Uint8Array.of(0, endOfTransmission));
    if (protocol === v4) throw new RxshimError('notImplemented', 'end the input: the server speaks v4 only');
    await socket.send(Uint8Array.of(255, 0));
  };

  return {
    protocol,
    stdin: {
      write: async (chunk) => {
        if (inputEnded || ended)
          throw new RxshimError('failedPrecondition', 'the input of the process is closed');
        // An empty frame is no end of input, and nothing to send.
        if (chunk.length > 0) await socket.send(stdinChannel, chunk);
      },
    },
    stdout,
    stderr,
    end,
    endInput,
    resize: ({ width, height }) =>
      socket.send(Buffer.from([4]), Buffer.from(JSON.stringify({ Width: width, Height: height }))),
    onStall: (called) => {
      stalled = called;
    },
    get isStalled() {
      return isFull() && !ended;
    },
    destroy: () => socket.destroy(),
  };
};

const stdinChannel = Uint8Array.of(0);
/** Ctrl-D. */
const endOfTransmission = 4;
