/**
 * The program behind the launcher: the daemon, and what the launcher cannot do by itself.
 *
 * Only containerd reads its output: the answer on stdout, and one line for a failure on stderr.
 */
import { buffer } from 'node:stream/consumers';
import { messageOf } from '../hcs/failures/errors.js';
import { shimArguments } from './arguments.js';
import { runDaemon } from './daemon/run-daemon.js';

const run = async (): Promise<void> => {
  const given = shimArguments(process.argv.slice(2));
  if (given.flag('info') !== undefined)
    return print(await (await import('./info.js')).runtimeInfo(await readStdin()));
  if (given.flag('v') ?? given.flag('version')) return print((await import('./info.js')).versionText());
  switch (given.action) {
    case 'daemon':
      return runDaemon(given);
    case 'delete':
      return print(await (await import('./delete.js')).cleanUp(given));
    default:
      throw new Error(`unknown action ${JSON.stringify(given.action)}: expected start or delete`);
  }
};

/** Nothing from a terminal: a user wants to see the answer. */
const readStdin = async (): Promise<Uint8Array> =>
  process.stdin.isTTY ? new Uint8Array() : buffer(process.stdin);

const print = (answer: Uint8Array | string): void => void process.stdout.write(answer);

run().catch((error) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
