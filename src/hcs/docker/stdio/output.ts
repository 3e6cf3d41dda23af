/**
 * The output of a process, from the connection on which a daemon sends it: stdout and stderr apart where it is
 * multiplexed, one stream where it has a terminal.
 *
 * The invariants: nothing is read from the connection while a stream that somebody reads is full, so that the process is
 * slowed and memory is bounded; and a connection that ends is not the end of the output. That is said by `finish`, or
 * another connection goes on where this one stopped.
 */
import type { Duplex, Readable } from 'node:stream';
import { RxshimError } from '../../failures/errors.js';
import { chunkStore } from '../../remote/chunk-store.js';
import { type PulledQueue, pulledQueue } from '../../remote/pulled-queue.js';
import { DirectSocket } from '../api/direct-socket.js';
import { type FrameDecoder, type FrameType, frameDecoder } from './frame-decoder.js';
import { rejoin, tailOf } from './rejoin.js';

/** How a connection ended: between two frames, cut off within one, or with bytes that are not output. */
export interface ConnectionEnd {
  readonly error?: unknown;
}

export interface Received {
  readonly stdout: number;
  readonly stderr: number;
}

export interface Output {
  readonly stdout: PulledQueue;
  readonly stderr: PulledQueue;
  /** How much of each has come so far, as the log of its container counts it. */
  received(): Received;
  /**
   * Reads from a connection, until it ends.
   * @param skip how much of each stream comes once more, and is dropped: all that was received so far included, which is
   *   looked for where it ends.
   */
  connect(connection: Connection, ended: (end: ConnectionEnd) => void, skip?: Received): void;
  /** Calls back whenever it has to wait for a reader, at once if it does. */
  onStall(stalled: () => void): void;
  /** The output has ended: with an error, what is missing of it. */
  finish(error?: unknown): void;
  /** Its process has ended: what is still on its way was written before. */
  writersGone(): void;
  /** Sees each piece before it is queued, and copies what it keeps of it; `false` keeps it out of the output. */
  intercept(look: ((type: FrameType, bytes: Uint8Array) => boolean) | undefined): void;
  close(): void;
}

export interface Connection {
  readonly stream: Readable | Duplex;
  /** The bytes already read from it. */
  readonly head?: Uint8Array;
}

/** @param framed whether it is multiplexed: it is, unless the process has a terminal. */
export const outputOf = (framed: boolean): Output => {
  let pump = (): void => undefined;
  let reading: Readable | undefined;
  let noteStall = (): void => undefined;
  let look: ((type: FrameType, bytes: Uint8Array) => boolean) | undefined;
  const taken = (): void => pump();
  const stdout = pulledQueue(taken, chunkStore());
  const stderr = pulledQueue(taken, chunkStore());
  // An output that is not read fills up and stops the other, as it would stop the process with pipes.
  const isFull = (): boolean => stdout.isFull || stderr.isFull;

  const positions = { stdout: 0, stderr: 0 };
  /** The last bytes received by a connection. The log may lack them. */
  const tails = { stdout: tailOf(), stderr: tailOf() };

  const connect: Output['connect'] = ({ stream, head }, ended, skip) => {
    const joining = (name: 'stdout' | 'stderr') => {
      if (skip === undefined) return undefined;
      const before = skip[name] - positions[name];
      return { before, log: rejoin(skip[name], tails[name].bytes()) };
    };
    const joins = { stdout: joining('stdout'), stderr: joining('stderr') };
    const decoder = framed ? frameDecoder() : undefined;
    let daemonError = '';
    let over = false;

    const deliver = (type: FrameType, bytes: Uint8Array): void => {
      if (type === 3) {
        daemonError += Buffer.from(bytes).toString('utf8', 0, maxError);
        return;
      }
      const name = type === 2 ? 'stderr' : 'stdout';
      const queue = name === 'stderr' ? stderr : stdout;
      const join = joins[name];
      if (join === undefined) {
        positions[name] += bytes.length;
        tails[name].push(bytes);
        if (look?.(type, bytes) !== false) queue.push(bytes);
        return;
      }
      const { log, before } = join;
      for (const piece of log.take(bytes)) if (look?.(type, piece) !== false) queue.push(piece);
      if (log.position === undefined) return;
      // From here on the log itself is counted, which has all that was taken of it.
      positions[name] = log.position - before;
      tails[name].clear();
    };

    const end = (error?: unknown): void => {
      if (over) return;
      over = true;
      pump = () => undefined;
      reading = undefined;
      stream.destroy();
      const why = error ?? failureOf(daemonError, decoder);
      ended(why === undefined ? {} : { error: why });
    };

    const take = (chunk: Uint8Array): void => {
      if (decoder === undefined) deliver(1, chunk);
      else decoder.push(chunk, deliver);
    };

    let isStopped = false;
    const takeDirectly = (chunk: Uint8Array): boolean => {
      if (over) return false;
      try {
        take(chunk);
      } catch (error) {
        end(error);
        return false;
      }
      isStopped = isFull();
      if (isStopped) noteStall();
      return !isStopped;
    };
    const readOn = (socket: DirectSocket) => (): void => {
      if (!isStopped || isFull()) return;
      isStopped = false;
      socket.readOn();
    };

    let pumping = false;
    const run = (): void => {
      // A queue that is closed while it is filled calls back.
      if (pumping || over) return;
      pumping = true;
      try {
        while (!isFull()) {
          const chunk = stream.read() as Uint8Array | null;
          if (chunk === null) break;
          take(chunk);
        }
        if (isFull()) noteStall();
      } catch (error) {
        end(error);
      }
      pumping = false;
    };

    // At once: a stream that ended before somebody listened would never say so.
    if (!(stream instanceof DirectSocket)) stream.on('readable', run);
    stream.once('end', () => end());
    stream.once('error', (error) => end(error));
    stream.once('close', () => end(cutOff()));
    reading = stream;
    pump = stream instanceof DirectSocket ? readOn(stream) : run;
    try {
      if (head !== undefined && head.length > 0) take(head);
    } catch (error) {
      return end(error);
    }
    if (stream instanceof DirectSocket) stream.readDirectly(takeDirectly);
    else run();
  };

  return {
    stdout,
    stderr,
    received: () => ({ ...positions }),
    connect,
    onStall: (called) => {
      noteStall = called;
      if (reading !== undefined && isFull()) called();
    },
    finish: (error) => {
      stdout.end(error);
      stderr.end(error);
    },
    writersGone: () => {
      stdout.writersGone();
      stderr.writersGone();
    },
    intercept: (seen) => {
      look = seen;
    },
    close: () => {
      const stream = reading;
      stdout.close();
      stderr.close();
      stream?.destroy();
    },
  };
};

const maxError = 1_000;

const failureOf = (daemonError: string, decoder: FrameDecoder | undefined): unknown => {
  if (daemonError !== '') return new RxshimError('unknown', `the daemon failed: ${daemonError.trim()}`);
  return decoder?.isBetweenFrames === false ? cutOff() : undefined;
};

const cutOff = (): RxshimError => new RxshimError('unavailable', 'the connection was cut off');
