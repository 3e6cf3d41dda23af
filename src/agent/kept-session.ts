/**
 * A session that outlives its connections for a while: without a host for longer than `keepFor`, everything in it ends.
 */
import { EMPTY, type Observable, type Subscription, timer } from 'rxjs';
import { openSession, type Session, type SessionOptions } from './session.js';

export interface KeptSession {
  /** For a new connection: what is kept, or a new session. */
  take(): Session;
  /** The connection has ended. */
  leave(): void;
  /** Ends it. May be called more than once. */
  end(): Observable<never>;
}

export const keptSession = (
  options: SessionOptions & Required<Pick<SessionOptions, 'keepFor' | 'scheduler'>>,
): KeptSession => {
  const { keepFor, scheduler } = options;
  let session: Session | undefined;
  let expiry: Subscription | undefined;
  const end = (): Observable<never> => {
    expiry?.unsubscribe();
    return session === undefined || session.over() ? EMPTY : session.end();
  };
  return {
    take: () => {
      expiry?.unsubscribe();
      if (session === undefined || session.over()) session = openSession(options);
      return session;
    },
    leave: () => {
      expiry?.unsubscribe();
      if (session?.over() === false) expiry = timer(keepFor, scheduler).subscribe(() => end().subscribe());
    },
    end,
  };
};
