/**
 * Writes facts to a file, one JSON object a line. A slow reader blocks nothing, and one that goes away loses the rest
 * of the facts; the command is not affected.
 */

import { createWriteStream, fstatSync, openSync } from 'node:fs';
import { messageOf } from '../../hcs/failures/errors.js';
import { within } from '../../telemetry/within.js';
import { CliError, exitCodes } from '../options/usage.js';
import { systemReason } from '../system-reason.js';

export interface EventsFile {
  writeLine(line: string): void;
  /** Flushes the rest, within a timeout for a slow reader. */
  end(): Promise<void>;
}

const flushTimeout = 2_000;

/**
 * @param path a file, which is truncated, or anything else that can be written to; `-` is stdout, `/dev/fd/3` the
 * inherited descriptor 3.
 * @throws CliError if it cannot be opened.
 */
export const openEventsFile = (path: string, warn: (line: string) => void): EventsFile => {
  const stream = createWriteStream('', { fd: open(path), autoClose: descriptorOf(path) === undefined });
  let broken = false;
  const finished = new Promise<void>((resolve) => {
    stream.once('finish', resolve);
    stream.once('error', (error) => {
      broken = true;
      warn(`--events: writing ${path} failed, no more facts are written: ${messageOf(error)}`);
      resolve();
    });
  });
  return {
    writeLine: (line) => {
      if (!broken) stream.write(`${line}\n`);
    },
    end: async () => {
      stream.end();
      await within(flushTimeout, finished);
    },
  };
};

const open = (path: string): number => {
  try {
    const given = descriptorOf(path);
    if (given === undefined) return openSync(path, 'w', 0o644);
    fstatSync(given);
    return given;
  } catch (cause) {
    const reason = systemReason(cause);
    throw new CliError(
      `--events: cannot write to ${JSON.stringify(path)}: ${reason}`,
      exitCodes.usage,
      cause,
    );
  }
};

/** The descriptor is used as it is: reopening would truncate a file, and a socket cannot be reopened. */
const descriptorOf = (path: string): number | undefined => {
  const [, fd] = /^\/dev\/fd\/(\d+)$/.exec(path) ?? [];
  if (path === '-') return 1;
  return fd === undefined ? undefined : Number(fd);
};
