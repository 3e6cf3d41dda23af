/**
 * The relay: copies a process's stdio by pull, with one chunk in flight for each stream.
 *
 * A reader that is slow slows the process; nothing is buffered here. Input is copied apart from output: it has no part
 * in the drain, and ends when the upstream's input does.
 */
import { Observable, Subject } from 'rxjs';
import type { ByteSink, ByteSource } from '../../../hcs/contract/bytes.js';
import type { Act } from '../../../hcs/contract/compute-process.js';
import { messageOf, RxshimError } from '../../../hcs/failures/errors.js';
import type { Logger } from '../../log.js';
import { type Copy, copy } from './copy.js';
import { droppedOutput, type IoError, ioError, isReaderGone, stuckSink } from './io-error.js';
import type { RunningRelay, StartRelay } from './relay-port.js';

type Stream = IoError['stream'];

let made = 0;

export const pullRelay: StartRelay = (
  process,
  upstream,
  log,
  { name = `relay-${++made}`, rest = 'cut' } = {},
): RunningRelay => {
  const { stdio } = process;
  const through$ = new Subject<never>();
  const outputs: RelayedOutput[] = [];
  const ioErrors: IoError[] = [];
  let open = 0;

  /** Copies, and closes the process's end afterwards, once. */
  const relay = (
    file: Stream,
    source: ByteSource,
    sink: ByteSink,
    close: () => Act,
    closed: () => void,
  ): RelayedOutput => {
    const running = copy(source, sink, {
      name: `${name}/${file}`,
      dropping: (code) => log?.error({ file, code }, 'output is dropped: its file takes no more'),
      dropped: (bytes, code) => {
        log?.warn({ file, bytes, code }, 'output was dropped');
        ioErrors.push(droppedOutput(file, bytes, code));
      },
      uncertain: (bytes) =>
        log?.warn(
          { file, bytes },
          'output may be missing, at most so many bytes: the process that copied it was killed',
        ),
    });
    let ended = false;
    let settle = (): void => undefined;
    const end = (error?: unknown): void => {
      if (ended) return;
      ended = true;
      settle();
      if (error !== undefined) sink.fail?.(truncatedError(file, error));
      logEnd(log, file, running.moved(), error);
      closeEnd(close, file, log, closed);
    };
    const fail = (error: unknown, side: 'source' | 'sink' = running.side()): void => {
      if (ended) return;
      // Writing into a process that does not read is no fault of the caller's; a reader may leave when it likes.
      if (file === 'stdin' ? side === 'sink' : isReaderGone(error)) return end();
      ioErrors.push(ioError(file, side, error));
      end(error);
    };
    running.done.then(() => end(), fail);
    const stop = (): void => {
      if (!ended) running.stop();
    };
    sink.closed?.then(
      () => {
        stop();
        end();
      },
      (error) => {
        stop();
        fail(error, 'sink');
      },
    );
    /** Whether there was anything left to cut. */
    const cut = (): boolean => {
      if (ended) return false;
      if (running.stop(upstream.closeWaits ? 'cut' : rest)) {
        end();
        return false;
      }
      if (running.side() === 'sink') ioErrors.push(stuckSink(file));
      end(cutError);
      return true;
    };
    const owe = (settled: () => void): void => {
      if (ended) return settled();
      settle = settled;
      sink.processExited?.();
      running.owe(settled);
    };
    return { cut, moved: running.moved, owe };
  };

  const oneClosed = (): void => {
    open -= 1;
    if (open === 0) through$.complete();
  };
  const output = (
    file: 'stdout' | 'stderr',
    source: ByteSource | undefined,
    sink: ByteSink | undefined,
    close: () => Act,
  ): void => {
    if (source === undefined || sink === undefined) return;
    open += 1;
    outputs.push(relay(file, source, sink, close, oneClosed));
  };
  const shared =
    upstream.stdout !== undefined && upstream.stdout === upstream.stderr && stdio.stderr === undefined;
  const stdout = shared && upstream.stdout !== undefined ? endingTwice(upstream.stdout) : upstream.stdout;
  output('stdout', stdio.stdout, stdout, () => process.closeStdout());
  output('stderr', stdio.stderr, upstream.stderr, () => process.closeStderr());
  if (open === 0) through$.complete();
  if (stdio.stdin !== undefined && upstream.stdin !== undefined) {
    relay(
      'stdin',
      upstream.stdin,
      unmoved(stdio.stdin),
      () => process.closeStdin(),
      () => undefined,
    );
  }

  return {
    through$,
    owed$: new Observable((listener) => {
      const unsettled = new Set(outputs);
      for (const output of outputs) {
        output.owe(() => {
          if (unsettled.delete(output) && unsettled.size === 0) listener.complete();
        });
      }
      if (outputs.length === 0) listener.complete();
    }),
    moved: () => outputs.reduce((sum, copy) => sum + copy.moved(), 0),
    ioErrors: () => ioErrors,
    cut: () => {
      const lost = outputs.map((copy) => copy.cut()).includes(true);
      // An engine may never answer that an end is closed.
      through$.complete();
      return lost;
    },
  };
};

interface RelayedOutput extends Pick<Copy, 'moved' | 'owe'> {
  cut(): boolean;
}

const cutError = new Error("the drain policy's time was up before all of it came");

const truncatedError = (file: string, cause: unknown): RxshimError =>
  new RxshimError('truncated', `${file} was truncated: ${messageOf(cause)}`, { cause });

/** One stream of the process is both of the upstream, which counts the ends. */
const endingTwice = (sink: ByteSink): ByteSink => ({
  get fd() {
    return sink.fd;
  },
  get closed() {
    return sink.closed;
  },
  write: (chunk) => sink.write(chunk),
  end: async () => {
    await Promise.all([sink.end?.(), sink.end?.()]);
  },
  processExited: () => sink.processExited?.(),
  fail: (error) => sink.fail?.(error),
});

/** Bytes that the kernel moves go on when the upstream's input is closed; input must end then. */
const unmoved = (sink: ByteSink): ByteSink => ({ write: (chunk) => sink.write(chunk) });

const closeEnd = (close: () => Act, file: string, log: Logger | undefined, closed: () => void): void => {
  const failed = (err: unknown): void => {
    log?.warn({ err, file }, `failed to close Cmd ${file}`);
    closed();
  };
  let closing$: Act;
  try {
    closing$ = close();
  } catch (error) {
    return failed(error);
  }
  closing$.subscribe({ error: failed, complete: closed });
};

const logEnd = (log: Logger | undefined, file: string, bytes: number, error: unknown): void => {
  if (log === undefined) return;
  if (error === undefined) log.debug({ file, bytes }, 'Cmd IO relay complete');
  else log.error({ file, bytes, err: error }, 'Cmd IO relay complete');
};
