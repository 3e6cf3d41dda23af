/**
 * The daemon's log: lines on the `log` pipes that containerd reads, one in the bundle of each container.
 *
 * A daemon outlives the container that it was started for, and with it that container's pipe. So each line goes to the
 * newest pipe that still has a reader; if none has, the line is lost. Writing never waits.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Logger } from '../../streams/log.js';

export interface DaemonLog {
  readonly logger: Logger;
  /** From now on lines go to this bundle's pipe. */
  opened(id: string, bundle: string): void;
  closed(id: string): void;
}

const stderr = 2;

export const daemonLog = ({ debug }: { readonly debug: boolean }): DaemonLog => {
  const pipes = new Map<string, number>();

  const write = (line: string): void => {
    for (const fd of [...[...pipes.values()].reverse(), stderr]) {
      try {
        writeSync(fd, line);
        return;
      } catch {
        // The pipe has no reader, or a slow one.
      }
    }
  };

  const closed = (id: string): void => {
    const fd = pipes.get(id);
    pipes.delete(id);
    try {
      if (fd !== undefined) closeSync(fd);
    } catch {
      // Everything written to it is lost as well.
    }
  };

  return {
    logger: pino({ level: debug ? 'debug' : 'info', name: 'rxshim' }, { write }),
    opened: (id, bundle) => {
      closed(id);
      try {
        pipes.set(id, openSync(join(bundle, 'log'), constants.O_WRONLY | constants.O_NONBLOCK));
      } catch {
        // The pipe does not exist or has no reader.
      }
    },
    closed,
  };
};
