/**
 * The guest's agent as a child process, with the bridge on its stdin and stdout (`--use-inout-err` of Microsoft's
 * agent). Its stderr is that of this process.
 *
 * Its stdio ports are unix sockets in the form of `vsock-sockets.ts`, at `<sockets>_P`; the child gets the prefix in
 * the environment. When the bridge ends the child should exit, or it is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { merge, Observable } from 'rxjs';
import type { Act } from '../../contract/compute-process.js';
import { invalid, RxshimError } from '../../failures/errors.js';
import { requireKnown } from '../../failures/refuse-unknown.js';
import { type BridgeConnection, streamConnection } from '../bridge/connection.js';
import type { GuestTransport } from './transport.js';
import { vsockSockets } from './vsock-sockets.js';

/** Options of `guestCommand`. */
export interface GuestCommandOptions {
  readonly command: string;
  readonly args?: readonly string[];
  /** By default that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The prefix of the stdio sockets. By default in a temporary directory, which is removed with the child. */
  readonly sockets?: string;
}

/** The environment variable with the prefix of the stdio sockets. */
export const socketsVariable = 'RXSHIM_GUEST_SOCKETS';

/** How long the child may take to exit after the bridge has ended, in milliseconds: it ends its containers first. */
const leaveTimeout = 5_000;
/** How long to wait for the exit after the end of its output, in milliseconds, for a better error message. */
const wordTimeout = 1_000;

/** @example connectGuest(guestCommand({ command: 'ssh', args: ['host', 'rxshim', 'agent', 'stdio'] })) */
export const guestCommand = (options: GuestCommandOptions): GuestTransport => {
  requireKnown('', options, ['command', 'args', 'env', 'sockets']);
  const { command, args = [], env = process.env, sockets } = options;
  if (typeof command !== 'string' || command === '')
    throw invalid('command', command, 'the name of an executable');
  const own = sockets === undefined ? mkdtempSync(join(tmpdir(), 'rxshim-guest-')) : undefined;
  const prefix = sockets ?? join(own as string, 'v');
  const ports = vsockSockets(prefix);
  let child: ChildProcess | undefined;

  const openBridge = (): Observable<BridgeConnection> =>
    new Observable((listener) => {
      if (child !== undefined) throw new RxshimError('failedPrecondition', 'the guest was started before');
      const started = spawn(command, args, {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...env, [socketsVariable]: prefix },
      });
      child = started;
      started.once('error', (cause: NodeJS.ErrnoException) => {
        const missing = cause.code === 'ENOENT';
        const text = `the guest's agent cannot be started: ${command}: ${missing ? 'no such executable' : cause.code}`;
        listener.error(new RxshimError(missing ? 'notFound' : 'unavailable', text, { cause }));
      });
      started.once('spawn', () => {
        const { stdin, stdout } = started;
        if (listener.closed) return;
        const connection = streamConnection(stdout!, stdin!);
        listener.next({ ...connection, received$: withLastWord(connection, started) });
        listener.complete();
      });
    });

  const ended = (): Act =>
    new Observable((listener) => {
      const done = (): void => {
        if (own !== undefined) rmSync(own, { recursive: true, force: true });
        listener.complete();
      };
      if (child === undefined || child.pid === undefined) return done();
      leave(child, done);
    });

  return { ...ports, openBridge, close: () => merge(ports.close(), ended()) };
};

/** The exit of a failed child is the better error, so it comes before the end of its output or a failed write. */
const withLastWord = ({ received$ }: BridgeConnection, child: ChildProcess): Observable<Uint8Array> =>
  new Observable((listener) => {
    const afterExit = (otherwise: () => void): void => {
      const report = (): void => {
        clearTimeout(timer);
        const { exitCode, signalCode } = child;
        if (!exitCode && !signalCode) return otherwise();
        const how = signalCode ? `was ended by ${signalCode}` : `exited with ${exitCode}`;
        listener.error(new RxshimError('unavailable', `the guest's agent ${how}`));
      };
      const timer = setTimeout(report, wordTimeout);
      if (hasEnded(child)) report();
      else child.once('exit', report);
    };
    return received$.subscribe({
      next: (bytes) => listener.next(bytes),
      error: (error) => afterExit(() => listener.error(error)),
      complete: () => afterExit(() => listener.complete()),
    });
  });

const leave = (child: ChildProcess, done: () => void): void => {
  child.stdin?.destroy();
  child.stdout?.destroy();
  if (hasEnded(child)) return done();
  const timer = setTimeout(() => child.kill('SIGKILL'), leaveTimeout);
  child.once('exit', () => {
    clearTimeout(timer);
    done();
  });
};

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;
