import { expect, it } from '@jest/globals';
import { local } from '../../../../src/hcs/local/index.js';
import { done, first, pause, script } from '../../windows/on-the-double.js';

it('a process of this Windows can have a console, which has a size and is heard', async () => {
  const system = local();
  const parameters = {
    ...script(`console.log('tty', process.stdout.isTTY, process.stdout.columns); setTimeout(() => {}, 1000)`),
    EmulateConsole: true,
    ConsoleSize: [24, 100] as const,
    CreateStdInPipe: true,
    CreateStdOutPipe: true,
  };
  const process = await first(system.createProcess(parameters));
  let said = '';
  const reading = (async () => {
    for await (const chunk of process.stdio.stdout!) said += Buffer.from(chunk).toString();
  })();
  for (let turn = 0; !said.includes('100') && turn < 300; turn += 1) await pause(20);
  expect(said).toContain('tty true 100');
  await done(process.resizeConsole({ width: 80, height: 25 }));
  expect(await first(process.exit$)).toEqual({ kind: 'exited', code: 0 });
  await reading;
  await done(process.close());
  expect(await first(system.exit$)).toEqual({ reason: 'ended' });
});
