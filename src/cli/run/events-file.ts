/**
 * Facts in a file, one JSON object a line. A reader that is slow holds nobody up, and one that goes away costs the rest
 * of the facts, not the command.
 */

import { createWriteStream, fstatSync, openSync } from 'node:fs';
import { messageOf } from '../../hcs/failures/errors.js';
import { within } from '../../telemetry/within.js';
import { CliError, exitCodes } from '../options/usage.js';

export interface EventsFile {
  writeLine(line: string): void;
  /** Writes what is left, but does not wait for ever for somebody to read it. */
  end(): Promise<void>;
}

const patience = 2_000;

/**
 * @param path of a file, which is emptied, or of anything that can be written to; `-` is stdout, `/dev/fd/3` the
 * descriptor 3 that this program was started with.
 * @throws CliError when it cannot be opened.
 */
export const openEventsFile = (path: string, warn: (line: string) => void): EventsFile => {
  const stream = createWriteStream('', { fd: open(path), autoClose: descriptorOf(path) === undefined });
  let broken = false;
  const finished = new Promise<void>((resolve) => {
    stream.once('finish', resolve);
    stream.once('error', (error) => {
      broken = true;
      warn(`--events: writing ${path} failed, no more facts are told: ${messageOf(error)}`);
      resolve();
    });
  });
  return {
    writeLine: (line) => {
      if (!broken) stream.write(`${line}\n`);
    },
    end: async () => {
      stream.end();
      await within(patience, finished);
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
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliError(`--events: cannot write to ${JSON.stringify(path)}: ${code}`, exitCodes.usage, cause);
  }
};

/** Taken as it is: opened again, a file would be emptied, and a socket cannot be. */
const descriptorOf = (path: string): number | undefined => {
  const [, fd] = /^\/dev\/fd\/(\d+)$/.exec(path) ?? [];
  if (path === '-') return 1;
  return fd === undefined ? undefined : Number(fd);
};
