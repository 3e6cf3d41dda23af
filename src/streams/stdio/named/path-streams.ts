/**
 * Streams on named pipes and files, opened so that nothing ever waits for the other side.
 *
 * Output to a named pipe holds both of its ends: a reader that is absent, leaves or comes back neither breaks nor loses
 * anything; what it does not read fills the pipe, and then the process waits. Input from one holds a writer's end too,
 * so that a writer that detaches is not the end of the input; that end is what closing the input closes.
 */
import { closeSync, constants, fstatSync, mkdirSync, openSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { invalid, messageOf, RxshimError } from '../../../hcs/failures/errors.js';
import {
  type DescriptorSink,
  descriptorSink,
  descriptorSource,
  keptByHost,
  openFifo,
} from '../../../hcs/native/index.js';
import type { OpenedInput, OpenedOutput } from '../upstream/opened.js';

const { O_APPEND, O_NOCTTY, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** A path, and where it came from. */
export interface PathPlan {
  readonly kind: 'path';
  /** Absolute. */
  readonly path: string;
  /** Whether directories that are missing are made. */
  readonly makeParents: boolean;
  readonly field: string;
  /** As the caller gave it. */
  readonly given: string;
}

/**
 * @param users how many streams of the process lead there; a named pipe has ended when all of them have.
 * @throws RxshimError `invalidArgument` for what cannot be written to, `unavailable` when the system is short of something.
 */
export const pathOutput = (plan: PathPlan, users: number): OpenedOutput => {
  const { fd, stat } = open(
    plan,
    'a named pipe, or a file that can be appended to',
    O_WRONLY | O_APPEND,
    () => {
      if (plan.makeParents) mkdirSync(dirname(plan.path), { recursive: true, mode: 0o755 });
      return openFifo(plan.path, 'write');
    },
  );
  const sink = descriptorSink(fd);
  return stat.isFIFO() ? fifoOutput(sink, plan.path, users) : { sink, close: sink.close };
};

/** Its readers see the end when the process has closed it, not only when the process has ended. */
const fifoOutput = (sink: DescriptorSink, path: string, users: number): OpenedOutput => {
  let open = users;
  let reader: number | undefined;
  // A reader sees the end of a pipe without a writer, also while this process is being replaced.
  const release = keptByHost(`output/${path}`, sink.fd);
  const closeSink = (): void => {
    release();
    sink.close();
  };
  const closeReader = (): void => {
    if (reader !== undefined) closeSync(reader);
    reader = undefined;
  };
  return {
    sink: {
      get fd() {
        return sink.fd;
      },
      write: sink.write,
      end: () => {
        open -= 1;
        if (open === 0) closeSink();
      },
    },
    handedOver: () => {
      // Still a reader, so that a client that goes away breaks nothing, but a writer no more.
      reader = openSync(`/proc/self/fd/${sink.fd}`, O_RDONLY | O_NONBLOCK | O_NOCTTY);
      closeSink();
    },
    close: () => {
      closeSink();
      closeReader();
    },
  };
};

/** @throws as `pathOutput` does. */
export const pathInput = (plan: PathPlan): OpenedInput => {
  const expected = 'a named pipe or a file that can be read';
  const { fd, stat } = open(plan, expected, O_RDONLY, () => openFifo(plan.path, 'read'));
  const source = descriptorSource(fd);
  if (!stat.isFIFO()) return { source, end: () => undefined, close: source.close };
  let kept: number | undefined;
  try {
    // Finds its reader: the one just opened.
    kept = openSync(plan.path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    source.close();
    throw failure(plan, expected, error);
  }
  // A writer gets EPIPE from a pipe without a reader, also while this process is being replaced.
  const release = keptByHost(`input/${plan.path}`, fd);
  const end = (): void => {
    const last = kept;
    kept = undefined;
    if (last !== undefined) closeSync(last);
  };
  const close = (): void => {
    release();
    source.close();
  };
  return {
    source,
    end,
    // A writer then gets EPIPE from the pipe itself.
    handedOver: close,
    close: () => {
      end();
      close();
    },
  };
};

const open = (
  plan: PathPlan,
  expected: string,
  mode: number,
  opening: () => number,
): { readonly fd: number; readonly stat: Stats } => {
  let fd: number;
  try {
    fd = opening();
  } catch (error) {
    throw failure(plan, expected, error);
  }
  const stat = fstatSync(fd);
  if (stat.isDirectory()) {
    closeSync(fd);
    throw invalid(plan.field, plan.given, expected);
  }
  return { fd: stat.isFile() ? blocking(fd, mode) : fd, stat };
};

/**
 * A process that gets the file shall not find O_NONBLOCK on it. It was opened that way in case it was a pipe; pipes
 * and terminals stay so, and are reopened when they are passed to a process.
 */
const blocking = (fd: number, mode: number): number => {
  try {
    const again = openSync(`/proc/self/fd/${fd}`, mode);
    closeSync(fd);
    return again;
  } catch {
    // No /proc, or not allowed any more: to a file the flag makes no difference.
    return fd;
  }
};

const shortages = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC', 'EDQUOT', 'EIO']);

const failure = ({ field, given }: PathPlan, expected: string, cause: unknown): RxshimError => {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === undefined || !shortages.has(code)) return invalid(field, given, expected, cause);
  return new RxshimError('unavailable', `${field}: ${messageOf(cause)}`, {
    cause,
    invalid: { field, value: given },
  });
};
