/**
 * Ctrl-C at a terminal, and what a shell script makes of it, with the parents that people have: shells, make, npm.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { lives } from '../../hcs/local/on-this-host.js';
import { programPath } from '../../support/lacks.js';
import { describeWith } from '../../support/needs.js';
import { saysReady } from '../../support/ready.js';
import { inTerminal, type Person, typed } from '../in-terminal.js';
import { describeOnLinux, scratch, start } from '../rxshim.js';

const at = scratch();

/** Needs a moment to stop cleanly, and writes down each signal that it gets. */
const server = `
import { appendFileSync } from 'node:fs';
const log = (line) => appendFileSync(process.env.LOG, line + '\\n');
const stop = (signal) => {
  log(signal);
  setTimeout(() => {
    log('clean');
    process.exit(0);
  }, 100);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, stop);
setInterval(() => {}, 1e6);
log('up ' + process.pid);
console.log('server is up');
`;

let log = '';
let runs = 0;

beforeAll(() => {
  mkdirSync(at('app'));
  writeFileSync(at('app/server.mjs'), server);
  writeFileSync(at('app/Makefile'), `dev:\n\t@'${process.execPath}' server.mjs\n`);
  writeFileSync(at('app/package.json'), JSON.stringify({ name: 'app', scripts: { dev: 'node server.mjs' } }));
});

const node = `'${process.execPath}' server.mjs`;
const parents = {
  node: ['node', 'server.mjs'],
  'sh -c': ['sh', '-c', `${node}; true`],
  'a shell of a shell': ['sh', '-c', `sh -c '${node.replaceAll("'", '"')}; true'; true`],
  make: ['make', '-s', 'dev'],
  npm: ['npm', 'run', '--silent', 'dev'],
};

/** Types a line that starts the server, and hands over when that is up. */
const withServer = (command: string, test: (person: Person) => Promise<void>): Promise<void> =>
  inTerminal(async (person) => {
    log = at(`log-${runs++}`);
    rmSync(log, { force: true });
    await person.type(`cd '${at('app')}'; LOG='${log}'; export LOG; echo in the f""older\n`);
    await person.sees(/in the folder/);
    await person.type(command);
    await person.sees(/server is up/);
    await test(person);
    expect(lives(pid())).toBe(false);
  });

const logged = (): readonly string[] => readFileSync(log, 'utf8').trim().split('\n').slice(1);
const pid = (): number => Number(/up (\d+)/.exec(readFileSync(log, 'utf8'))?.[1]);

/** As the shell reports it for the same line without rxshim. */
const codes: Record<string, number> = {
  node: 0,
  'sh -c': 130,
  'a shell of a shell': 130,
  make: 130,
  npm: 130,
};

