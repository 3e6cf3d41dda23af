/**
 * The streams of a pod's first process: by its log, or by being attached to it.
 *
 * The invariant: the reader gets the end of file only where the output is all there, and an error of kind `truncated`
 * where some of it is known to be missing. What may be missing is a gap (`gaps$`).
 */
import type { ByteSink } from '../../contract/bytes.js';
import type { ConsoleSize } from '../../contract/compute-process.js';
import { RxshimError } from '../../failures/errors.js';
import { isSettledWithin } from '../../remote/pause.js';
import { type PulledQueue, pulledQueue } from '../../remote/pulled-queue.js';
import { type Channels, openChannels, v4, v5 } from '../exec/channels.js';
import { followLog } from './follow-log.js';
import { type PodContext, podPath } from './pod-context.js';
import type { DescribedPod } from './pod-document.js';

export interface InitOutput {
  readonly stdin: ByteSink;
  readonly stdout: PulledQueue;
  readonly stderr: PulledQueue;
  endInput(): Promise<void>;
  resize(size: ConsoleSize): Promise<void>;
  /** Begins when the process runs, or waits to be let go on. @throws RxshimError where it cannot be attached to. */
  connect(ended: Promise<unknown>): Promise<void>;
  /** The process has ended: what is on its way is all. */
  writersGone(): void;
  close(): void;
}

/**
 * Ends with its pod where the process was never started, so that its readers do not wait for it.
 * @param onlyNew what the log has already is left out.
 */
export const initOutput = (pod: PodContext, described: DescribedPod, onlyNew = false): InitOutput => {
  const output = described.output === 'logs' ? outputOfLog(pod, onlyNew) : attachedOutput(pod, described);
  let isConnected = false;
  pod.exit$.subscribe(() => {
    if (isConnected) return;
    output.stdout.end();
    output.stderr.end();
  });
  return {
    ...output,
    connect: (ended) => {
      isConnected = true;
      return output.connect(ended);
    },
  };
};

const outputOfLog = (pod: PodContext, onlyNew: boolean): InitOutput => {
  const { queue: stdout, put } = boundedQueue();
  const stderr = pulledQueue(() => undefined);
  stderr.end();
  return {
    stdin: { write: () => Promise.reject(noInput()) },
    stdout,
    stderr,
    endInput: () => Promise.resolve(),
    resize: () => Promise.reject(noInput()),
    connect: (ended) => {
      if (stdout.isClosed) return Promise.resolve();
      followLog(pod, ended, {
        take: ({ bytes }) => put(bytes),
        gap: (gap) => pod.gaps$.next(gap),
        onlyNew,
      }).then(
        () => stdout.end(),
        (error) => stdout.end(error),
      );
      return Promise.resolve();
    },
    writersGone: () => stdout.writersGone(),
    close: () => stdout.close(),
  };
};

interface BoundedQueue {
  readonly queue: PulledQueue;
  /** Resolves when there is room again. */
  put(bytes: Uint8Array): Promise<void>;
}

const boundedQueue = (): BoundedQueue => {
  let roomMade = (): void => undefined;
  const queue = pulledQueue(() => roomMade());
  return {
    queue,
    put: async (bytes) => {
      // A copy: the buffer of a connection is used again.
      queue.push(Buffer.from(bytes));
      while (queue.isFull && !queue.isClosed)
        await new Promise<void>((resolve) => {
          roomMade = resolve;
        });
    },
  };
};

const pump = async (from: PulledQueue, to: BoundedQueue): Promise<void> => {
  for await (const chunk of from) await to.put(chunk);
};

const noInput = (): RxshimError =>
  new RxshimError('failedPrecondition', 'the process has no input: its pod was created without');

const attachedOutput = (pod: PodContext, { terminal, stdin, isHeld }: DescribedPod): InitOutput => {
  let channels: Channels | undefined;
  const [out, err] = [boundedQueue(), boundedQueue()];
  const { queue: stdout } = out;
  const { queue: stderr } = err;
  const attached = (): Channels => {
    if (channels === undefined)
      throw new RxshimError('failedPrecondition', `pod ${pod.name} is not attached to`);
    return channels;
  };

  const connect = async (ended: Promise<unknown>): Promise<void> => {
    // A terminal echoes the line that lets the process go on.
    let echo = isHeld && terminal ? '\r\n'.length : 0;
    const filter = (_: 1 | 2, bytes: Buffer): readonly Buffer[] => {
      const dropped = Math.min(echo, bytes.length);
      echo -= dropped;
      return [bytes.subarray(dropped)];
    };
    const request = {
      path: podPath(pod, '/attach'),
      query: [
        ['container', pod.container],
        ['stdin', true],
        ['stdout', true],
        ['stderr', terminal ? undefined : true],
        ['tty', terminal ? true : undefined],
      ] as const,
      what: `attach to pod ${pod.name}`,
      needs: 'get and create on pods/attach',
    };
    const opened = await openChannels(pod.cluster, request, { protocols: [v5, v4], terminal, filter });
    channels = opened;
    const closing = pod.closed$.subscribe(() => opened.destroy());
    const copied = Promise.all([pump(opened.stdout, out), pump(opened.stderr, err)]);
    void opened.end.then(async ({ status }) => {
      closing.unsubscribe();
      opened.stdout.end();
      opened.stderr.end();
      await copied;
      // A status says nothing of the exit, and may be false: it is the end only where the process has ended, too.
      const hasEnded = await isSettledWithin(ended, graceForExit);
      const missing = status !== undefined && hasEnded ? undefined : lostAttachment(pod);
      stdout.end(missing);
      stderr.end(missing);
    });
    if (isHeld) await opened.stdin.write(Buffer.from('\n'));
    // Without a reader of its input it has none, and sees the end of it.
    if (!stdin && !terminal) await opened.endInput().catch(() => undefined);
  };

  return {
    stdin: { write: (chunk) => Promise.resolve().then(() => attached().stdin.write(chunk)) },
    stdout,
    stderr,
    endInput: async () => channels?.endInput(),
    resize: (size) => Promise.resolve().then(() => attached().resize(size)),
    connect: async (ended) => {
      try {
        await connect(ended);
      } catch (error) {
        stdout.end(error);
        stderr.end(error);
        throw error;
      }
    },
    writersGone: () => {
      stdout.writersGone();
      stderr.writersGone();
    },
    close: () => {
      stdout.close();
      stderr.close();
    },
  };
};

/** How long after the end of an attachment the exit of its process is seen, in milliseconds. */
const graceForExit = 5_000;

const lostAttachment = (pod: PodContext): RxshimError => {
  pod.gaps$.next({ reason: 'attachLost', certain: true, after: undefined });
  return new RxshimError('truncated', `output of pod ${pod.name} is not all there: the attachment was lost`);
};
