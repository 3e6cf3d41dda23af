import { expect, it } from '@jest/globals';
import { done } from '../../hcs/local/on-this-host.js';
import { saysReady } from '../../support/ready.js';
import { inTerminal, line, withTerminal } from '../in-terminal.js';
import { describeOnLinux, rxshim, shell } from '../rxshim.js';

describeOnLinux('rxshim run -t', () => {
  it("gives the command a terminal of the size of the user's", () =>
    inTerminal(async ({ type, sees }) => {
      await type(withTerminal('test -t 0 -a -t 1 -a -t 2 && stty size; exit 3'));
      expect(await sees(/code 3/)).toContain('30 100');
    }));

  it('follows when that changes its size', () =>
    inTerminal(async ({ process, type, sees }) => {
      await type(withTerminal("trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done"));
      await sees(/ready/);
      await done(process.resizeConsole({ width: 77, height: 22 }));
      expect(await sees(/code 0/)).toContain('22 77');
    }));

  it('passes every key on with -i, Ctrl-C among them', () =>
    inTerminal(async ({ type, sees }) => {
      const onInterrupt = 'echo interrupted; read line; echo "got $line"; exit 0';
      await type(withTerminal(`trap '${onInterrupt}' INT; echo ready; while :; do sleep 0.01; done`, '-i'));
      await sees(/ready/);
      await type('\x03');
      await sees(/interrupted/);
      await type('a line\r');
      await sees(/got a line[\s\S]*code 0/);
    }));

  it('shows the output of the command as it is with -i, a bare line feed too', () =>
    inTerminal(async ({ type, sees }) => {
      await type(withTerminal("echo one; stty -opost; printf 'two\\nthree\\r\\n'; exit 4", '-i'));
      expect(await sees(/code 4/)).toContain('one\r\ntwo\nthree\r\n');
    }));

  it('stops the command on Ctrl-C without -i', () =>
    inTerminal(async ({ type, sees }) => {
      await type(withTerminal(saysReady));
      await sees(/ready/);
      // The shell drops the rest of the line when a command ends by SIGINT.
      await type('\x03');
      await type('echo code $?\n');
      await sees(/code 130/);
    }));

  it.each([
    ['exits', 'exit 5', 'code 5'],
    ['is killed', 'kill -9 $$', 'code 137'],
    ['cannot be started', undefined, 'code 127'],
  ])('leaves the terminal as it was when the command %s', (_, script, code) =>
    inTerminal(async ({ type, sees }) => {
      await type('stty -a\n');
      const before = await sees(/-?cmin|min = \d+[\s\S]*echoke?[\s\S]*\n/);
      await type(script ? withTerminal(script, '-i') : line(['run', '-ti', '--', 'no-such-command']));
      await sees(new RegExp(code));
      await type('stty -a\n');
      const after = await sees(/-?cmin|min = \d+[\s\S]*echoke?[\s\S]*\n/);
      const flags = (text: string) => text.match(/-?(icanon|isig|opost|icrnl|echo)\b/g);
      expect(flags(after)).toEqual(flags(before));
      expect(flags(after)).toContain('icanon');
    }),
  );

  it('restores it when rxshim itself is asked to end', () =>
    inTerminal(async ({ type, sees }) => {
      await type(withTerminal('echo "ready $PPID."; exec sleep 600', '-i', '--events', '/dev/null'));
      const [, pid] = /ready (\d+)\./.exec(await sees(/ready \d+\./)) as RegExpExecArray;
      process.kill(Number(pid), 'SIGTERM');
      await sees(/code 143/);
      await type('stty -a\n');
      expect(await sees(/-?icanon/)).not.toContain('-icanon');
    }));

  it('draws its timeline below the command, which has a terminal that much lower', () =>
    inTerminal(async ({ type, sees, leave }) => {
      await type(withTerminal('stty size', '-i', '--timeline'));
      const seen = await sees(/code 0/);
      expect(seen).toContain('28 100');
      expect(seen).toContain('\x1b[1;28r');
      // At last the whole terminal scrolls again.
      expect(seen.lastIndexOf('\x1b[r')).toBeGreaterThan(seen.lastIndexOf('\x1b[1;28r'));
      await leave();
    }));

  it('is refused with -i at once where stdin is no terminal', async () => {
    const { code, stdout, stderr } = await rxshim(shell('echo ran', '-t', '-i'), { input: 'piped\n' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('the input device is not a TTY');
  });

  it('needs no terminal itself', async () => {
    expect(
      await rxshim(shell('test -t 0 && echo "$TERM"; exit 6', '-t'), { env: { TERM: '' } }),
    ).toMatchObject({
      code: 6,
      stdout: 'xterm\r\n',
    });
  });
});
