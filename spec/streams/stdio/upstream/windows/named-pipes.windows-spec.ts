import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { local } from '../../../../../src/hcs/local/index.js';
import { createTask } from '../../../../../src/index.js';
import { openUpstream } from '../../../../../src/streams/stdio/upstream/open-upstream.js';
import type { UpstreamIo } from '../../../../../src/streams/stdio/upstream.js';
import { pause } from '../../../../hcs/windows/on-the-double.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const newPath = (): string => `\\\\.\\pipe\\rxshim-spec-${randomUUID()}`;

/** The other side of a pipe: takes clients, as containerd does. */
const serve = async (
  path: string,
): Promise<{ client: () => Promise<Socket>; server: Server; stop: () => Promise<void> }> => {
  const server = createServer({ pauseOnConnect: false });
  const clients: Socket[] = [];
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    clients.push(socket);
  });
  server.listen(path);
  await once(server, 'listening');
  let taken = 0;
  const stop = async (): Promise<void> => {
    for (const socket of clients) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  closing.push(stop);
  return {
    server,
    stop,
    client: async () => {
      while (clients.length === taken) await pause(5);
      return clients[taken++]!;
    },
  };
};

const open = async (request: Parameters<typeof openUpstream>[0], options = {}): Promise<UpstreamIo> => {
  const upstream = await firstValueFrom(openUpstream(request, { containerId: 'c' }, options));
  closing.push(() => lastValueFrom(upstream.close(), { defaultValue: undefined }));
  return upstream;
};

/** What has come by the time that it matches. */
const received = async (socket: Socket, pattern: RegExp): Promise<string> => {
  let said = '';
  socket.on('data', (chunk) => (said += chunk));
  while (!pattern.test(said)) await pause(5);
  return said;
};

describe('stdio on named pipes of Windows', () => {
  it('goes both ways', async () => {
    const [inPath, outPath] = [newPath(), newPath()];
    const [input, output] = [await serve(inPath), await serve(outPath)];
    const upstream = await open({ stdin: inPath, stdout: outPath });
    expect([upstream.stdinPath, upstream.stdoutPath]).toEqual([inPath, outPath]);
    await upstream.stdout!.write(Buffer.from('out'));
    expect(await received(await output.client(), /out/)).toBe('out');
    const writer = await input.client();
    writer.end('in');
    let got = '';
    for await (const chunk of upstream.stdin!) got += Buffer.from(chunk).toString();
    expect(got).toBe('in');
  });

  it('goes on with the next reader where the last one has gone, and loses no write that failed', async () => {
    const path = newPath();
    const before = await serve(path);
    const upstream = await open({ stdout: path });
    await upstream.stdout!.write(Buffer.from('first'));
    expect(await received(await before.client(), /first/)).toBe('first');
    await before.stop();
    await pause(50);
    const writing = upstream.stdout!.write(Buffer.from('second'));
    await pause(50);
    const after = await serve(path);
    expect(await received(await after.client(), /second/)).toBe('second');
    await writing;
  });

  it('fails when the reader stays away for too long', async () => {
    const path = newPath();
    const reader = await serve(path);
    const upstream = await open({ stdout: path }, { pipeRetryTimeout: 1 });
    await reader.client();
    await reader.stop();
    await pause(50);
    await expect(upstream.stdout!.write(Buffer.from('x'))).rejects.toMatchObject({
      kind: 'unavailable',
      message: `reached timeout while retrying dial on ${path}: unavailable`,
    });
  });

  it('does not wait for a reader any longer when it is closed', async () => {
    const path = newPath();
    const reader = await serve(path);
    const upstream = await open({ stdout: path });
    await reader.client();
    await reader.stop();
    await pause(50);
    const writing = upstream.stdout!.write(Buffer.from('x'));
    const refused = expect(writing).rejects.toMatchObject({ kind: 'failedPrecondition' });
    await pause(50);
    await lastValueFrom(upstream.close(), { defaultValue: undefined });
    await refused;
  });

  it('is refused where there is no such pipe', async () => {
    const path = newPath();
    await expect(open({ stdout: path })).rejects.toMatchObject({
      kind: 'invalidArgument',
      field: 'stdout',
      value: path,
    });
    await expect(open({ stdin: path })).rejects.toMatchObject({ kind: 'invalidArgument', field: 'stdin' });
  });

  it('carries the output of a process', async () => {
    const path = newPath();
    const reader = await serve(path);
    const task = await createTask({
      id: 'piped',
      system: local(),
      spec: { args: ['cmd', '/c', 'echo over the pipe'] },
      stdio: { stdout: { path } },
    });
    await task.init.start();
    expect(await received(await reader.client(), /pipe/)).toContain('over the pipe');
    await task.wait();
    await task.delete();
  });
});

describe('a logging program on Windows', () => {
  it('gets what the process writes, from when it says that it is ready', async () => {
    const log = join(tmpdir(), `rxshim-${randomUUID()}.log`);
    const program = `
      const net = require('node:net'), fs = require('node:fs');
      const file = fs.createWriteStream(process.argv[1]);
      const out = net.connect(process.env.CONTAINER_STDOUT), err = net.connect(process.env.CONTAINER_STDERR);
      let open = 2;
      for (const s of [out, err]) { s.on('data', (d) => file.write(process.env.CONTAINER_ID + ' ' + d)); s.on('close', () => { if (--open === 0) file.end(() => process.exit()); }); s.on('error', () => {}); }
      const wait = net.connect(process.env.CONTAINER_WAIT, () => wait.end('x'));`;
    const query = new URLSearchParams([
      ['-e', program],
      [log, ''],
    ]);
    const uri = `binary:///${process.execPath.replaceAll('\\', '/')}?${query}`;
    const upstream = await open({ stdout: uri });
    await upstream.stdout!.write(Buffer.from('logged\n'));
    await lastValueFrom(upstream.close(), { defaultValue: undefined });
    expect(readFileSync(log, 'utf8')).toBe('c logged\n');
    rmSync(log);
  });

  it('that is not there is not found', async () => {
    await expect(open({ stdout: 'binary:///C:/no/such/logger.exe' })).rejects.toMatchObject({
      kind: 'notFound',
    });
  });

  it('of another machine is refused', async () => {
    await expect(open({ stdout: 'binary:////server/share/logger.exe' })).rejects.toMatchObject({
      kind: 'invalidArgument',
      message: expect.stringContaining('path is unsafe'),
    });
  });
});
