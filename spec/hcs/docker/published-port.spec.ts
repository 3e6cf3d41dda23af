/** A server in a container with a network: a bridge of this machine, and a port that Docker's proxy publishes. */
import { execFileSync } from 'node:child_process';
import { afterAll, expect, test } from '@jest/globals';
import { onEachDaemon } from './on-daemons.js';
import { overSsh } from './over-ssh.js';

const bridge = `rxs${process.pid}`.slice(0, 15);
/** One that is not in use by others, most likely. */
const subnet = `10.${200 + (process.pid % 50)}.${process.pid % 250}`;

const makeBridge = async (): Promise<readonly string[]> => {
  const ip = (...args: readonly string[]) => execFileSync('ip', args);
  ip('link', 'add', bridge, 'type', 'bridge');
  ip('address', 'add', `${subnet}.1/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  return [`--bridge=${bridge}`, '--userland-proxy=true'];
};

onEachDaemon(
  'a server in a container',
  ({ container, start, daemon }) => {
    afterAll(() => void execFileSync('ip', ['link', 'delete', bridge]));

    // Docker's proxy accepts connections before the server does, and closes them.
    test('is ready when it takes connections at its published port, and not before', async () => {
      const system = container({
        network: 'bridge',
        ports: [8080],
        command: ['sh', '-c', 'echo served >/tmp/index.html; sleep 1; exec httpd -f -p 8080 -h /tmp'],
      });
      const task = await start(system);
      await system.ready({ port: 8080 });
      const { host, port } = await system.port(8080);
      expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe('served\n');
      await expect(system.port(8081)).rejects.toMatchObject({ kind: 'notFound' });
      await expect(system.ready({ port: 8081 })).rejects.toMatchObject({ kind: 'notFound' });
      await task.kill('SIGKILL');
      await task.wait();
      await task.delete();
    });

    test.each(['this host', 'another host, by ssh'])(
      'that never listens is not ready, on %s',
      async (place) => {
        const there = place === 'this host' ? undefined : overSsh(daemon().socket);
        const system = container({
          network: 'bridge',
          ports: [8080],
          command: ['sleep', '1000'],
          ...(there && { host: there.host }),
        });
        const task = await start(system);
        await expect(system.ready({ port: 8080 }, 1_000)).rejects.toMatchObject({
          kind: 'unavailable',
          message: expect.stringContaining('port 8080 took connections'),
        });
        await task[Symbol.asyncDispose]();
        there?.close();
      },
    );
  },
  ['docker'],
  makeBridge,
);
