import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { type Bundle, bootstrap, describeLauncher, type Harness, harness, namespace } from './harness.js';

const pod = (group: string): object => ({ annotations: { 'io.kubernetes.cri.sandbox-id': group } });

/** Where a group's daemon listens, known by starting one that ends again. */
const placeOf = async (staged: Harness, group: string): Promise<string> => {
  const path = await staged.start(staged.bundle(pod(group)));
  await staged.shutdown(path);
  await until(() => !existsSync(path));
  return path;
};

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const listenAt = async (path: string, serve: (socket: Socket) => void): Promise<Server> => {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    // A client may disconnect without reading the rest.
    socket.on('error', () => undefined);
    serve(socket);
  }).listen(path);
  await once(server, 'listening');
  return server;
};

const end = (server: Server): Promise<unknown> => new Promise((resolve) => server.close(resolve));

describeLauncher('many starts, and daemons that come and go', () => {
  const staged = harness();
  const { address, bundle, daemon, daemons, prefix, run, shutdown, sockets, start } = staged;

  test('fifty containers of a pod that start at once get one daemon, which knows each of them', async () => {
    const made = Array.from({ length: 50 }, () => bundle(pod('many')));
    const paths = await Promise.all(made.map((each) => start(each)));
    expect(new Set(paths).size).toBe(1);
    const { pid, joined } = await daemon(paths[0] as string);
    // One has started it, and the daemon hears of that one from containerd.
    expect(joined).toHaveLength(49);
    expect(new Set(joined).size).toBe(49);
    expect(daemons()).toEqual([pid]);
  });

  test('waits for a daemon that is still starting', async () => {
    const env = { STAND_IN: 'slow' };
    const path = await start(bundle(pod('slow')), { env });
    const joining = start(bundle(pod('slow')), { env });
    writeFileSync(join(prefix, 'pids/go'), '');
    expect(await joining).toBe(path);
  });

  test('starts anew where a daemon was killed and its socket is left', async () => {
    const path = await start(bundle(pod('killed')));
    const { pid } = await daemon(path);
    process.kill(pid, 'SIGKILL');
    await until(() => !existsSync(`/proc/${pid}/fd/3`));
    expect(existsSync(path)).toBe(true);
    expect(await start(bundle(pod('killed')))).toBe(path);
    expect((await daemon(path)).pid).not.toBe(pid);
  });

  test('starts anew where a daemon has gone by itself', async () => {
    const path = await placeOf(staged, 'gone');
    expect(await start(bundle(pod('gone')))).toBe(path);
    expect((await daemon(path)).joined).toEqual([]);
  });

  test('waits for a daemon that is leaving, and then starts anew', async () => {
    const path = await start(bundle(pod('leaving')));
    const { pid } = await daemon(path);
    const next: Bundle = { ...bundle(pod('leaving')), id: 'leave-1' };
    expect(await start(next)).toBe(path);
    const after = await daemon(path);
    expect(after.pid).not.toBe(pid);
    expect(after.joined).toEqual([]);
  });

  test('takes a connection that is closed for a daemon that is leaving', async () => {
    const path = await placeOf(staged, 'closing');
    let turned = 0;
    const server = await listenAt(path, (socket) => {
      turned += 1;
      socket.destroy();
      if (turned === 3) rmSync(path);
    });
    expect(await start(bundle(pod('closing')))).toBe(path);
    expect(turned).toBe(3);
    await end(server);
  });

  test('never takes the place of one that lives, however long it does not go', async () => {
    const path = await placeOf(staged, 'stays');
    const server = await listenAt(path, (socket) => socket.destroy());
    const inode = statSync(path).ino;
    const { code, stderr } = await run(bundle(pod('stays')));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `rxshim: the daemon at ${path} is leaving and does not go\n`,
    });
    expect(statSync(path).ino).toBe(inode);
    await end(server);
  });

  test.each([
    ['a daemon that knows no groups', { STAND_IN: 'foreign' }],
    ['a server of another kind', undefined],
  ])('says so when what is there is %s', async (what, env) => {
    const path = env ? await start(bundle(pod(what)), { env }) : await placeOf(staged, what);
    const server = env
      ? undefined
      : await listenAt(path, (socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { code, stderr } = await run(bundle(pod(what)));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `rxshim: what listens at ${path} is no shim of rxshim\n`,
    });
    if (server) await end(server);
    else await shutdown(path);
  });

  test('gives up on one that does not answer, and lets no other group wait meanwhile', async () => {
    const path = await start(bundle(pod('mute')), { env: { STAND_IN: 'mute' } });
    let waits = true;
    const waiting = run(bundle(pod('mute'))).finally(() => {
      waits = false;
    });
    await start(bundle());
    expect(waits).toBe(true);
    const { code, stderr } = await waiting;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `rxshim: the daemon of this group does not answer at ${path}\n`,
    });
  });

  test('says so when the place is no socket', async () => {
    const path = await placeOf(staged, 'file');
    mkdirSync(path);
    const { code, stderr } = await run(bundle(pod('file')));
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^rxshim: cannot .*${basename(path)}`));
    rmSync(path, { recursive: true });
  });

  test('leaves neither socket nor daemon when the bundle cannot be written to', async () => {
    const made = bundle(pod('readonly'));
    mkdirSync(join(made.path, 'address'));
    chmodSync(made.path, 0o700);
    const before = daemons();
    const { code, stdout, stderr } = await run(made);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(`rxshim: cannot write address into ${made.path}: Is a directory\n`);
    // Nothing is in its way now, and it is a daemon of its own.
    rmSync(join(made.path, 'address'), { recursive: true });
    const { pid } = await daemon(await start(made));
    expect(before).not.toContain(pid);
    expect(daemons()).toContain(pid);
  });

  test('leaves neither socket nor daemon when the address cannot be written', async () => {
    const made = bundle(pod('unread'));
    const path = await placeOf(staged, 'unread');
    const words = ['-namespace', namespace, '-address', address, '-id', made.id, 'start'];
    const child = spawn(join(prefix, 'bin/containerd-shim-rxshim-v1'), words, {
      cwd: made.path,
      env: { ...process.env, STAND_IN_FOLDER: join(prefix, 'pids') },
    });
    child.stdout.destroy();
    child.stdin.end(bootstrap({ instanceId: made.id, namespace, socketDir: sockets }));
    expect(await text(child.stderr)).toBe('rxshim: cannot write the address to stdout: Broken pipe\n');
    expect(existsSync(path)).toBe(false);
  });
});
