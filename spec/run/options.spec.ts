/** What cannot be meant is refused by the types, and at run time by its path. */
import { describe, expect, it } from '@jest/globals';
import { run } from 'rxshim';
import { local } from 'rxshim/local';

const refusal = (options: object): string => {
  try {
    run(local(), ['true'], options);
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
};

describe('the options of a run', () => {
  it.each([
    [{ timeOut: 1 }, 'timeOut: there is no such option, did you mean timeout?: invalid argument'],
    [{ cdw: '/' }, 'cdw: there is no such option, did you mean cwd?'],
    [{ evn: {} }, 'evn: there is no such option, did you mean env?'],
    [{ signal: new AbortController().signal }, 'signal: there is no such option, did you mean abortSignal?'],
    [{ stdio: ['pipe'] }, "stdio: expected an object such as { stdout: 'inherit' }, got an array"],
    [
      { stdio: { stdout: 'pip' } },
      "stdio.stdout: expected 'ignore', 'inherit', 'pipe', an absolute path or a file: URI",
    ],
    [{ stdio: { sdtout: 'pipe' } }, 'stdio.sdtout: there is no such option, did you mean stdout?'],
    [
      { stop: { gracePeriod: 1 } },
      'stop.gracePeriod: there is no such option, expected one of signal, reached$, grace, killMode',
    ],
    [{ env: ['A=b'] }, 'env: expected an object such as { NAME: value }: invalid argument'],
    [{ env: { 'A=b': 'c' } }, 'env: expected names without = and NUL characters'],
    [{ env: { A: 1 } }, 'env.A: expected a text without NUL characters, or undefined'],
    [{ cwd: 1 }, 'cwd: expected a path, got 1'],
    [{ timeout: -1 }, 'timeout: expected milliseconds'],
    [{ maxOutput: 'much' }, 'maxOutput: expected a number of bytes, got "much"'],
    [{ abortSignal: {} }, 'abortSignal: expected an AbortSignal'],
    [{ input: 5 }, 'input: expected text, bytes, or anything that can be iterated or read, got 5'],
    [{ input: null }, 'input: expected text, bytes, or anything that can be iterated or read, got null'],
    [{ input: 'x', stdio: { stdin: 'inherit' } }, 'input: expected nothing besides stdio.stdin'],
  ])('%j are refused', (options, message) => {
    expect(refusal(options)).toContain(message);
  });

  it('refuse what is no command', () => {
    expect(() => run(local(), [])).toThrow('argv: expected a command and its arguments');
    expect(() => run(local(), 'ls -l' as never)).toThrow(
      'argv: expected a command and its arguments, got "ls -l"',
    );
    expect(() => run(local(), ['ls', 1 as never])).toThrow(
      'argv[1]: expected a text without NUL characters, got 1',
    );
    expect(() => run(local as never, ['ls'])).toThrow('target: expected a compute system, such as local()');
  });

  it('are checked by the types', () => {
    const typed = (): void => {
      // @ts-expect-error: no such option
      run(local(), ['true'], { timeOut: 1 });
      // @ts-expect-error: no such word
      run(local(), ['true'], { stdio: { stdout: 'pip' } });
      // @ts-expect-error: an object
      run(local(), ['true'], { stdio: ['pipe'] });
      // @ts-expect-error: abortSignal
      run(local(), ['true'], { signal: new AbortController().signal });
    };
    expect(typed).toThrow();
  });
});
