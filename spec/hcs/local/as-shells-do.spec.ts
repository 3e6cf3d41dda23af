/** What a shell does without being asked, and people count on. Each runs a Node of its own where the state is a process's. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeAsRoot } from '../../support/needs.js';
import { create, inSystem, run, shell } from './on-this-host.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxshim-'));
  chmodSync(folder, 0o755);
  const file = (name: string, content: string | Buffer, mode = 0o755) => {
    writeFileSync(join(folder, name), content);
    chmodSync(join(folder, name), mode);
  };
  file('script', 'echo "$0 ran with $1"; exit 5\n');
  file('empty', '');
  // The beginning of an executable for another machine.
  file(
    'foreign',
    Buffer.from('\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xf7\0echo should never run\n', 'latin1'),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a script without #!', () => {
  it('is run by /bin/sh', async () => {
    expect(await run({ args: ['script', 'a b'], env: [`PATH=${folder}`] })).toMatchObject({
      exit: { kind: 'exited', code: 5 },
      stdout: `${folder}/script ran with a b\n`,
    });
    expect(await run({ args: ['./script', 'x'], cwd: folder })).toMatchObject({
      stdout: `${folder}/script ran with x\n`,
    });
  });

  it('is run by /bin/sh with a terminal as well', async () => {
    const { stdout } = await run({ args: ['./script', 'x'], cwd: folder, terminal: true });
    expect(stdout).toBe(`${folder}/script ran with x\r\n`);
  });

  it('does nothing when there is nothing in it', async () => {
    expect(await run({ args: ['./empty'], cwd: folder })).toMatchObject({
      exit: { kind: 'exited', code: 0 },
    });
  });

  it('is not what was built for another machine', async () => {
    await inSystem((system) =>
      expect(create(system, { args: ['./foreign'], cwd: folder })).rejects.toMatchObject({
        kind: 'failedPrecondition',
        exitStatus: 126,
        message: expect.stringContaining('exec format error'),
      }),
    );
  });
});

describeAsRoot('a script without #! of another user', () => {
  it('is run by /bin/sh', async () => {
    const user = { uid: 65534, gid: 65534 };
    expect(await run({ args: [`${folder}/script`, 'x'], user, cwd: '/' })).toMatchObject({
      exit: { kind: 'exited', code: 5 },
      stdout: `${folder}/script ran with x\n`,
    });
  });
});

describe('the type of a terminal', () => {
  const term = (env: Record<string, string | undefined>) =>
    run(shell('echo "$TERM"', { terminal: true }), {}, env);

  it('is that of this process', async () => {
    expect((await term({ ...process.env, TERM: 'vt100' })).stdout).toBe('vt100\r\n');
  });

  it.each([undefined, ''])('is xterm where this process has %p', async (TERM) => {
    expect((await term({ ...process.env, TERM })).stdout).toBe('xterm\r\n');
  });

  it('is set for no process without a terminal, and in no environment that was given', async () => {
    const { TERM: _, ...env } = process.env;
    expect((await run(shell('printenv TERM || echo none'), {}, env)).stdout).toBe('none\n');
    const given = { env: [`PATH=${process.env['PATH']}`], terminal: true };
    // Shells may set one of their own; env(1) does not.
    expect((await run({ args: ['env'], ...given })).stdout).not.toContain('TERM=');
  });
});

describe('a current directory that was deleted', () => {
  const program = (spec: string) => `
    import { mkdtempSync, rmdirSync } from 'node:fs';
    import { createTask } from '${new URL('../../../dist/index.js', import.meta.url)}';
    import { local } from '${new URL('../../../dist/hcs/local/index.js', import.meta.url)}';
    process.chdir(mkdtempSync('/tmp/rxshim-gone-'));
    rmdirSync(process.cwd());
    const task = await createTask({ id: 't', system: local(), spec: ${spec}, stdio: { stdout: 'inherit' } });
    try {
      await task.init.start();
      console.log((await task.wait()).status);
    } catch ({ name, kind, message }) {
      console.log(name, kind, message);
    }`;
  const said = (spec: string): string => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program(spec)], {
      encoding: 'utf8',
      cwd: folder,
    });
    return stdout + stderr;
  };

  it('is in the way of no process that has one of its own', () => {
    expect(said(`{ args: ['pwd'], cwd: '/' }`)).toBe('/\n0\n');
  });

  it('is inherited, as it is by shells and Node', () => {
    expect(said(`{ args: ['sh', '-c', 'echo ran'] }`)).toContain('ran\n0\n');
    expect(said(`{ args: ['ls', '-A'] }`)).toBe('0\n');
  });

  it('holds nothing to run', () => {
    expect(said(`{ args: ['./x'] }`)).toContain(
      'RxshimError notFound exec: "./x": no such file or directory',
    );
  });
});
