import { describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { saysReady } from '../../support/ready.js';
import { create, done, inSystem, run, shell, text, until } from './on-this-host.js';

const terminal = { terminal: true, consoleSize: { width: 100, height: 30 } };

describe('a local process with a terminal', () => {
  it('has it for all three streams and as its controlling terminal, at the size that was asked for', async () => {
    const { stdout, exit } = await run(
      shell('test -t 0 -a -t 1 -a -t 2 && stty size </dev/tty; exit 5', terminal),
    );
    expect({ stdout, exit }).toEqual({ stdout: '30 100\r\n', exit: { kind: 'exited', code: 5 } });
  });

  it('leads its session and its foreground group', async () => {
    const { stdout } = await run(shell('cat /proc/$$/stat', terminal));
    const [pid, , , , group, session, , foreground] = stdout.split(' ');
    expect([group, session, foreground]).toEqual([pid, pid, pid]);
  });

  it('sees the size change, and gets SIGWINCH', () =>
    inSystem(async (system) => {
      const script = "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done";
      const process = await create(system, shell(script, terminal));
      await until(process.stdio.stdout, /ready/);
      await done(process.resizeConsole({ width: 65535, height: 1 }));
      expect(await until(process.stdio.stdout, /\d+ \d+/)).toContain('1 65535');
    }));

  it('loses no output, however much, before the end', async () => {
    const { stdout } = await run(shell('seq 1 50000', terminal));
    expect(stdout.replaceAll('\r', '').trim().split('\n').map(Number)).toEqual(
      Array.from({ length: 50_000 }, (_, index) => index + 1),
    );
  });

  it('has job control', () =>
    inSystem(async (system) => {
      const process = await create(system, { args: ['sh', '-i'], ...terminal });
      const output = text(process.stdio.stdout);
      await process.stdio.stdin!.write(Buffer.from('set -o | grep monitor; exit 3\n'));
      expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'exited', code: 3 });
      expect(await output).toMatch(/monitor\s+on/);
      expect(await output).not.toContain('job control turned off');
    }));

  it('is interrupted by what is typed', () =>
    inSystem(async (system) => {
      const process = await create(system, shell(saysReady, terminal));
      await until(process.stdio.stdout, /ready/);
      await process.stdio.stdin!.write(Buffer.from('\x03'));
      expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'signaled', signal: 2, code: 130 });
    }));

  it.each(['', 'a line\n', 'no line'])(
    'reads to the end of its input when that is closed after %p',
    (typed) =>
      inSystem(async (system) => {
        const process = await create(system, shell('stty -echo; echo ready; cat; echo; echo end', terminal));
        await until(process.stdio.stdout, /ready/);
        if (typed) await process.stdio.stdin!.write(Buffer.from(typed));
        await done(process.closeStdin());
        await until(process.stdio.stdout, new RegExp(`${typed.trim()}[^]*end`));
        expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'exited', code: 0 });
      }),
  );

  it('is hung up when its output is closed', () =>
    inSystem(async (system) => {
      const process = await create(system, shell(saysReady, terminal));
      await until(process.stdio.stdout, /ready/);
      await done(process.closeStdout());
      expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'signaled', signal: 1, code: 129 });
    }));

  it('runs on when its output was not requested', () =>
    inSystem(async (system) => {
      const process = await firstValueFrom(
        system.createProcess({ OciProcess: shell('seq 1 50000; exit 8', terminal) }),
      );
      expect(process.stdio).toEqual({});
      expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'exited', code: 8 });
    }));

  it('can be left alone after its end', () =>
    inSystem(async (system) => {
      const process = await create(system, shell('exit', terminal));
      await text(process.stdio.stdout);
      await done(process.exit$);
      await done(process.resizeConsole({ width: 1, height: 1 }));
      await done(process.closeStdin());
      await done(process.close());
      await done(process.closeStdin());
      await expect(done(process.resizeConsole({ width: 1, height: 1 }))).rejects.toMatchObject({
        kind: 'failedPrecondition',
      });
    }));

  it('takes no descriptors', () =>
    inSystem(async (system) => {
      await expect(create(system, shell('true', terminal), { stdout: 1 })).rejects.toMatchObject({
        kind: 'invalidArgument',
        field: 'descriptors',
      });
    }));
});
