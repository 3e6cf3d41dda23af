import { expect, it } from '@jest/globals';
import { describeOnLinux, rxshim, start } from '../rxshim.js';

const linesOf = (text: string): string[] => text.trimEnd().split('\n').sort();

describeOnLinux('run --all', () => {
  it('runs each command, with its name before each line, and exits as the first that failed', async () => {
    const commands = ['echo one; echo two', 'echo err >&2; exit 3'];
    const { code, stdout, stderr } = await rxshim(['run', '--all', '--names', 'web,job', ...commands]);
    expect(code).toBe(3);
    expect(stdout).toBe('[web] one\n[web] two\n');
    expect(linesOf(stderr)).toEqual(['[job] err', '[job] exited with 3', '[web] exited with 0']);
  });

  it('names commands by their first word, with a number where that is not unique', async () => {
    const { stdout } = await rxshim(['run', '--all', 'echo a', '/bin/echo b', 'printf c']);
    expect(linesOf(stdout)).toEqual(['[echo-1] a', '[echo-2] b', '[printf] c']);
  });

  it('stops the others when one has ended, which is no failure', async () => {
    const { code, stderr } = await rxshim(['run', '--all', '--kill-others', 'always', 'sleep 300', 'true']);
    expect(code).toBe(0);
    expect(stderr).toContain('[sleep] ended by SIGTERM\n');
  });

  it('stops the others only after a failure if so asked', async () => {
    const commands = ['true', 'sleep 0.2; exit 7', 'sleep 300'];
    const { code, stderr } = await rxshim(['run', '--all', '--kill-others', 'failure', ...commands]);
    expect(code).toBe(7);
    expect(stderr).toContain('ended by SIGTERM');
  });

  it('stops all of them when it is asked to end', async () => {
    const running = start(['run', '--all', 'echo ready-a; exec sleep 300', 'echo ready-b; exec sleep 300']);
    await running.said(/ready-a[\s\S]*ready-b|ready-b[\s\S]*ready-a/);
    running.child.kill('SIGTERM');
    const { signal, stderr } = await running.ended;
    expect(signal).toBe('SIGTERM');
    expect(stderr.match(/ended by SIGTERM/g)).toHaveLength(2);
  });

  it.each([
    [['--all', '--json', 'true'], '--json: expected a run without --all'],
    [['--all', '--docker-exec', 'c', 'true'], '--docker-exec: expected a run without --all, got "c"'],
    [['--all', '--names', 'a,b', 'true'], '--names: expected up to 1 names between commas, got "a,b"'],
    [['--all', '--kill-others', 'maybe', 'true'], '--kill-others: expected always or failure, got "maybe"'],
    [['--names', 'a', 'true'], '--names: expected --all as well, got "a"'],
    [['--all', ' '], 'COMMAND: expected command lines, such as \'npm run watch\', got " "'],
  ])('refuses %j', async (args, message) => {
    expect(await rxshim(['run', ...args])).toEqual({ code: 2, stdout: '', stderr: `rxshim: ${message}\n` });
  });
});
