import { expect, it } from '@jest/globals';
import { create, init, inSystem, text } from '../hcs/local/on-this-host.js';
import { describeOnLinux, main, rxshim, start } from './rxshim.js';

describeOnLinux('the demo', () => {
  it('prints every step without a terminal, without escape codes, also in CI', async () => {
    const env = { CI: 'true', npm_lifecycle_event: 'start' };
    const { code, stdout, stderr } = await rxshim([], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain('\x1b');
    const table = stdout.slice(stdout.indexOf('exec      status')).split('\n');
    expect(
      table.slice(1, 7).map((line) => line.replaceAll(/ +\+?[\d.]+m?s/g, '').replaceAll(/ +/g, ' ')),
    ).toEqual([
      'init 143 ended by SIGTERM',
      'quick 3 exited with 3',
      'polite 0 exited with 0',
      'stubborn 137 ended by SIGKILL',
      'holder 0 exited with 0 truncated',
      'screen 0 exited with 0',
    ]);
    expect(stdout).toContain('npm start -- run');
  });

  it('is drawn live on a terminal, fits it, and gives the cursor back', () =>
    inSystem(async (system) => {
      await init(system);
      const size = { terminal: true, consoleSize: { width: 80, height: 24 } };
      const { stdio, exit$ } = await create(system, { args: [process.execPath, main, 'demo'], ...size });
      const drawn = await text(stdio.stdout);
      expect(drawn).toContain('\x1b[?25l');
      expect(drawn.lastIndexOf('\x1b[?25h')).toBeGreaterThan(drawn.lastIndexOf('\x1b[?25l'));
      const lines = stripped(drawn).split(/\r?\n/);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
      await new Promise((resolve) => exit$.subscribe(resolve)).then((exit) =>
        expect(exit).toMatchObject({ code: 0 }),
      );
    }));

  it('ends at once, with everything in it, when interrupted', async () => {
    const running = start([]);
    await running.said(/stubborn +running/);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130, stderr: '' });
  });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to go
const stripped = (text: string): string => text.replaceAll(/\x1b\[[?\d;]*[A-Za-z]|\r(?!\n)/g, '');
