import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeOnLinux, main, rxshim, scratch, shell, start } from '../rxshim.js';

describeOnLinux('the stdio of rxshim run', () => {
  const at = scratch();

  it("is the command's, apart for stdout and stderr", async () => {
    expect(await rxshim(shell('echo out; echo err >&2'))).toEqual({
      code: 0,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('is handed over, not copied: the command has the very file', async () => {
    const fd = openSync(at('out'), 'w');
    const { code } = await rxshim(shell('echo one; readlink /proc/self/fd/1'), {
      stdio: ['ignore', fd, 'pipe'],
    });
    closeSync(fd);
    expect({ code, text: readFileSync(at('out'), 'utf8') }).toEqual({ code: 0, text: `one\n${at('out')}\n` });
  });

  it('reads what is piped in with -i', async () => {
    expect(await rxshim(shell('cat; exit 4', '-i'), { input: 'typed\n' })).toMatchObject({
      code: 4,
      stdout: 'typed\n',
    });
  });

  it('reads nothing without -i', async () => {
    expect(await rxshim(shell('cat; exit 4'), { input: 'typed\n' })).toMatchObject({ code: 4, stdout: '' });
  });

  it('may be closed by its reader, which ends the command as it would without rxshim', () => {
    const script = `{ "$@"; echo $? >&2; } | head -n 1`;
    const yes = [process.execPath, main, 'run', '--', 'yes'];
    const { stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', ...yes], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: 'y\n', stderr: '141\n' });
  });

  it('may have no reader for what rxshim itself has to say', async () => {
    const running = start(shell('echo ready; read line; exit 5', '-i', '--timeline'), {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.child.stderr?.destroy();
    expect(await running.ended).toMatchObject({ code: 5 });
  });

  it('carries a lot of output whole', async () => {
    const { code, stdout } = await rxshim(['run', '--', 'seq', '200000']);
    expect({ code, lines: stdout.split('\n').length, end: stdout.slice(-7) }).toEqual({
      code: 0,
      lines: 200_001,
      end: '200000\n',
    });
  });
});
