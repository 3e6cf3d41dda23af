import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeOnLinux, rxshim, scratch, shell, start } from '../rxshim.js';

type Line = Readonly<Record<string, unknown>> & {
  readonly fact: string;
  readonly at: number;
  readonly time: string;
};

const parse = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const word = ({ fact, phase, topic, what }: Line): string =>
  [fact, phase ?? topic ?? what].filter(Boolean).join(' ');

describeOnLinux('--events', () => {
  const at = scratch();
  const eventsOf = async (script: string) => {
    const file = at('events');
    const { code } = await rxshim(shell(script, '--events', file));
    return { code, lines: parse(readFileSync(file, 'utf8')) };
  };

  it('reports a whole life, each fact once and in order', async () => {
    const { code, lines } = await eventsOf('exit 3');
    expect(code).toBe(3);
    expect(lines.map(word)).toEqual([
      'state created',
      'event /tasks/create',
      'state starting',
      'state announcing',
      'event /tasks/start',
      'state running',
      'state draining',
      'exit',
      'state releasing',
      'drained',
      'state released',
      'released',
      'event /tasks/exit',
      'event /tasks/delete',
    ]);
  });

  it('gives each fact its time and its task, in an order that time agrees with', async () => {
    const { lines } = await eventsOf('exit 0');
    const [first] = lines;
    for (const line of lines) {
      expect(line['task']).toBe(first?.['task']);
      expect(new Date(line.time).toISOString()).toBe(line.time);
    }
    expect(lines.map((line) => line.at)).toEqual(lines.map((line) => line.at).sort((a, b) => a - b));
  });

  it('says how it ended, the same in the exit and in its event', async () => {
    const { lines } = await eventsOf('kill -9 $$');
    expect(lines.find(({ fact }) => fact === 'exit')).toMatchObject({
      kind: 'signaled',
      signal: 9,
      status: 137,
    });
    expect(lines.find(({ topic }) => topic === '/tasks/exit')).toMatchObject({ exitStatus: 137 });
  });

  it('reports a command that could not be started, without a start event', async () => {
    const file = at('events');
    expect(await rxshim(['run', '--events', file, '--', 'no-such-command'])).toMatchObject({ code: 127 });
    const lines = parse(readFileSync(file, 'utf8'));
    expect(lines.find(({ fact }) => fact === 'exit')).toMatchObject({ kind: 'startFailed', status: 127 });
    expect(lines.map(word)).not.toContain('event /tasks/start');
  });

  it('reports what was asked of the command', async () => {
    const file = at('events');
    const running = start(shell('echo ready; exec sleep 600', '--events', file));
    await running.said(/ready/);
    running.child.kill('SIGTERM');
    await running.ended;
    const asked = parse(readFileSync(file, 'utf8')).find(({ fact }) => fact === 'asked');
    expect(asked).toMatchObject({ to: 'stop', what: 'SIGTERM, killed after 10s' });
  });

  it('writes to stdout for -, and to another descriptor by its path', async () => {
    const { stdout } = await rxshim(['run', '--events', '-', '--', 'true']);
    expect(parse(stdout)).toHaveLength(14);
    const { child, ended } = start(['run', '--events', '/dev/fd/3', '--', 'true'], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdio[3]?.on('data', (chunk) => {
      text += chunk;
    });
    expect(await ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(parse(text)).toHaveLength(14);
  });

  it('is refused before anything is started when it cannot be written', async () => {
    const touched = at('touched');
    expect(await rxshim(['run', '--events', '/no/such/place', '--', 'touch', touched])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'rxshim: --events: cannot write to "/no/such/place": no such file or directory\n',
    });
    expect(() => readFileSync(touched)).toThrow(/ENOENT/);
  });

  it('costs its facts and not the command when it fills up', async () => {
    const { code, stdout, stderr } = await rxshim(['run', '--events', '/dev/full', '--', 'echo', 'done']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' });
    expect(stderr).toMatch(
      /^rxshim: --events: writing \/dev\/full failed, no more facts are written: ENOSPC.*\n$/,
    );
  });
});
