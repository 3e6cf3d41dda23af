import { execFileSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { describeLauncher, harness } from './harness.js';

describeLauncher('how the shim is set up', () => {
  const { bundle, daemon, library, prefix, run, sockets, start } = harness();
  const file = join(library, 'shim.conf');
  const configure = (...lines: string[]): void =>
    writeFileSync(file, [`node = ${process.execPath}`, ...lines, ''].join('\n'));
  afterEach(() => configure());

  const settingsOf = async (env: Record<string, string>): Promise<(string | undefined)[]> => {
    const { pid } = await daemon(await start(bundle(), { env }));
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return ['-grouping', '-linger'].map((flag) => words[words.indexOf(flag) + 1]);
  };

  describe('comes from the environment', () => {
    test.each([
      [{}, 'pod', '0.000'],
      [{ RXSHIM_GROUPING: 'pod', RXSHIM_LINGER: '1.5s' }, 'pod', '1.500'],
      [{ RXSHIM_GROUPING: 'pod', RXSHIM_LINGER: '250ms' }, 'pod', '0.250'],
      [{ RXSHIM_GROUPING: '', RXSHIM_LINGER: '7' }, 'pod', '7.000'],
      [{ RXSHIM_LINGER: '2m' }, 'pod', '120.000'],
      [{ RXSHIM_LINGER: '1h' }, 'pod', '3600.000'],
    ] as [Record<string, string>, string, string][])('%j', async (env, grouping, linger) => {
      expect(await settingsOf(env)).toEqual([grouping, linger]);
    });
  });

  test('comes from the file beside the bundle, which the environment overrules', async () => {
    configure('# a comment', '', '  linger = 5s  ', 'grouping=pod\r');
    expect(await settingsOf({})).toEqual(['pod', '5.000']);
    expect(await settingsOf({ RXSHIM_LINGER: '6s' })).toEqual(['pod', '6.000']);
  });

  test('lets the daemon of a namespace stay for a minute when nothing else is said', async () => {
    const path = await start(bundle(), { env: { RXSHIM_GROUPING: 'namespace' } });
    const { pid } = await daemon(path);
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('namespace\0-linger\x0060.000');
  });

  test('needs no file', async () => {
    rmSync(file);
    expect(await settingsOf({ RXSHIM_NODE: process.execPath })).toEqual(['pod', '0.000']);
  });

  test('finds its files also when it is called by another name', () => {
    const link = join(prefix, 'containerd-shim-linked-v1');
    symlinkSync(join(prefix, 'bin/containerd-shim-rxshim-v1'), link);
    expect(JSON.parse(execFileSync(link, ['-v'], { encoding: 'utf8' })).words).toEqual(['-v']);
  });

  describe('is refused with words that say what is wrong, and nothing is left', () => {
    test.each([
      [{ RXSHIM_GROUPING: 'host' }, 'RXSHIM_GROUPING: grouping must be pod or namespace, not "host"'],
      [{ RXSHIM_LINGER: 'soon' }, 'RXSHIM_LINGER: linger must be a duration such as 60s, not "soon"'],
      [{ RXSHIM_LINGER: '-1s' }, 'RXSHIM_LINGER: linger must be a duration such as 60s, not "-1s"'],
      [{ RXSHIM_LINGER: '1.2.3s' }, 'RXSHIM_LINGER: linger must be a duration such as 60s, not "1.2.3s"'],
      [{ RXSHIM_LINGER: 's' }, 'RXSHIM_LINGER: linger must be a duration such as 60s, not "s"'],
      [{ RXSHIM_LINGER: '9999h' }, 'RXSHIM_LINGER: linger must be a duration such as 60s, not "9999h"'],
      [{ RXSHIM_NODE: '/no/such/node' }, 'cannot start node: /no/such/node: No such file or directory'],
      [{ RXSHIM_NODE: '/etc/passwd' }, 'cannot start node: /etc/passwd: Permission denied'],
    ] as [Record<string, string>, string][])('%j', async (env, message) => {
      const made = bundle();
      expect(await run(made, { env })).toEqual({ code: 1, stdout: '', stderr: `rxshim: ${message}\n` });
      expect(existsSync(join(made.path, 'address'))).toBe(false);
    });

    test.each([
      ['groping = pod', 'no such setting: groping'],
      ['namespace', 'not a setting: namespace'],
    ])('%s', async (line, message) => {
      configure(line);
      expect(await run(bundle())).toEqual({ code: 1, stdout: '', stderr: `rxshim: ${file}: ${message}\n` });
    });
  });

  test('is refused when its files are missing, with how to put them there', async () => {
    const [boot, away] = [join(library, 'boot.cjs'), join(library, 'boot.away')];
    renameSync(boot, away);
    const message = `its files are missing: ${boot}: No such file or directory; npm run shim:install puts them there`;
    expect(await run(bundle())).toEqual({ code: 1, stdout: '', stderr: `rxshim: ${message}\n` });
    renameSync(away, boot);
  });

  test('leaves no socket behind when node cannot be started', async () => {
    const before = readdirSync(sockets);
    await run(bundle(), { env: { RXSHIM_NODE: '/no/such/node' } });
    expect(readdirSync(sockets)).toEqual(before);
  });
});
