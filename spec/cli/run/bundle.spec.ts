import { expect, it } from '@jest/globals';
import { describeWithRunc, harness } from '../../hcs/runc/on-runc.js';
import { rxshim } from '../rxshim.js';

describeWithRunc('run --bundle', () => {
  const { bundle, path } = harness();

  it('runs the command of the bundle in a container of runc, with its output and exit code', async () => {
    const made = bundle('echo out; echo err >&2; exit 5');
    expect(await rxshim(['run', '--bundle', made])).toEqual({ code: 5, stdout: 'out\n', stderr: 'err\n' });
  });

  it('stops the container after --timeout', async () => {
    const made = bundle('exec sleep 300');
    const { code, stdout } = await rxshim([
      'run',
      '--bundle',
      made,
      '--timeout',
      '300ms',
      '--stop-timeout',
      '0s',
      '--json',
    ]);
    expect(code).toBe(124);
    expect(JSON.parse(stdout)).toMatchObject({ timedOut: true, command: ['sh', '-c', 'exec sleep 300'] });
  });

  it('refuses what it cannot mean', async () => {
    const made = bundle('true');
    const refused = async (...args: string[]) => (await rxshim(['run', ...args])).stderr;
    expect(await refused('--bundle', made, '--', 'ls')).toContain('COMMAND: expected none with --bundle');
    expect(await refused('--bundle', made, '-e', 'A=1')).toContain('expected no --env beside it');
    expect(await refused('--bundle', path('missing'))).toContain('config.json": no such file or directory');
    expect(await refused('--bundle', made, '-t')).toContain('expected no -t, as process.terminal');
  });
});
