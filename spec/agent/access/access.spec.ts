import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom, NEVER } from 'rxjs';
import { requirePrivateDirectory } from '../../../src/agent/access/private-directory.js';
import { dialOneSocket, dialSockets, localEngine, runAgent } from '../../../src/agent/index.js';
import { kindOf } from '../../../src/hcs/failures/errors.js';
import { describeOnLinux } from '../real-agent.js';

let folder = '';
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxshim-spec-'));
});

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const listen = (path: string): Promise<void> =>
  new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().end();
    });
    servers.push(server);
    server.listen(path, resolve);
  });

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => error,
  );

describeOnLinux('the directory of a socket', () => {
  it('may be written to by its owner alone', () => {
    for (const mode of [0o700, 0o755, 0o1700]) {
      chmodSync(folder, mode);
      expect(() => requirePrivateDirectory(join(folder, 'g'))).not.toThrow();
    }
    for (const mode of [0o777, 0o1777, 0o770, 0o702]) {
      chmodSync(folder, mode);
      expect(() => requirePrivateDirectory(join(folder, 'g'))).toThrow('other users can write to it');
    }
    expect(() => requirePrivateDirectory('/tmp/g')).toThrow('refuse the sockets /tmp/g: directory /tmp');
  });

  it('may not be below one that others could rename it in', () => {
    const inner = join(folder, 'inner');
    mkdirSync(inner, { mode: 0o700 });
    expect(() => requirePrivateDirectory(join(inner, 'g'))).not.toThrow();
    chmodSync(folder, 0o777);
    expect(() => requirePrivateDirectory(join(inner, 'g'))).toThrow(`directory ${folder}: other users`);
    chmodSync(folder, 0o1777);
    expect(() => requirePrivateDirectory(join(inner, 'g'))).not.toThrow();
  });

  it('need not exist yet', () => {
    expect(() => requirePrivateDirectory(join(folder, 'later', 'g'))).not.toThrow();
  });
});

describeOnLinux('an agent', () => {
  it('dials a socket of its own user', async () => {
    await listen(join(folder, 'g_5'));
    const socket = await firstValueFrom(dialSockets(join(folder, 'g'))(5));
    socket.destroy();
  });

  it.each([
    ['dialSockets', () => dialSockets(join(folder, 'g'), { uids: [54_321] })],
    ['dialOneSocket', () => dialOneSocket({ path: join(folder, 'g_5') }, { uids: [54_321] })],
  ])('refuses the socket of a user that is not accepted, by %s', async (_, dial) => {
    await listen(join(folder, 'g_5'));
    const failure = await failureOf(firstValueFrom(dial()(5)));
    expect(kindOf(failure)).toBe('permissionDenied');
    expect(String(failure)).toContain(`refuse a client of uid ${process.getuid?.()}: expected 54321`);
  });

  it('does not wait at a place that is not safe', async () => {
    chmodSync(folder, 0o777);
    const dial = dialSockets(join(folder, 'g'));
    const failure = await failureOf(
      lastValueFrom(runAgent({ dial, engine: localEngine(), stop$: NEVER }), { defaultValue: undefined }),
    );
    expect(kindOf(failure)).toBe('permissionDenied');
  });
});
