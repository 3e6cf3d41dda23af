/**
 * A real guest with real processes, at the other end of real sockets.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe } from '@jest/globals';
import { lastValueFrom, Subject, tap } from 'rxjs';
import { dialSockets } from '../../src/agent/dialer.js';
import { localEngine } from '../../src/agent/engines/local.js';
import { runAgent } from '../../src/agent/run.js';
import type { Served } from '../../src/agent/serve.js';
import type { ProcessSpec } from '../../src/hcs/contract/process-spec.js';
import { connectGuest, type Guest, type GuestContainer, vsockSockets } from '../../src/hcs/guest/index.js';

/** What hosts processes here is Linux's. */
export const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

export interface ConnectedAgent {
  readonly guest: Guest;
  /** Of the sockets, without the port. */
  readonly path: string;
  /** Hosts that were served to their end, so far. */
  readonly served: readonly Served[];
  /** Ends the guest, and settles when it has ended. */
  stop(): Promise<unknown>;
}

const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** Runs after the spec, the latest first. */
export const cleanUpAfter = (step: () => unknown): void => void undo.push(step);

/** A path for sockets, in a directory of its own, which has nothing in it in the end. */
export const socketPath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'rxshim-spec-'));
  cleanUpAfter(() => {
    const left = readdirSync(folder);
    rmSync(folder, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  });
  return join(folder, 'v');
};

/** A directory for the records of a guest, removed after the spec. */
export const recordsDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'rxshim-spec-'));
  cleanUpAfter(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

/** A guest that dials `path` until it is stopped. */
export const startAgent = (path: string, keepFor = 0): Pick<ConnectedAgent, 'served' | 'stop'> => {
  const stop$ = new Subject<void>();
  const served: Served[] = [];
  const guest$ = runAgent({ dial: dialSockets(path), engine: localEngine(), stop$, keepFor });
  const done = lastValueFrom(guest$.pipe(tap((one) => served.push(one))), { defaultValue: undefined });
  const stop = (): Promise<unknown> => {
    stop$.next();
    return done;
  };
  cleanUpAfter(stop);
  return { served, stop };
};

/** Both sides. */
export const connectedAgent = async (): Promise<ConnectedAgent> => {
  const path = socketPath();
  const started = startAgent(path);
  const guest = await connectGuest(vsockSockets(path));
  cleanUpAfter(() => guest.close());
  return { guest, path, ...started };
};

/** A container whose init runs a script. */
export const container = (
  guest: Guest,
  script: string,
  { id = 'c1', ...process }: ProcessSpec & { readonly id?: string } = {},
): PromiseLike<GuestContainer> =>
  guest.createContainer({ id, spec: { process: { args: ['sh', '-c', script], ...process } } });
