/**
 * Output that the caller reads, or gives to another exec as its stdin: then one pipe of the kernel joins the two.
 *
 * Engines that take descriptors give each process its end, as a shell would: no byte passes through this program, and
 * what the one writes after the other has gone is between the kernel and the two. With other engines the bytes are
 * copied to and from the same pipe. The invariant: each end is closed here as soon as its process has it, or when its
 * exec is over, so that both see the other leave.
 */
import type { ByteSink } from '../../../hcs/contract/bytes.js';
import { invalid, RxshimError } from '../../../hcs/failures/errors.js';
import {
  type DescriptorSink,
  descriptorSink,
  descriptorSource,
  openPipe,
} from '../../../hcs/native/index.js';
import type { OpenedInput } from '../upstream/opened.js';
import type { CallerOutput } from '../upstream.js';
import type { ObservableOutput } from './observed-output.js';

const join = Symbol('join');

export const joinableOutput = (pipe: ObservableOutput): ObservableOutput => {
  const { sink, caller } = pipe;
  // The kernel's pipes are opened by native calls, of which there are none elsewhere.
  if (caller === undefined || process.platform !== 'linux') return pipe;
  const shared: Shared = { pipe, sink, caller, writer: undefined, hasReader: false, over: false };
  return {
    ...pipe,
    sink: new JoinableSink(shared),
    caller: new JoinableReader(shared),
    observe: () => {
      claim(shared);
      return pipe.observe();
    },
    handedOver: () => shared.writer?.close(),
    close: () => {
      closeWriter(shared);
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
  /** The caller's own pipe, what fills it, and its reader. */
  readonly pipe: ObservableOutput;
  readonly sink: ByteSink;
  readonly caller: CallerOutput;
  /** The end for writing, once it is joined. */
  writer: (DescriptorSink & { readonly filled: Promise<unknown> | undefined }) | undefined;
  hasReader: boolean;
  /** Nothing more will be written. */
  over: boolean;
}

/** Not before all is in it that was written before the two were joined; a reader that leaves ends that as well. */
const closeWriter = (shared: Shared): void => {
  shared.over = true;
  const { writer } = shared;
  if (writer?.filled === undefined) writer?.close();
  else void writer.filled.then(writer.close);
};

const claim = (shared: Shared): void => {
  if (shared.writer !== undefined)
    throw new RxshimError('failedPrecondition', 'the output is the stdin of another exec');
  shared.hasReader = true;
};

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
    return (writer ?? sink).write(chunk);
  }

  end(): void | Promise<void> {
    closeWriter(this.#shared);
    return this.#shared.sink.end?.();
  }

  processExited(): void {
    this.#shared.sink.processExited?.();
  }

  fail(error: unknown): void {
    closeWriter(this.#shared);
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
    claim(shared);
    return shared.caller[Symbol.asyncIterator]();
  }

  [join](): OpenedInput {
    const shared = this.#shared;
    if (shared.hasReader || shared.writer !== undefined)
      throw invalid('stdin', this, 'an output that has no reader yet');
    const { read, write } = openPipe();
    const sink = descriptorSink(write);
    const filled = shared.pipe.passOn?.(sink);
    shared.writer = Object.assign(sink, { filled });
    if (shared.over) closeWriter(shared);
    const source = descriptorSource(read);
    const { close } = source;
    return { source, end: close, handedOver: close, close };
  }
}
