import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom, NEVER, type Observable, Subject } from 'rxjs';
import { dialOneSocket, dialSockets } from '../../src/agent/dialer.js';
import { localEngine } from '../../src/agent/engines/local.js';
import { runAgent } from '../../src/agent/run.js';
import { serveAgent } from '../../src/agent/serve.js';
import { kindOf } from '../../src/hcs/failures/errors.js';
import {
  connectGuest,
  type Guest,
  guestCommand,
  oneSocket,
  streamConnection,
  vsockSockets,
} from '../../src/hcs/guest/index.js';
import { createTask, lines } from '../../src/index.js';
import { main } from '../cli/rxshim.js';
import { saysReady } from '../support/ready.js';
import {
  cleanUpAfter,
  connectedAgent,
  container,
  describeOnLinux,
  socketPath,
  startAgent,
} from './real-agent.js';

const failureOf = (asked: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(asked).then(
    () => undefined,
    (error: unknown) => error,
  );

/** Another program is the guest, so that it can die. */
const childGuest = async (): Promise<{ readonly guest: Guest; readonly pid: number }> => {
  const before = new Set(children());
  const guest = await connectGuest(
    guestCommand({ command: process.execPath, args: [main, 'agent', 'stdio'] }),
  );
  cleanUpAfter(() => guest.close());
  const [pid] = children().filter((one) => !before.has(one));
  return { guest, pid: pid as number };
};

const children = (): number[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

const dialling = (path: string): Promise<Socket | NodeJS.ErrnoException> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', resolve);
  });

describeOnLinux('a guest that dies', () => {
  const killed = {
    by: 'error',
    error: { message: expect.stringContaining("the guest's agent was ended by SIGKILL") },
  };

  it('while its container runs: the exec is lost, and says to what', async () => {
    const { guest, pid } = await childGuest();
    const system = await container(guest, saysReady);
    const task = await createTask({ id: 'c1', system, stdio: { stdout: 'pipe' } });
    await task.init.start();
    for await (const line of lines(task.init.stdout)) if (line === 'ready') break;
    process.kill(pid, 'SIGKILL');
    const outcome = await task.wait();
    expect(outcome).toMatchObject({ kind: 'lost' });
    expect(JSON.stringify(outcome)).toContain('was ended by SIGKILL');
    expect(await firstValueFrom(system.exit$)).toMatchObject({ reason: 'lost' });
    expect(await firstValueFrom(guest.end$)).toMatchObject(killed);
    expect(kindOf(await failureOf(guest.dumpStacks()))).toBe('unavailable');
    await task[Symbol.asyncDispose]();
    // Its processes are orphans now, which this spec has to kill.
    process.kill(task.init.pid, 'SIGKILL');
  });

  it.each(['create', 'start', 'exec', 'signal', 'shutdown'])(
    'at the moment of %s: nothing is left waiting',
    async (moment) => {
      const { guest, pid } = await childGuest();
      const script = 'exec sleep 5';
      const kill = () => process.kill(pid, 'SIGKILL');
      if (moment === 'create') {
        const asked = failureOf(container(guest, script));
        kill();
        expect(kindOf(await asked)).toBe('unavailable');
        return;
      }
      const system = await container(guest, script);
      const task = await createTask({ id: 'c1', system, stdio: { stdout: 'pipe' } });
      if (moment === 'start') {
        const asked = failureOf(task.init.start());
        kill();
        // It may have got through before.
        await asked;
      } else {
        await task.init.start();
        const asked =
          moment === 'exec'
            ? system.createProcess({ OciProcess: { args: ['true'] } })
            : moment === 'signal'
              ? system.pids()
              : system.shutdown();
        const ended = failureOf(lastValueFrom(asked as Observable<unknown>, { defaultValue: undefined }));
        kill();
        await ended;
      }
      await task.wait();
      await task[Symbol.asyncDispose]();
      expect(await firstValueFrom(guest.end$)).toMatchObject(killed);
    },
  );
});

