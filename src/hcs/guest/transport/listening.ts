/**
 * Listens on a socket, with readable errors. A stale unix socket, whose owner has died, is replaced.
 */
import { unlinkSync } from 'node:fs';
import { connect, type ListenOptions, type Server } from 'node:net';
import { RxshimError } from '../../failures/errors.js';

/** As much as a kernel pipe holds. */
export const socketBuffer = 64 * 1024;

/** Calls back once: without an error when the server listens, otherwise with an `RxshimError`. */
export const listening = (server: Server, at: ListenOptions, done: (error?: RxshimError) => void): void => {
  const attempt = (failed: (error: NodeJS.ErrnoException) => void): void => {
    const listens = (): void => {
      server.off('error', refused);
      done();
    };
    const refused = (error: NodeJS.ErrnoException): void => {
      server.off('listening', listens);
      failed(error);
    };
    server.once('listening', listens);
    server.once('error', refused);
    server.listen(at);
  };
  const give = (error: NodeJS.ErrnoException): void => done(cannotListen(at, error));
  attempt((error) => {
    const { path } = at;
    if (error.code !== 'EADDRINUSE' || path === undefined) return give(error);
    removeIfDead(path, (removed) => (removed ? attempt(give) : give(error)));
  });
};

const removeIfDead = (path: string, done: (removed: boolean) => void): void => {
  const probe = connect(path);
  probe.once('connect', () => {
    probe.destroy();
    done(false);
  });
  probe.once('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'ECONNREFUSED') return done(false);
    try {
      unlinkSync(path);
    } catch {
      // Another process was faster; listening reports it.
    }
    done(true);
  });
};

const cannotListen = (at: ListenOptions, cause: NodeJS.ErrnoException): RxshimError => {
  const place = at.path ?? `${at.host}:${at.port}`;
  return cause.code === 'EADDRINUSE'
    ? new RxshimError('alreadyExists', `another process listens at ${place}`, { cause })
    : new RxshimError('unavailable', `cannot listen at ${place} (${cause.code})`, { cause });
};
