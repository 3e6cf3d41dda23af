import { existsSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeOnLinux, rxshim, scratch } from './rxshim.js';

describeOnLinux('what was typed wrong', () => {
  const at = scratch();

  it.each([
    ['--stop-signal', 'FOO', 'expected the name or number of a signal, such as TERM or 15, got "FOO"'],
    ['--stop-signal', '0', 'expected the name or number of a signal, such as TERM or 15, got "0"'],
    ['--stop-signal', '', 'expected the name or number of a signal, such as TERM or 15, got ""'],
    ['--stop-timeout', 'soon', 'expected a duration such as 500ms, 10s or 2m, got "soon"'],
    ['--stop-timeout', '-1s', 'expected a duration such as 500ms, 10s or 2m, got "-1s"'],
    ['--otlp', 'localhost:4318', 'expected a URL such as http://localhost:4318, got "localhost:4318"'],
    ['--otlp', 'ftp://x', 'expected a URL such as http://localhost:4318, got "ftp://x"'],
    ['--log-level', 'loud', 'expected one of silent, fatal, error, warn, info, debug, trace, got "loud"'],
    ['--events', '', 'expected the path of a file, or - for stdout, got ""'],
  ])('is reported in one line, and nothing is started: %s %p', async (option, value, message) => {
    const touched = at('touched');
    expect(await rxshim(['run', option, value, '--', 'touch', touched])).toEqual({
      code: 2,
      stdout: '',
      stderr: `rxshim: ${option}: ${message}\n`,
    });
    expect(existsSync(touched)).toBe(false);
  });

  it.each([
    [['run'], "missing required argument 'command'"],
    [['run', '--loud', '--', 'true'], "unknown option '--loud'"],
    [['run', '--events'], "option '--events <file>' argument missing"],
    [['run', '--', ''], 'COMMAND: expected the name of an executable, got ""'],
    [['--loud'], "unknown option '--loud'"],
    [['sleep', '1'], 'unknown command "sleep"; to run it: rxshim run -- sleep'],
    [['run', '-d', '--', 'true'], '--detach: expected --bundle as well, got none'],
    [
      ['run', '--bundle', '/no/such'],
      '--bundle: cannot read "/no/such/config.json": no such file or directory',
    ],
    [['run', '-d', '--bundle', '/no'], '--bundle: cannot read "/no/config.json": no such file or directory'],
    [
      ['run', '--events', '/no/x', '--', 'true'],
      '--events: cannot write to "/no/x": no such file or directory',
    ],
    [['run', '--json', '-t', '--', 'true'], '--json: cannot be combined with --tty'],
    [['run', '--all', '--json', 'true'], '--json: expected a run without --all'],
    [['ps', 'web'], "too many arguments for 'ps'. Expected 0 arguments but got 1."],
    [['stop', 'a', 'b'], "too many arguments for 'stop'. Expected 1 argument but got 2."],
  ])('is reported in one line: %j', async (args, message) => {
    expect(await rxshim(args)).toEqual({ code: 2, stdout: '', stderr: `rxshim: ${message}\n` });
  });

  it('is reported in one line: an option of the engine that does not exist', async () => {
    const asked = ['run', '--docker', 'busybox', '--docker-option', 'foo=bar', '--', 'true'];
    expect(await rxshim(asked)).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^rxshim: --docker-option: foo: there is no such option, [^\n]*\n$/),
    });
  });

  it('has help on stdout, no line of it wider than a terminal', async () => {
    const commandsOf = (help: string): string[] =>
      [...(help.split('Commands:\n')[1]?.split('\n\n')[0] ?? '').matchAll(/^ {2}(\w+)/gm)].map(
        ([, name]) => name as string,
      );
    const { stdout: top } = await rxshim(['--help']);
    const pages = commandsOf(top).map((name) => [name, '--help']);
    expect(pages.length).toBeGreaterThan(4);
    for (const args of [['--help'], ...pages, ['shim', 'install', '--help']]) {
      const { code, stdout, stderr } = await rxshim(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    }
  });

  it('has a version', async () => {
    expect(await rxshim(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});
