import { describe, expect, it } from '@jest/globals';
import { processParameters } from '../../../src/hcs/contract/process-parameters.js';

const onWindows = (spec: { args?: readonly string[]; commandLine?: string }) =>
  processParameters({
    system: { os: 'windows', isOci: false },
    spec,
    streams: { stdin: false, stdout: false, stderr: false },
  });

describe('a batch file', () => {
  const raw = String.raw;

  it.each([
    'run.bat',
    'run.cmd',
    'RUN.BAT',
    raw`C:\tools\npm.CmD`,
    raw`C:\my tools\run.bat`,
    'run.bat.',
    'run.bat ',
    'run.cmd. . ',
    'run.bat:',
    'run.bat::$DATA',
    'run.bat" & calc "',
  ])('named %j gets no argument that cmd.exe could take for a command', (name) => {
    for (const arg of [
      '"&calc',
      '&calc',
      'a|b',
      'a>b',
      'a<b',
      'a^b',
      '%PATH%',
      '%CMDCMDLINE:~-1%&calc',
      '!x!',
      '(a)',
      'a"b',
      'a\nb',
      'a\rb',
      'a\0b',
      'a\tb',
      '\uff02&calc',
      'x`y',
      '*',
    ]) {
      expect(() => onWindows({ args: [name, 'fine', arg] })).toThrow(
        expect.objectContaining({ kind: 'invalidArgument', field: 'args' }),
      );
    }
  });

  it('is run with arguments that are taken literally', () => {
    expect(
      onWindows({ args: [raw`C:\my tools\run.bat`, 'install', '--x=a b', '', 'grüße', raw`d:\a\b`] }),
    ).toEqual({
      CommandLine: raw`"C:\my tools\run.bat" install "--x=a b" "" grüße d:\a\b`,
    });
  });

  it('may be run by a command line, which its caller answers for', () => {
    const commandLine = 'run.bat a&b';
    expect(onWindows({ commandLine })).toEqual({ CommandLine: commandLine });
  });

  it.each(['run.exe', 'run', 'bat', 'run.bat.exe', 'run.command', raw`C:\x.bat\run.exe`, 'cmd'])(
    'is not what is called %j, which reads its arguments itself',
    (name) => {
      expect(onWindows({ args: [name, 'a&b', '%PATH%'] })).toEqual({ CommandLine: `${name} a&b %PATH%` });
    },
  );
});