describeOnLinux('Ctrl-C', () => {
  describe.each(Object.entries(parents))('on rxshim run -- %s', (name, command) => {
    const specs = describeWith(programPath(command[0] as string) ? undefined : `needs ${command[0]}`);
    const spec = specs as (title: string, body: () => void) => void;
    spec('reaches the server', () => {
      it('once, which stops cleanly, and the shell sees the end that it would see without rxshim', () =>
        withServer(`${typed(['run', '--', ...command])}\n`, async ({ type, sees }) => {
          // Typed ahead: an interactive shell drops the rest of a line whose command ends by SIGINT.
          await type('\x03');
          await type('echo code $?\n');
          await sees(new RegExp(`code ${codes[name]}\\b`));
          expect(logged()).toEqual(['SIGINT', 'clean']);
        }));
    });
  });

  it('with -t reaches what a shell has started, which stops cleanly', () =>
    withServer(`${typed(['run', '-t', '--', ...parents['sh -c']])}\n`, async ({ type, sees }) => {
      await type('\x03');
      await type('echo code $?\n');
      await sees(/code 130/);
      expect(logged()).toEqual(['SIGINT', 'clean']);
    }));

  // The user's own terminal sees a key like any other.
  it('with -ti is typed at the terminal of the command', () =>
    withServer(
      `${typed(['run', '-ti', '--', ...parents['sh -c']])}; echo code $?\n`,
      async ({ type, sees }) => {
        await type('\x03');
        await sees(/code 130/);
        expect(logged()).toEqual(['SIGINT', 'clean']);
      },
    ));

  it('gives its grace to what outlives the command', () => {
    const command = `${node} & trap - INT; wait`;
    return withServer(`${typed(['run', '--', 'bash', '-c', command])}\n`, async ({ type, sees }) => {
      await type('\x03');
      await type('echo code $?\n');
      await sees(/code 130/);
      expect(logged()).toEqual(['SIGINT', 'clean']);
    });
  });

  it('twice kills what does not listen', () =>
    inTerminal(async ({ type, sees }) => {
      const deaf = `trap '' INT; echo rea''dy; while :; do sleep 0.02; done`;
      await type(`${typed(['run', '--stop-timeout', '10m', '--', 'sh', '-c', deaf])}; echo code $?\n`);
      await sees(/ready/);
      await type('\x03');
      await sees(/the same again kills it/);
      await type('\x03');
      await sees(/code 137/);
    }));

  it('kills what has not ended within the stop timeout', () =>
    inTerminal(async ({ type, sees }) => {
      const deaf = `trap '' INT; echo rea''dy; while :; do sleep 0.02; done`;
      await type(`${typed(['run', '--stop-timeout', '50ms', '--', 'sh', '-c', deaf])}; echo code $?\n`);
      await sees(/ready/);
      await type('\x03');
      await sees(/code 137/);
    }));

  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const script = (command: string) => `${typed(['run', '--', 'sh', '-c', command])}; echo went o""n`;

  it.each(['sh', 'bash'])('stops a script of %s whose command ends by it', (sh) =>
    inTerminal(async ({ type, sees }) => {
      await type(`${sh} -c ${quoted(script(saysReady))}\n`);
      await sees(/ready/);
      await type('\x03');
      await type('echo code $?\n');
      expect(await sees(/code 130/)).not.toContain('went on');
    }),
  );

  // dash ends by it in any case.
  it('stops no script of bash whose command handles it', () =>
    inTerminal(async ({ type, sees }) => {
      const handles = `trap 'exit 0' INT; echo rea""dy; while :; do sleep 0.02; done`;
      await type(`bash -c ${quoted(script(handles))}; echo code $?\n`);
      await sees(/ready/);
      await type('\x03');
      expect(await sees(/code \d+/)).toContain('went on');
    }));
});

describeOnLinux('a signal', () => {
  const up = async (name: string) => {
    log = at(name);
    const running = start(['run', '--', 'node', at('app/server.mjs')], { env: { LOG: log }, detached: true });
    await running.said(/server is up/);
    return { running, pid: running.child.pid as number };
  };

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '(%s) to rxshim run alone reaches the command, once',
    async (name) => {
      const { running } = await up(`alone-${name}`);
      running.child.kill(name);
      expect(await running.ended).toMatchObject({ code: 0 });
      expect(logged()).toEqual([name, 'clean']);
    },
  );

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '(%s) to the group of both reaches the command once',
    async (name) => {
      const { running, pid } = await up(`group-${name}`);
      process.kill(-pid, name);
      expect(await running.ended).toMatchObject({ code: 0 });
      expect(logged()).toEqual([name, 'clean']);
    },
  );

  it.each(['SIGINT', 'SIGTERM'] as const)('(%s) to rxshim run alone reaches the whole tree', async (name) => {
    log = at(`tree-${name}`);
    const shellCommand = `'${process.execPath}' '${at('app/server.mjs')}'; true`;
    for (const options of [[], ['-t']]) {
      rmSync(log, { force: true });
      const running = start(['run', ...options, '--', 'sh', '-c', shellCommand], { env: { LOG: log } });
      await running.said(/server is up/);
      running.child.kill(name);
      expect(await running.ended).toMatchObject({ code: null, signal: name });
      // The end of the shell, which leads the session of a terminal, hangs that up.
      expect(logged().filter((line) => line !== 'SIGHUP')).toEqual([name, 'clean']);
    }
  });

  it('to rxshim run and then to its group, as timeout(1) sends it, is one request', async () => {
    const { running, pid } = await up('timeout');
    process.kill(pid, 'SIGTERM');
    process.kill(-pid, 'SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(logged()).toEqual(['SIGTERM', 'clean']);
  });
});
