import { closeSync, openSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { exited } from '../../../src/hcs/contract/exit-code.js';
import { create, done, text, until } from '../local/on-this-host.js';
import { type Config, created, describeWithRunc, disposed, harness } from './on-runc.js';

const withTerminal = (config: Config): void => {
  config.process.terminal = true;
  config.process.consoleSize = { width: 100, height: 30 };
};

describeWithRunc('a terminal in a container', () => {
  const { container } = harness();

  test("is the init's own, with its size, input and output", async () => {
    const system = container('tty; stty size; read line; echo "<$line>"; exit 4', { config: withTerminal });
    const init = await created(system);
    await done(system.start());
    await until(init.stdio.stdout, /30 100\r\n/);
    await init.stdio.stdin?.write(Buffer.from('hello\n'));
    expect(await until(init.stdio.stdout, /<hello>\r\n/)).toContain('hello\r\n<hello>');
    expect(await firstValueFrom(init.exit$)).toEqual(exited(4));
    expect(init.stdio.stderr).toBeUndefined();
    await disposed(system);
  });

  test('ends its output when the last process that has it is gone', async () => {
    const system = container('echo all; echo of it', { config: withTerminal });
    const init = await created(system);
    await done(system.start());
    expect(await text(init.stdio.stdout)).toBe('all\r\nof it\r\n');
    await disposed(system);
  });

  test('is resized, and its processes hear of it', async () => {
    const system = container('trap "stty size" WINCH; echo ready; while :; do sleep 0.01; done', {
      config: withTerminal,
    });
    const init = await created(system);
    await done(system.start());
    await until(init.stdio.stdout, /ready/);
    await done(init.resizeConsole({ width: 132, height: 43 }));
    await until(init.stdio.stdout, /43 132/);
    await disposed(system);
  });

  test("is given to a further process that asks for one, and is not the init's", async () => {
    const system = container(['sleep', '1000']);
    await created(system);
    await done(system.start());
    const process = await create(system, {
      args: ['sh', '-c', 'stty size; tty; cat; exit 6'],
      terminal: true,
      consoleSize: { width: 90, height: 20 },
    });
    await until(process.stdio.stdout, /20 90\r\n\/dev\/pts\/0\r\n/);
    await done(process.closeStdin());
    expect(await firstValueFrom(process.exit$)).toEqual(exited(6));
    await disposed(system);
  });

  test('leaves no place for descriptors', async () => {
    const system = container('true', { config: withTerminal });
    const fd = openSync('/dev/null', 'r');
    await expect(created(system, { stdin: fd })).rejects.toHaveProperty('kind', 'invalidArgument');
    closeSync(fd);
  });
});
