/**
 * Output that the caller reads, or gives to another exec as its stdin: then one pipe of the kernel joins the two.
 *
 * Engines that take descriptors give each process its end, as a shell would: no byte passes through this program, and
 * what the one writes after the other has gone is between the kernel and the two. With other engines the bytes are
 * copied to and from the same pipe. The invariant: each end is closed here as soon as its process has it, or when its
 * exec is over, so that both see the other leave.
 */
import type { ByteSink } from '../../../hcs/bytes.js';
import { invalid, RxshimError } from '../../../hcs/errors.js';
import {
  type DescriptorSink,
  descriptorSink,
  descriptorSource,
  openPipe,
} from '../../../hcs/native/index.js';
import type { CallerOutput } from '../upstream.js';
import type { OpenedInput, OpenedOutput } from './opened.js';

const join = Symbol('join');

export const joinableOutput = (pipe: OpenedOutput): OpenedOutput => {
  const { sink, caller } = pipe;
  // The kernel's pipes are opened by native calls, of which there are none elsewhere.
  if (caller === undefined || process.platform !== 'linux') return pipe;
  const shared: Shared = { sink, caller, writer: undefined, hasReader: false, written: false };
  return {
    ...pipe,
    sink: new JoinableSink(shared),
    caller: new JoinableReader(shared),
    handedOver: () => shared.writer?.close(),
    close: () => {
      shared.writer?.close();
      pipe.close();
    },
  };
};

/**
 * The other end of a pipe that begins at an exec's output, where that is what was given; else undefined.
 *
 * @throws RxshimError `invalidArgument` for an output that has a reader.
 */
export const joinedInput = (given: object): OpenedInput | undefined =>
  given instanceof JoinableReader ? given[join]() : undefined;

interface Shared {
  /** What fills the caller's own pipe, and its reader. */
  readonly sink: ByteSink;
  readonly caller: CallerOutput;
  /** The end for writing, once it is joined. */
  writer: DescriptorSink | undefined;
  hasReader: boolean;
  /** Something was written before it was joined: that can no longer come by the shared pipe. */
  written: boolean;
}

// Classes, since V8 makes a shape of its own for every object whose literal has a getter.
class JoinableSink implements ByteSink {
  readonly #shared: Shared;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  get fd(): number | undefined {
    return this.#shared.writer?.fd;
  }

  get closed(): Promise<unknown> | undefined {
    return this.#shared.sink.closed;
  }

  write(chunk: Uint8Array): Promise<void> {
    const { writer, sink } = this.#shared;
    if (writer !== undefined) return writer.write(chunk);
    this.#shared.written = true;
    return sink.write(chunk);
  }

  end(): void | Promise<void> {
    this.#shared.writer?.close();
    return this.#shared.sink.end?.();
  }

  processExited(): void {
    this.#shared.sink.processExited?.();
  }

  fail(error: unknown): void {
    this.#shared.writer?.close();
    this.#shared.sink.fail?.(error);
  }
}

class JoinableReader implements AsyncIterable<Uint8Array> {
  readonly #shared: Shared;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const shared = this.#shared;
    if (shared.writer !== undefined)
      throw new RxshimError('failedPrecondition', 'the output is the stdin of another exec');
    shared.hasReader = true;
    return shared.caller[Symbol.asyncIterator]();
  }

  [join](): OpenedInput | undefined {
    const shared = this.#shared;
    if (shared.hasReader || shared.writer !== undefined)
      throw invalid('stdin', this, 'an output that has no reader yet');
    if (shared.written) return undefined;
    const { read, write } = openPipe();
    shared.writer = descriptorSink(write);
    const source = descriptorSource(read);
    const { close } = source;
    return { source, end: close, handedOver: close, close };
  }
}