describeOnLinux('a guest that never comes', () => {
  it('is waited for as long as was said, and nothing is left of the waiting', async () => {
    const path = socketPath();
    const failure = await failureOf(connectGuest(vsockSockets(path), { connectTimeout: 20 }));
    expect(failure).toMatchObject({
      kind: 'unavailable',
      message: 'no guest has connected within 20 ms: unavailable',
    });
  });

  it('can be given up at any moment', async () => {
    const path = socketPath();
    const waiting = connectGuest(vsockSockets(path)).subscribe();
    while (readdirSync(dirname(path)).length === 0) await setTimeout(1);
    waiting.unsubscribe();
    while (readdirSync(dirname(path)).length > 0) await setTimeout(1);
  });

  it('is no executable, or fails at once: that is reported', async () => {
    const none = await failureOf(connectGuest(guestCommand({ command: '/no/such' })));
    expect(none).toMatchObject({ kind: 'notFound' });
    const failed = await failureOf(connectGuest(guestCommand({ command: 'sh', args: ['-c', 'exit 5'] })));
    expect(failed).toMatchObject({ message: expect.stringContaining("the guest's agent exited with 5") });
  });

  it('may be one that says nothing, or nonsense', async () => {
    const path = socketPath();
    const asked = failureOf(connectGuest(vsockSockets(path)));
    while (readdirSync(dirname(path)).length === 0) await setTimeout(1);
    const socket = await firstValueFrom(dialSockets(path)(0x40000000));
    socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    expect(await asked).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('invalid message size'),
    });
    socket.destroy();
  });

  it('has no room at a path that is taken, and takes over one whose owner died', async () => {
    const path = socketPath();
    const waiting = connectGuest(vsockSockets(path)).subscribe({ error: () => undefined });
    while (readdirSync(dirname(path)).length === 0) await setTimeout(1);
    expect(kindOf(await failureOf(connectGuest(vsockSockets(path))))).toBe('alreadyExists');
    waiting.unsubscribe();
    while (readdirSync(dirname(path)).length > 0) await setTimeout(1);
    // A stale socket file, without a listener.
    const { spawnSync } = await import('node:child_process');
    const script = `require('net').createServer().listen(${JSON.stringify(`${path}_1073741824`)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect(existsSync(`${path}_1073741824`)).toBe(true);
    const { stop } = startAgent(path);
    const guest = await connectGuest(vsockSockets(path));
    await guest.close();
    await stop();
  });

  it('cannot be awaited at a path that no socket can have', () => {
    expect(() => vsockSockets('x'.repeat(100))).toThrow('a path of at most 107 bytes');
    expect(() => oneSocket({ port: 65536 })).toThrow('a port from 0 to 65535');
  });
});

describeOnLinux('a guest that dials', () => {
  it('twice is refused: the bridge and each stream are taken once', async () => {
    const { path, guest } = await connectedAgent();
    expect(await dialling(`${path}_1073741824`)).toMatchObject({ code: 'ENOENT' });
    const system = await container(guest, 'cat');
    const process = await firstValueFrom(
      system.createProcess({ CreateStdInPipe: true, CreateStdOutPipe: true }),
    );
    for (const port of [0x40000001, 0x40000002]) {
      expect(await dialling(`${path}_${port}`)).toMatchObject({ code: 'ENOENT' });
    }
    await lastValueFrom(process.closeStdin(), { defaultValue: undefined });
    for await (const _ of process.stdio.stdout!);
    expect(await firstValueFrom(process.exit$)).toMatchObject({ code: 0 });
  });

  it('a port that was never offered is refused, by name where there is but one socket', async () => {
    const { path } = await connectedAgent();
    expect(await dialling(`${path}_1073741999`)).toMatchObject({ code: 'ENOENT' });
    const transport = oneSocket({ port: 0 });
    const address = await firstValueFrom(transport.listen());
    const socket = await firstValueFrom(dialOneSocket(address)(0x40000009));
    await new Promise((resolve) => socket.once('end', resolve).resume());
    socket.destroy();
    const rude = connect({ host: '127.0.0.1', ...(address as { port: number }) });
    rude.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) =>
      rude
        .once('close', resolve)
        .on('error', () => undefined)
        .resume(),
    );
    await lastValueFrom(transport.close(), { defaultValue: undefined });
  });

  it('not at all, for a process that it claims to have created: its streams end when its exit is reported', async () => {
    const path = socketPath();
    const asked = Promise.resolve(connectGuest(vsockSockets(path)));
    const dial = dialSockets(path);
    while (readdirSync(dirname(path)).length === 0) await setTimeout(1);
    const socket = await firstValueFrom(dial(0x40000000));
    // A real guest but for its calls: it makes processes without any stream.
    serveAgent({
      connection: streamConnection(socket, socket),
      dial: () => NEVER,
      engine: localEngine(),
    }).subscribe();
    const guest = await asked;
    const system = await container(guest, 'true');
    const process$ = system.createProcess({ CreateStdOutPipe: true });
    const failure = failureOf(firstValueFrom(process$));
    await guest.close();
    expect(kindOf(await failure)).toBe('unavailable');
  });
});

describeOnLinux('a host that leaves', () => {
  it('takes along all that it had made, and may come back to an empty guest', async () => {
    const path = socketPath();
    const { served } = startAgent(path);
    const first = await connectGuest(vsockSockets(path));
    const system = await container(first, 'exec sleep 600');
    const process = await firstValueFrom(system.createProcess({}));
    const external = await firstValueFrom(first.host.createProcess({ CommandArgs: ['sleep', '600'] }));
    await first.close();
    expect(await firstValueFrom(system.exit$)).toMatchObject({ reason: 'lost' });
    const second = await connectGuest(vsockSockets(path));
    expect(served).toEqual([{ reason: 'left' }]);
    expect(existsSync(`/proc/${process.pid}`)).toBe(false);
    expect(existsSync(`/proc/${external.pid}`)).toBe(false);
    await container(second, 'true');
    await second.close();
  });

  it('in the middle of a message is reported to the holder of the agent', async () => {
    const path = socketPath();
    const server = oneSocket({ path });
    await firstValueFrom(server.listen());
    const bridge$ = firstValueFrom(server.openBridge());
    const stop$ = new Subject<void>();
    const served = firstValueFrom(runAgent({ dial: dialOneSocket({ path }), engine: localEngine(), stop$ }));
    const connection = await bridge$;
    connection.send(Buffer.from([1, 2, 3]));
    await setTimeout(20);
    connection.close();
    expect(await served).toMatchObject({ reason: 'error' });
    await lastValueFrom(server.close(), { defaultValue: undefined });
  });
});

describeOnLinux('over one socket for everything', () => {
  it.each(['tcp', 'unix'])('of %s, commands run as over any other', async (kind) => {
    const transport = oneSocket(kind === 'tcp' ? { port: 0 } : { path: socketPath() });
    const address = await firstValueFrom(transport.listen());
    const stop$ = new Subject<void>();
    const done = lastValueFrom(runAgent({ dial: dialOneSocket(address), engine: localEngine(), stop$ }), {
      defaultValue: undefined,
    });
    const guest = await connectGuest(transport);
    const system = await container(guest, 'cat; exit 3');
    const process = await firstValueFrom(
      system.createProcess({ CreateStdInPipe: true, CreateStdOutPipe: true }),
    );
    await process.stdio.stdin!.write(Buffer.from('hello'));
    await lastValueFrom(process.closeStdin(), { defaultValue: undefined });
    const chunks: string[] = [];
    for await (const chunk of process.stdio.stdout!) chunks.push(Buffer.from(chunk).toString());
    expect(chunks.join('')).toBe('hello');
    expect(await firstValueFrom(process.exit$)).toMatchObject({ code: 3 });
    await guest.close();
    stop$.next();
    await done;
  });
});
