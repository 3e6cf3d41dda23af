/**
 * A connection to a daemon on this host whose output may be read directly: all connections receive into one buffer, and
 * their readers take what they want of it at once. `net.Socket` allocates 64 KiB for each read, and collecting these buffers
 * costs more than all else that a flood of output costs.
 *
 * Until `readDirectly` is called it is an ordinary stream, for node's HTTP client.
 */
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** As much as a socket of the kernel holds. The kernel fills it within the callback's turn, so that one is enough for all. */
const received = new Uint8Array(256 * 1024);

export class DirectSocket extends Duplex {
  readonly #socket: Socket;
  #take: ((bytes: Uint8Array) => boolean) | undefined;

  constructor(path: string) {
    super();
    const socket = connect({
      path,
      allowHalfOpen: true,
      onread: {
        buffer: received,
        callback: (length) => {
          const bytes = received.subarray(0, length);
          return this.#take === undefined ? this.push(Buffer.from(bytes)) : this.#take(bytes);
        },
      },
    });
    this.#socket = socket;
    socket.once('end', () => this.push(null));
    socket.once('error', (error) => this.destroy(error));
    socket.once('close', () => this.destroy());
  }

  /**
   * From now on bytes are passed to `take`, which must not keep them; `false` stops the reading until `readOn`. The stream
   * itself emits only its end, as ever.
   */
  readDirectly(take: (bytes: Uint8Array) => boolean): void {
    let goesOn = true;
    for (let bytes: Uint8Array | null = this.read(); bytes !== null; bytes = this.read())
      goesOn = take(bytes);
    this.#take = take;
    this.resume();
    if (goesOn) this.readOn();
  }

  readOn(): void {
    this.#socket.resume();
  }

  override _read(): void {
    if (this.#take === undefined) this.#socket.resume();
  }

  override _write(chunk: Uint8Array, _: BufferEncoding, written: (error?: Error | null) => void): void {
    this.#socket.write(chunk, written);
  }

  override _final(ended: () => void): void {
    this.#socket.end(ended);
  }

  override _destroy(error: Error | null, destroyed: (error: Error | null) => void): void {
    this.#socket.destroy();
    destroyed(error);
  }
}
