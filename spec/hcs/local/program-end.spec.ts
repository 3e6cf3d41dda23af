/** What becomes of local processes when the program that has started them ends. Each program is a Node of its own. */
import { spawn } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { lives } from './on-this-host.js';

const at = (path: string): string => new URL(`../../../dist/${path}`, import.meta.url).href;

/**
 * A tree: in the background, in a session of its own without an environment, deaf to SIGTERM, and the leader itself
 * without the environment that it was given. Each says its number.
 */
const tree = `
sleep 600 & echo $!
setsid env -i sh -c 'echo $$; exec sleep 600' &
sh -c 'trap "" TERM; echo $$; exec sleep 600' &
sh -c 'sh -c "echo \\$\\$; exec sleep 600" &'
exec env -i sh -c 'echo $$; exec sleep 600'`;
const size = 5;

/**
 * One listener for the exit, however many tasks there are: it names the execs that were never started. It changes nothing
 * about the end of the program.
 */
const counting = (names: readonly string[]): string => `
  const exits = process.listenerCount('exit');
  const count = () => ${JSON.stringify(names)}.map((name) => process.listenerCount(name)).join() +
    (process.listenerCount('exit') > exits + 1 ? ' and for the exit' : '');
  const before = count();`;

const program = (end: string, options = '{}', setup = ''): string => `
  import { createTask, lines } from '${at('index.js')}';
  import { local } from '${at('hcs/local/index.js')}';
  ${counting(['SIGTERM', 'SIGINT', 'SIGHUP', 'beforeExit'])}
  const spec = { args: ['sh', '-c', ${JSON.stringify(tree)}] };
  const task = await createTask({ id: 't', system: local(${options}), spec, stdio: { stdout: 'pipe' } });
  await task.init.start();
  let seen = 0;
  for await (const line of lines(task.init.stdout)) {
    console.log(line);
    if (++seen === ${size}) break;
  }
  const counted = count();
  ${setup}
  console.log('up', counted === before ? 'no more listeners' : counted);
  ${end}`;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly listeners: string;
  readonly said: string;
  readonly pids: readonly number[];
}

const run = (source: string, signal?: NodeJS.Signals): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (signal && /up .*\n/.test(said)) child.kill(signal);
    });
    child.once('error', reject);
    // Not `close`: what lives on may hold its output.
    child.once('exit', (code, by) =>
      resolve({
        code,
        signal: by,
        said,
        listeners: /up (.*)/.exec(said)?.[1] ?? '',
        pids: said.split('\n').slice(0, size).map(Number),
      }),
    );
  });

/** Those that live, as soon as none does, or after a while. */
const leftOf = async (pids: readonly number[], looks = 200): Promise<readonly number[]> => {
  for (let look = 0; look < looks && pids.some(lives); look += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return pids.filter(lives);
};

const waits = 'setInterval(() => undefined, 1e6);';

describe('the whole tree of a local process ends with the program', () => {
  it.each<[string, string, NodeJS.Signals | undefined, Partial<Ended>]>([
    ['that exits', 'process.exit(3);', undefined, { code: 3 }],
    ['that has thrown', `setTimeout(() => { throw new Error('boom'); });`, undefined, { code: 1 }],
    [
      'with a rejection that nothing handles',
      `Promise.reject(new Error('boom')); ${waits}`,
      undefined,
      { code: 1 },
    ],
    ['ended by SIGTERM', waits, 'SIGTERM', { signal: 'SIGTERM' }],
    ['ended by SIGINT', waits, 'SIGINT', { signal: 'SIGINT' }],
    ['ended by SIGHUP', waits, 'SIGHUP', { signal: 'SIGHUP' }],
    ['ended by SIGQUIT', waits, 'SIGQUIT', { signal: 'SIGQUIT' }],
    ['ended by SIGKILL', waits, 'SIGKILL', { signal: 'SIGKILL' }],
    ['that hangs, and is interrupted', 'for (;;);', 'SIGINT', { signal: 'SIGINT' }],
    ['that aborts', 'process.abort();', undefined, { signal: 'SIGABRT' }],
  ])('%s, which ends as it would without', async (_, end, signal, expected) => {
    const { pids, listeners, ...ended } = await run(program(end), signal);
    expect(ended).toMatchObject(expected);
    expect(pids.filter((pid) => pid > 0)).toHaveLength(size);
    expect(listeners).toBe('no more listeners');
    expect(await leftOf(pids)).toEqual([]);
  });

  it('as its own listeners decide, which are the only ones', async () => {
    const exits = `process.on('SIGTERM', () => process.exit(7));`;
    const { pids, code } = await run(program(waits, '{}', exits), 'SIGTERM');
    expect(code).toBe(7);
    expect(await leftOf(pids)).toEqual([]);

    const livesOn = `process.on('SIGTERM', () => {
      console.log('alive', existsSync('/proc/' + task.init.pid));
      process.kill(process.pid, 'SIGKILL');
    });`;
    const other = await run(
      `import { existsSync } from 'node:fs'; ${program(waits, '{}', livesOn)}`,
      'SIGTERM',
    );
    expect(other).toMatchObject({ signal: 'SIGKILL', said: expect.stringContaining('alive true') });
    expect(await leftOf(other.pids)).toEqual([]);
  });

  it.each([
    ['started with `detached`', 'process.exit(0);', '{ detached: true }'],
    ['whose system was closed', `task.system.close().subscribe({ complete: () => process.exit(0) });`, '{}'],
  ])('but not one %s', async (_, end, options) => {
    const { pids } = await run(program(end, options));
    expect(await leftOf(pids, 60)).toEqual(pids);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
  });

  it('adds no listener and keeps no program alive, however many tasks there are', async () => {
    const source = `
      import { createTask } from '${at('index.js')}';
      import { local } from '${at('hcs/local/index.js')}';
      process.on('warning', (warning) => console.log('WARNING', warning.message));
      ${counting(['SIGTERM', 'SIGINT', 'SIGHUP'])}
      const one = async (id) => {
        const task = await createTask({ id, system: local(), spec: { args: ['true'] } });
        await task.init.start();
        await task.wait();
        await task.delete();
      };
      await Promise.all(Array.from({ length: 50 }, (_, index) => one('t' + index)));
      console.log('up', count() === before ? 'no more listeners' : count());`;
    expect(await run(source)).toMatchObject({ code: 0, listeners: 'no more listeners' });
  });
});
