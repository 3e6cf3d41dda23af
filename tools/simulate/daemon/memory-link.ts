/**
 * A connection in memory: two ends that behave as sockets of node:net as far as ttrpc uses them.
 *
 * What is written at one end arrives at the other in order and within the same instant, but as an action of its own, so
 * that others may come between. The connection can be lost at any point of a call.
 */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { SimScheduler } from '../sim-scheduler.js';
import type { Cut } from './scenario.js';

export interface Link {
  /** The end of the one that has connected. */
  readonly client: Socket;
  readonly server: Socket;
  /** Loses the connection: what is under way arrives nowhere. */
  cut(): void;
  /** Loses it at that point of the call on this stream. */
  cutAt(stream: number, cut: Cut): void;
}

/** What is to be known of the frames on a link, by their streams. */
export interface LinkSpy {
  /** A request is about to be handled by the server. */
  received(stream: number): void;
  /** The server has sent an answer. */
  answered(stream: number): void;
  /** An answer is about to be read by the client. */
  heard(stream: number): void;
  /** The connection is gone, in whatever way. */
  gone(): void;
}

const streamOffset = 4;
const streamOf = (chunk: Buffer): number => chunk.readUInt32BE(streamOffset);

class End extends EventEmitter {
  writable = true;
  destroyed = false;
  readonly writableNeedDrain = false;
  #corked = 0;
  #held: Buffer[] = [];
  readonly #send: (chunk: Buffer) => void;
  readonly #left: () => void;

  constructor(send: (chunk: Buffer) => void, left: () => void) {
    super();
    this.#send = send;
    this.#left = left;
  }

  cork(): void {
    this.#corked += 1;
  }

  uncork(): void {
    this.#corked -= 1;
    if (this.#corked > 0 || this.destroyed) return;
    const held = this.#held;
    this.#held = [];
    for (const chunk of held) this.#send(chunk);
  }

  write(chunk: Buffer): boolean {
    if (!this.writable) return false;
    if (this.#corked > 0) this.#held.push(chunk);
    else this.#send(chunk);
    return true;
  }

  pause(): this {
    return this;
  }

  resume(): this {
    return this;
  }

  destroySoon(): void {
    if (this.destroyed) return;
    for (const chunk of this.#held) this.#send(chunk);
    this.#held = [];
    this.destroy();
  }

  destroy(): this {
    if (this.destroyed) return this;
    this.lose();
    this.#left();
    return this;
  }

  /** As `destroy`, by the other side or the network. */
  lose(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.writable = false;
    this.#held = [];
    process.nextTick(() => this.emit('close'));
  }
}

export const memoryLink = (scheduler: SimScheduler, spy: LinkSpy): Link => {
  const cuts = new Map<number, Cut>();
  let over = false;

  const cut = (): void => {
    if (over) return;
    over = true;
    client.lose();
    server.lose();
    spy.gone();
  };
  /** One side has closed: the other learns of it after all that was sent before. */
  const left = (queue: Queue, other: End): void => {
    if (over) return;
    over = true;
    spy.gone();
    queue.end(() => {
      if (!other.destroyed) other.emit('end');
    });
  };

  const toServer = (chunk: Buffer): void => {
    const stream = streamOf(chunk);
    const wanted = cuts.get(stream);
    if (wanted?.when === 'before') return cut();
    if (wanted?.when === 'half') {
      server.emit('data', chunk.subarray(0, chunk.length >> 1));
      return cut();
    }
    spy.received(stream);
    server.emit('data', chunk);
    if (wanted?.when === 'during') {
      if (wanted.ms === 0) cut();
      else scheduler.later(wanted.ms, cut);
    }
  };
  const toClient = (chunk: Buffer): void => {
    const stream = streamOf(chunk);
    if (cuts.get(stream)?.when === 'after') return cut();
    spy.heard(stream);
    client.emit('data', chunk);
  };

  const requests = queueOf(scheduler, toServer, () => !server.destroyed);
  const answers = queueOf(scheduler, toClient, () => !client.destroyed);
  const client: End = new End(requests.push, () => left(requests, server));
  const server: End = new End(
    (chunk) => {
      spy.answered(streamOf(chunk));
      answers.push(chunk);
    },
    () => left(answers, client),
  );

  return {
    client: client as unknown as Socket,
    server: server as unknown as Socket,
    cut,
    cutAt: (stream, wanted) => cuts.set(stream, wanted),
  };
};

/** The end of a connection that is not accepted. */
export const refusedConnection = (scheduler: SimScheduler): Socket => {
  const end = new End(
    () => undefined,
    () => undefined,
  );
  scheduler.later(0, () => {
    if (end.destroyed) return;
    end.emit('error', new Error('connect ECONNREFUSED'));
    end.destroy();
  });
  return end as unknown as Socket;
};

interface Queue {
  readonly push: (chunk: Buffer) => void;
  readonly end: (then: () => void) => void;
}

const queueOf = (scheduler: SimScheduler, deliver: (chunk: Buffer) => void, open: () => boolean): Queue => {
  let chunks: Buffer[] = [];
  let atEnd: (() => void) | undefined;
  let scheduled = false;
  const pump = (): void => {
    scheduled = false;
    const those = chunks;
    chunks = [];
    for (const chunk of those) if (open()) deliver(chunk);
    const then = atEnd;
    atEnd = undefined;
    then?.();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    scheduler.later(0, pump);
  };
  return {
    push: (chunk) => {
      chunks.push(chunk);
      schedule();
    },
    end: (then) => {
      atEnd = then;
      schedule();
    },
  };
};
