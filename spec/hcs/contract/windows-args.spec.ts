import { describe, expect, it } from '@jest/globals';
import { escapeWindowsArg, windowsCommandLine } from '../../../src/hcs/contract/windows-args.js';

describe('escapeWindowsArg', () => {
  // Raw text throughout: a backslash below is one backslash.
  const raw = String.raw;
  it.each([
    ['', '""'],
    ['a', 'a'],
    ['a b', '"a b"'],
    ['a\tb', '"a\tb"'],
    [' ', '" "'],
    [raw`a"b`, raw`a\"b`],
    [raw`"`, raw`\"`],
    [raw`""`, raw`\"\"`],
    [raw`"a b"`, raw`"\"a b\""`],
    ['C:\\dir\\', 'C:\\dir\\'],
    ['C:\\my dir\\', '"C:\\my dir\\\\"'],
    ['C:\\my dir\\\\', '"C:\\my dir\\\\\\\\"'],
    [raw`a\"b`, raw`a\\\"b`],
    [raw`a\\"b c`, raw`"a\\\\\"b c"`],
    [raw`\\server\share`, raw`\\server\share`],
    [raw`\\server\my share`, raw`"\\server\my share"`],
    ['\\', '\\'],
    ['\\ ', '"\\ "'],
    [' \\', '" \\\\"'],
    [raw`a\ "b`, raw`"a\ \"b"`],
    ['a\nb', 'a\nb'],
    ['a\u000bb', 'a\u000bb'],
    ['a\u00a0b', 'a\u00a0b'],
    ['%PATH%&|^', '%PATH%&|^'],
    ['日本 語', '"日本 語"'],
  ])('gives %j as %j', (arg, expected) => {
    expect(escapeWindowsArg(arg)).toBe(expected);
  });

  it('survives the way back through the rules of the C runtime, whatever an argument is made of', () => {
    const pieces = ['\\', '"', ' ', 'a', '\t'];
    const all = (length: number): string[] =>
      length === 0 ? [''] : all(length - 1).flatMap((rest) => pieces.map((piece) => rest + piece));
    const args = [0, 1, 2, 3, 4, 5].flatMap(all);
    const astray = args.filter((arg) => {
      const [first, second, ...more] = splitLikeTheRuntime(windowsCommandLine([arg, 'end']));
      return first !== arg || second !== 'end' || more.length > 0;
    });
    expect(args).toHaveLength(3906);
    expect(astray).toEqual([]);
  });

  // By its square it would take hours.
  it('takes a long run of backslashes without slowing down', () => {
    const run = '\\'.repeat(1_000_000);
    expect(escapeWindowsArg(`${run}x`)).toHaveLength(1_000_001);
    expect(escapeWindowsArg(`${run}"`)).toHaveLength(2_000_002);
    expect(escapeWindowsArg(` ${run}`)).toHaveLength(2_000_003);
  });
});

describe('windowsCommandLine', () => {
  it.each([
    ['no arguments', [], ''],
    ['one', ['cmd.exe'], 'cmd.exe'],
    ['one that is empty', [''], '""'],
    ['several, apart by single spaces', ['cmd.exe', '/c', 'echo hi there'], 'cmd.exe /c "echo hi there"'],
    ['empty ones between others', ['a', '', 'b'], 'a "" b'],
  ])('joins %s', (_, args, expected) => {
    expect(windowsCommandLine(args)).toBe(expected);
  });
});

// How the C runtime reads a command line: 2n backslashes and a quote are n backslashes and a quote that opens or
// closes, 2n+1 are n backslashes and a quote of its own; other backslashes are themselves.
const splitLikeTheRuntime = (line: string): string[] => {
  const args: string[] = [];
  let arg: string | undefined;
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const slashes = /^\\*/.exec(line.slice(at))?.[0].length ?? 0;
    const next = line[at + slashes];
    if (slashes > 0 || next === '"') {
      arg ??= '';
      if (next !== '"') {
        arg += '\\'.repeat(slashes);
        at += slashes - 1;
        continue;
      }
      arg += '\\'.repeat(Math.floor(slashes / 2));
      if (slashes % 2 === 1) arg += '"';
      else quoted = !quoted;
      at += slashes;
    } else if (!quoted && (next === ' ' || next === '\t')) {
      if (arg !== undefined) args.push(arg);
      arg = undefined;
    } else {
      arg = (arg ?? '') + next;
    }
  }
  return arg === undefined ? args : [...args, arg];
};
