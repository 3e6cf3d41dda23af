import { expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import type { ComputeProcess } from '../../../src/hcs/compute-process.js';
import { create, done, init, inSystem, text, until } from '../../hcs/local/on-this-host.js';
import { saysReady } from '../../support/ready.js';
import { describeOnLinux, main, rxshim, shell } from '../rxshim.js';

const size = { width: 100, height: 30 };

/** Types a command line to a shell that has a terminal, as a person would. */
const inTerminal = (test: (person: Person) => Promise<void>): Promise<void> =>
  inSystem(async (system) => {
    await init(system);
    const terminal = { terminal: true, consoleSize: size };
    // Without echo and line editing, so that what is read is what was written.
    const person = await create(system, {
      args: ['sh', '-c', 'stty -echo; echo at home; exec sh'],
      ...terminal,
    });
    await until(person.stdio.stdout, /at home/);
    await test({
      process: person,
      type: (keys) => person.stdio.stdin!.write(Buffer.from(keys)),
      sees: (pattern) => orTellOf(pattern, until(person.stdio.stdout, pattern)),
      leave: async () => {
        await person.stdio.stdin!.write(Buffer.from('exit\n'));
        const rest = await text(person.stdio.stdout);
        await firstValueFrom(person.exit$);
        return rest;
      },
    });
  });

/** What never comes must not keep the system, and with it the whole run, from its end. */
const orTellOf = <T>(pattern: RegExp, seen: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`never seen: ${pattern}`)), 15_000);
    seen.then(resolve, reject).finally(() => clearTimeout(timer));
  });

interface Person {
  readonly process: ComputeProcess;
  type(keys: string): Promise<void>;
  sees(pattern: RegExp): Promise<string>;
  leave(): Promise<string>;
}

const line = (args: readonly string[]): string =>
  `${[process.execPath, main, ...args].map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(' ')}; echo code $?\n`;

const withTerminal = (script: string, ...options: string[]) => line(shell(script, '-t', ...options));

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

  it('stops the command on Ctrl-C without -i', () =>
    inTerminal(async ({ type, sees }) => {
      await type(withTerminal(saysReady));
      await sees(/ready/);
      await type('\x03');
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

  it('leaves it as it was when rxshim itself is told to end', () =>
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

  it('types what is piped in, and then the end of it', async () => {
    const script = 'stty -echo; echo ready; cat; exit 6';
    const { code, stdout } = await rxshim(shell(script, '-t', '-i'), { input: 'piped\n' });
    expect({ code, ready: stdout.includes('ready'), piped: stdout.includes('piped') }).toEqual({
      code: 6,
      ready: true,
      piped: true,
    });
  });
});
