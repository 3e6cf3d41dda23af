/** Two ends of a connection in memory, one chunk deep each way: what is written to one is read from the other. */
import { Duplex } from 'node:stream';

export const duplexPair = (): readonly [Duplex, Duplex] => {
  const one = new End();
  const other = new End();
  one.peer = other;
  other.peer = one;
  return [one, other];
};

class End extends Duplex {
  peer: End | undefined;
  /** Of the peer's write: it is done when this end wants more. */
  #taken: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: true });
  }

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    const { peer } = this;
    if (peer === undefined || peer.destroyed)
      return done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    if (peer.push(chunk)) return done();
    peer.#taken = done;
  }

  override _final(done: () => void): void {
    if (!this.peer?.destroyed) this.peer?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { peer } = this;
    if (peer !== undefined && !peer.destroyed && !peer.readableEnded) {
      // Ended before already: pushing once more would be an error of its own.
      if (!this.writableFinished) peer.push(null);
      this.#taken?.();
    }
    done(error);
  }
}
