import { expect, it } from '@jest/globals';
import { describeOnLinux, rxshim, shell } from '../rxshim.js';

describeOnLinux('the exit code of rxshim run', () => {
  it.each([0, 3, 255])("is the command's own: %d", async (code) => {
    expect(await rxshim(shell(`exit ${code}`))).toEqual({ code, stdout: '', stderr: '' });
  });

  it.each([
    ['TERM', 143],
    ['KILL', 137],
    ['34', 162],
  ])('is 128 + n for a command ended by signal %s', async (signal, code) => {
    expect(await rxshim(shell(`kill -${signal} $$`))).toEqual({ code, stdout: '', stderr: '' });
  });

  it('is 127 for a command that is not there, with one line that names it', async () => {
    expect(await rxshim(['run', '--', 'no-such-command'])).toEqual({
      code: 127,
      stdout: '',
      stderr: 'rxshim: exec: "no-such-command": executable file not found in $PATH\n',
    });
  });

  it('is 126 for what cannot be executed', async () => {
    expect(await rxshim(['run', '--', '/etc/passwd'])).toEqual({
      code: 126,
      stdout: '',
      stderr: 'rxshim: exec: "/etc/passwd": permission denied\n',
    });
  });

  it("is recognised without a -- as well, and options after the command are the command's", async () => {
    expect(await rxshim(['run', 'echo', '-n', '--timeline', '-t'])).toEqual({
      code: 0,
      stdout: '--timeline -t',
      stderr: '',
    });
  });
});
