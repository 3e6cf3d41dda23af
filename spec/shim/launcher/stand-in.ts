/**
 * A daemon that does as little as one can: takes containers in, and says who it is. For specs of what starts it.
 *
 * STAND_IN says how it behaves otherwise: `mute` takes connections and answers nothing, `slow` starts to answer when asked
 * to by the file `go` in its folder, `foreign` knows no groups. A container called `leave…` is refused as by a daemon that
 * ends, and then it does. It notes its pid in STAND_IN_FOLDER, for who cleans up.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { GroupDefinition, TaskDefinition } from '../../../src/shim/messages/index.js';
import { service, TtrpcError, ttrpcServer } from '../../../src/shim/ttrpc/index.js';

const [action, ...words] = process.argv.slice(2);
const folder = process.env['STAND_IN_FOLDER'] as string;
const behaviour = process.env['STAND_IN'];
const socket = words[words.indexOf('-socket') + 1] as string;

const joined: string[] = [];

const leave = (): void => {
  rmSync(socket, { force: true });
  void server.close({ within: 100 }).then(() => process.exit(0));
};

const none = Object.fromEntries(Object.keys(TaskDefinition.methods).map((name) => [name, undefined]));
const task = service(TaskDefinition, {
  ...(none as Record<keyof typeof TaskDefinition.methods, undefined>),
  connect: async () => ({ shimPid: process.pid, taskPid: 0, version: joined.join(' ') }),
  shutdown: async () => {
    setTimeout(leave, 0);
    return {};
  },
});
const group = service(GroupDefinition, {
  join: async ({ id, bundle }) => {
    if (id.startsWith('leave')) {
      setTimeout(leave, 200);
      throw new TtrpcError('unavailable', 'leaving: unavailable');
    }
    joined.push(`${id}=${bundle}`);
    return {};
  },
});
const server = ttrpcServer({ services: behaviour === 'foreign' ? [task] : [task, group] });

const serve = (): void => {
  if (behaviour === 'mute') createServer().listen({ fd: 3 });
  else if (behaviour === 'slow' && !existsSync(join(folder, 'go'))) setTimeout(serve, 20);
  else server.listen({ fd: 3 });
};

if (action === 'daemon') {
  writeFileSync(join(folder, `${process.pid}.pid`), socket);
  serve();
} else {
  process.stdout.write(
    JSON.stringify({ words: process.argv.slice(2), env: process.env, cwd: process.cwd() }),
  );
}
