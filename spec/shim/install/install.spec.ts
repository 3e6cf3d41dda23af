import { execFileSync, spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { install } from '../../../src/cli/shim/install.js';
import { layoutOf } from '../../../src/cli/shim/layout.js';
import { tryDaemon } from '../../../src/cli/shim/try-daemon.js';
import { rxshim } from '../../cli/rxshim.js';
import { describeLauncher } from '../launcher/harness.js';

const root = mkdtempSync(join(tmpdir(), 'rxshim-install-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
const freshPrefix = (): string => {
  count += 1;
  return join(root, String(count));
};

const installIn = (prefix: string, ...options: string[]) =>
  rxshim(['shim', 'install', '--prefix', prefix, ...options]);

const allOf = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
const launcherOf = (prefix: string): string => join(prefix, 'bin/containerd-shim-rxshim-v1');
const settingsOf = (prefix: string): string => join(prefix, 'lib/rxshim/shim.conf');

describeLauncher('installing the shim', () => {
  test('puts a launcher into bin and the rest into lib, tries it, and says how to use it', async () => {
    const prefix = freshPrefix();
    const { code, stdout, stderr } = await installIn(prefix);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    accessSync(launcherOf(prefix), constants.X_OK);
    expect(allOf(join(prefix, 'lib/rxshim'))).toEqual(
      expect.arrayContaining(['boot.cjs', 'installed.json', 'koffi.node', 'shim.conf']),
    );
    expect(stdout).toContain(`installed ${launcherOf(prefix)}\n`);
    expect(stdout).toMatch(/A daemon of it starts: \d+ ms\./);
    expect(stdout).toContain(`ctr run --rm --runtime ${launcherOf(prefix)} `);
    expect(stdout).toContain(`rxshim shim install --prefix ${prefix} --undo`);
  });

  test('leaves compiled code for the next start, and nothing running', async () => {
    const prefix = freshPrefix();
    await installIn(prefix);
    expect(allOf(join(prefix, 'lib/rxshim')).filter((name) => name.endsWith('.cache'))).not.toEqual([]);
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(prefix);
  });

  test('works without the packages of the checkout', async () => {
    const prefix = freshPrefix();
    await installIn(prefix);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(execFileSync(launcherOf(prefix), ['-v'], { cwd: '/', encoding: 'utf8' })).toContain(version);
  });

  test('names the runtime where the launcher is in the PATH', async () => {
    const prefix = freshPrefix();
    const { stdout } = await rxshim(['shim', 'install', '--prefix', prefix], {
      env: { PATH: `${join(prefix, 'bin')}:${process.env['PATH']}` },
    });
    expect(stdout).toContain('ctr run --rm --runtime io.containerd.rxshim.v1 ');
  });

  test('writes down which node it was installed with, and how daemons are shared', async () => {
    const prefix = freshPrefix();
    await installIn(prefix, '--grouping', 'namespace', '--linger', '5m');
    const settings = readFileSync(settingsOf(prefix), 'utf8');
    expect(settings).toContain(`\nnode = ${process.execPath}\n`);
    expect(settings).toContain('\ngrouping = namespace\n');
    expect(settings).toContain('\nlinger = 5m\n');
  });

  test('again keeps the settings, unless others are given', async () => {
    const prefix = freshPrefix();
    await installIn(prefix, '--grouping', 'namespace', '--linger', '5m');
    await installIn(prefix);
    expect(readFileSync(settingsOf(prefix), 'utf8')).toMatch(/\ngrouping = namespace\n(.*\n)*linger = 5m\n/);
    await installIn(prefix, '--grouping', 'pod');
    expect(readFileSync(settingsOf(prefix), 'utf8')).toMatch(/\ngrouping = pod\n(.*\n)*linger = 5m\n/);
  });

  describe('over an older version', () => {
    /** As though a version with other files had been installed, which kept compiled code of theirs. */
    const older = async (
      change: (record: object, at: (name: string) => string) => object = (record) => record,
    ) => {
      const prefix = freshPrefix();
      await installIn(prefix);
      const at = (name: string): string => join(prefix, 'lib/rxshim', name);
      const gone = ['chunk-OLD.cjs', 'shim-OLD.cjs'].map(at);
      const caches = [`chunk-OLD.cjs.${process.version}-x64.cache`, 'shim-OLD.cjs.v20.0.0-x64.trial.cache'];
      for (const file of [...gone, ...caches.map(at), at('notes.cache')]) writeFileSync(file, '');
      const record = JSON.parse(readFileSync(at('installed.json'), 'utf8'));
      writeFileSync(
        at('installed.json'),
        JSON.stringify(change({ ...record, files: [...record.files, ...gone] }, at)),
      );
      const left = (): string[] => allOf(join(prefix, 'lib/rxshim')).filter((name) => /OLD|notes/.test(name));
      return { prefix, at, left };
    };
    /** A daemon, for all that can be seen of it. */
    const daemonOf = (boot: string) => {
      const child = spawn('sh', ['-c', 'sleep 600 & wait', boot, 'daemon'], { detached: true });
      return { end: () => process.kill(-(child.pid as number), 'SIGKILL') };
    };

    test('removes what the new one does not use, and nothing of others', async () => {
      const { prefix, left } = await older();
      const { code, stdout } = await installIn(prefix);
      expect(code).toBe(0);
      expect(stdout).not.toContain('kept');
      expect(left()).toEqual(['notes.cache']);
    });

    test('keeps it while a daemon runs that was started before, and says so', async () => {
      const { prefix, at, left } = await older();
      const daemon = daemonOf(at('boot.cjs'));
      try {
        const { stdout } = await installIn(prefix);
        expect(stdout).toContain(
          `kept, for daemons that started before and still run: ${at('chunk-OLD.cjs')}, `,
        );
        expect(left()).toHaveLength(5);
        await installIn(prefix);
        expect(left()).toHaveLength(5);
      } finally {
        daemon.end();
      }
      await installIn(prefix);
      expect(left()).toEqual(['notes.cache']);
    });

    test('does not keep it for a daemon that was started later', async () => {
      const { prefix, at, left } = await older(({ files, ...record }: { files?: string[] }) => ({
        ...record,
        files: files?.filter((file) => !file.includes('OLD')),
        earlier: files
          ?.filter((file) => file.includes('OLD'))
          .map((path) => ({ path, replacedAt: Date.now() - 60_000 })),
      }));
      const daemon = daemonOf(at('boot.cjs'));
      try {
        await installIn(prefix);
        expect(left()).toEqual(['notes.cache']);
      } finally {
        daemon.end();
      }
    });

    test.each([
      ['that kept paths alone', ['chunk-OLDER.cjs']],
      ['that kept nothing', undefined],
    ])('understands the record of one %s', async (_what, names) => {
      const { prefix, at, left } = await older((record, at) => ({ ...record, earlier: names?.map(at) }));
      for (const name of names ?? []) writeFileSync(at(name), '');
      expect((await installIn(prefix)).code).toBe(0);
      expect(left()).toEqual(['notes.cache']);
      expect((await installIn(prefix, '--undo')).code).toBe(0);
    });

    test('removes compiled code that another node has kept, or that was never finished', async () => {
      const { prefix, at } = await older();
      const bundle = allOf(join(prefix, 'lib/rxshim')).find((name) => /^shim-(?!OLD)\w+\.cjs$/.test(name));
      const [own, others, unfinished] = [
        `.${process.version}-${process.arch}.cache`,
        `.v20.0.0-${process.arch}.cache`,
        `.${process.version}-${process.arch}.cache.999999999`,
      ].map((end) => at(`${bundle}${end}`)) as [string, string, string];
      for (const file of [own, others, unfinished]) writeFileSync(file, '');
      await installIn(prefix);
      expect([own, others, unfinished].map((file) => existsSync(file))).toEqual([true, false, false]);
    });
  });

  describe('is undone', () => {
    test('to the last file and folder', async () => {
      const prefix = freshPrefix();
      mkdirSync(prefix);
      await installIn(prefix);
      await installIn(prefix);
      const { code, stdout } = await installIn(prefix, '--undo');
      expect(code).toBe(0);
      expect(stdout).toContain(`removed ${launcherOf(prefix)}\n`);
      expect(allOf(prefix)).toEqual([]);
    });

    test('without touching what is not of it', async () => {
      const prefix = freshPrefix();
      const others = ['bin/other', 'lib/other/file', 'lib/rxshim/notes.txt'];
      mkdirSync(join(prefix, 'bin'), { recursive: true });
      mkdirSync(join(prefix, 'lib/other'), { recursive: true });
      for (const other of others.slice(0, 2)) writeFileSync(join(prefix, other), '');
      await installIn(prefix);
      writeFileSync(join(prefix, others[2] as string), '');
      await installIn(prefix, '--undo');
      expect(allOf(prefix)).toEqual(['bin', 'lib', 'lib/other', 'lib/rxshim', ...others].sort());
    });

    test('only where something is installed', async () => {
      const prefix = freshPrefix();
      const { code, stderr } = await installIn(prefix, '--undo');
      expect({ code, stderr }).toEqual({ code: 125, stderr: `rxshim: nothing is installed in ${prefix}\n` });
    });
  });

  describe('is refused', () => {
    test.each(['bin/containerd-shim-rxshim-v1', 'lib/rxshim/boot.cjs', 'lib/rxshim/shim.conf'])(
      'where %s is of somebody else',
      async (name) => {
        const prefix = freshPrefix();
        const file = join(prefix, name);
        mkdirSync(join(file, '..'), { recursive: true });
        writeFileSync(file, 'mine');
        const before = allOf(prefix);
        const { code, stderr } = await installIn(prefix);
        expect({ code, stderr }).toEqual({
          code: 125,
          stderr: `rxshim: not ours, so not overwritten: ${file}\n`,
        });
        expect(allOf(prefix)).toEqual(before);
        expect(readFileSync(file, 'utf8')).toBe('mine');
      },
    );

    test.each([
      [['--grouping', 'host'], '--grouping: expected pod or namespace, got "host"'],
      [['--linger', 'soon'], '--linger: expected a duration such as 60s or 5m, got "soon"'],
      [['--prefix', ''], '--prefix: expected a folder, got ""'],
    ])('for %j', async (options, message) => {
      const prefix = freshPrefix();
      const { code, stderr } = await installIn(prefix, ...options);
      expect({ code, stderr }).toEqual({ code: 2, stderr: `rxshim: ${message}\n` });
      expect(existsSync(prefix)).toBe(false);
    });

    test('where no folder can be', async () => {
      const file = freshPrefix();
      writeFileSync(file, '');
      const { code, stderr } = await installIn(join(file, 'below'));
      expect(code).toBe(125);
      expect(stderr).toMatch(new RegExp(`^rxshim: cannot install into ${file}/below: ENOTDIR`));
    });

    test('where the record of what is installed cannot be read', async () => {
      const prefix = freshPrefix();
      await installIn(prefix);
      writeFileSync(join(prefix, 'lib/rxshim/installed.json'), '{');
      for (const options of [[], ['--undo']]) {
        const { code, stderr } = await installIn(prefix, ...options);
        expect(code).toBe(125);
        expect(stderr).toMatch(/^rxshim: cannot read .*installed\.json: /);
      }
    });

    test('without a launcher for this machine, with what its build needs', () => {
      const [prefix, built] = [freshPrefix(), freshPrefix()];
      mkdirSync(built);
      const attempt = () => install({ prefix, built, version: '1', grouping: undefined, linger: undefined });
      expect(attempt).toThrow(/^there is no launcher for .* \(apt-get install gcc libc6-dev\)$/);
      expect(existsSync(prefix)).toBe(false);
    });

    test('when what was set before makes no sense', async () => {
      const prefix = freshPrefix();
      await installIn(prefix);
      writeFileSync(settingsOf(prefix), 'linger = sometime\n');
      const { code, stderr } = await installIn(prefix);
      const expected = 'expected a duration such as 60s or 5m, got "sometime"';
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: `rxshim: ${settingsOf(prefix)}: linger: ${expected}\n`,
      });
      expect((await installIn(prefix, '--linger', '1s')).code).toBe(0);
    });
  });

  test('reports in its own words why a daemon does not start', async () => {
    const prefix = freshPrefix();
    await installIn(prefix);
    const library = join(prefix, 'lib/rxshim');
    for (const name of readdirSync(library).filter((each) => /^shim-.*cjs$/.test(each))) {
      writeFileSync(join(library, name), '(() => { throw new Error("broken bundle") })');
    }
    await expect(tryDaemon(layoutOf(prefix))).rejects.toThrow(
      /installed, but no daemon of it starts: (.*\n)*.*broken bundle/,
    );
  });

  test('reports in its own words why a launcher does not start one', async () => {
    const prefix = freshPrefix();
    await installIn(prefix);
    writeFileSync(settingsOf(prefix), 'node =\n');
    await expect(tryDaemon(layoutOf(prefix))).rejects.toThrow(`${settingsOf(prefix)}: node is empty`);
  });
});
