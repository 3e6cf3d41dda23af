/** Other runtimes and systems, played by a Node that says it is one. (Tried with Bun 1.4.5 and Deno 2.9.6 themselves, too.) */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

const at = (path: string): string => new URL(`../../../dist/${path}`, import.meta.url).href;

/** Only after the imports: those of the library are to cost nothing and to fail nowhere. */
const program = (pretend: string): string => `
  import { createTask } from '${at('index.js')}';
  import { local } from '${at('hcs/local/index.js')}';
  import { runc } from '${at('hcs/runc/index.js')}';
  import { connectGuest } from '${at('hcs/guest/index.js')}';
  import { scriptedSystem } from '${at('testing.js')}';
  process.on('unhandledRejection', (error) => console.log('UNHANDLED', error));
  process.on('uncaughtException', (error) => console.log('UNCAUGHT', error));
  const pretend = (object, key, value) => Object.defineProperty(object, key, { value });
  ${pretend};
  const tell = (name) => ({ name: error, kind, message }) => console.log(name, error, kind, message);
  const spec = { args: ['echo', 'hi'] };
  for (const stdio of [{}, { stdout: 'pipe' }, { stdout: 'inherit' }, { terminal: true, stdout: 'pipe' }]) {
    const run = async () => {
      const task = await createTask({ id: 't', system: local(), spec, stdio });
      await task.init.start();
    };
    await run().then(() => console.log('ran'), tell('local'));
  }
  const simulated = await createTask({ id: 's', system: scriptedSystem({ obedient: true }) });
  await simulated.init.start();
  console.log((await simulated.stop()).by);`;

const said = (pretend: string) => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program(pretend)],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
};

describe('a runtime that cannot work', () => {
  it.each([
    [
      'Bun',
      `pretend(process.versions, 'bun', '1.4.5')`,
      'native calls need Node.js, not Bun 1.4.5: unavailable',
    ],
    [
      'Deno',
      `pretend(process.versions, 'deno', '2.9.6')`,
      'native calls need Node.js, not Deno 2.9.6: unavailable',
    ],
    ['macOS', `pretend(process, 'platform', 'darwin')`, 'native calls need Linux, not darwin: unavailable'],
  ])(
    '(%s) says so in one typed error, at the first use; what needs no native call works',
    (_, pretend, message) => {
      const line = `local RxshimError unavailable ${message}\n`;
      expect(said(pretend)).toEqual({ status: 0, stdout: `${line.repeat(4)}signal\n`, stderr: '' });
    },
  );
});
