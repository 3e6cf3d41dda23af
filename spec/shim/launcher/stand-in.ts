/**
 * A daemon that does as little as one can: takes containers in, and says who it is. For specs of what starts it.
 *
 * It ends when asked to shut down. The id `leave` of a Join is refused as by a daemon that ends, and then it does.
 */
import { rmSync } from 'node:fs';
import { GroupDefinition, TaskDefinition } from '../../../src/shim/messages/index.js';
import { service, TtrpcError, ttrpcServer } from '../../../src/shim/ttrpc/index.js';

const words = process.argv.slice(3);
const flag = (name: string): string => words[words.indexOf(`-${name}`) + 1] ?? '';

const joined: string[] = [];
const unimplemented = Object.fromEntries(
  Object.keys(TaskDefinition.methods).map((name) => [name, undefined]),
);

const leave = (): void => {
  rmSync(flag('socket'), { force: true });
  void server.close({ within: 100 }).then(() => process.exit(0));
};

const server = ttrpcServer({
  services: [
    service(GroupDefinition, {
      join: async ({ id }) => {
        if (id === 'leave') {
          setTimeout(leave, 50);
          throw new TtrpcError('unavailable', 'leaving: unavailable');
        }
        joined.push(id);
        return {};
      },
    }),
    service(TaskDefinition, {
      ...(unimplemented as unknown as Record<keyof typeof TaskDefinition.methods, undefined>),
      connect: async () => ({ shimPid: process.pid, taskPid: 0, version: joined.join(' ') }),
      shutdown: async () => {
        setTimeout(leave, 0);
        return {};
      },
    }),
  ],
});

if (process.argv[2] === 'daemon') server.listen({ fd: 3 });
else process.stdout.write(JSON.stringify(process.argv.slice(2)));
