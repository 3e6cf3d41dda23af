import { expect, it } from '@jest/globals';
import { describeOnLinux, rxshim } from '../rxshim.js';

describeOnLinux('what is for Windows alone', () => {
  it('a container of the Host Compute Service, is reported in one line', async () => {
    const { code, stdout, stderr } = await rxshim(['run', '--container', 'web', '--', 'cmd', '/c', 'ver']);
    expect([code, stdout]).toEqual([125, '']);
    expect(stderr).toMatch(/^rxshim: there is no Host Compute Service here \(this is linux\); [^\n]+\n$/);
  });

  it('a container from a layer folder, is reported as not supported', async () => {
    const { code, stderr } = await rxshim([
      'run',
      '--process-isolated',
      'C:\\layers\\nanoserver',
      '--',
      'cmd',
    ]);
    expect(code).toBe(125);
    expect(stderr).toMatch(/^rxshim: --process-isolated .+ is not supported yet .+--container ID\n$/);
  });

  it.each([
    ['--container', '', 'expected the id of a container, got ""'],
    ['--stop-signal', 'USR1', 'expected the name or number of a signal, such as CTRLC or TERM, got "USR1"'],
  ])('is checked before: %s %p', async (option, value, message) => {
    expect(await rxshim(['run', '--container', 'web', option, value, '--', 'cmd'])).toEqual({
      code: 2,
      stdout: '',
      stderr: `rxshim: ${option}: ${message}\n`,
    });
  });
});
