import { expect, it } from '@jest/globals';
import { local } from '../../../../src/hcs/local/index.js';
import { done, first, text } from '../../windows/on-the-double.js';

const all = { CreateStdInPipe: true, CreateStdOutPipe: true };

// By the console's own name: Wine gives a process no standard streams on its console, as Windows does.
it('a process of this Windows can have a console, which is heard and has an end', async () => {
  const system = local();
  const process = await first(
    system.createProcess({
      CommandLine: 'cmd /c "echo hello>CON"',
      EmulateConsole: true,
      ConsoleSize: [24, 100],
      ...all,
    }),
  );
  const [said, exit] = await Promise.all([text(process.stdio.stdout), first(process.exit$)]);
  expect(said).toContain('hello');
  expect(exit).toEqual({ kind: 'exited', code: 0 });
  await expect(done(process.resizeConsole({ width: 80, height: 25 }))).rejects.toMatchObject({
    kind: 'failedPrecondition',
  });
  await done(process.close());
  expect(await first(system.exit$)).toEqual({ reason: 'ended' });
});

it('a console can be resized while its process runs', async () => {
  const system = local();
  const process = await first(system.createProcess({ CommandLine: 'cmd /k', EmulateConsole: true, ...all }));
  await done(process.resizeConsole({ width: 120, height: 40 }));
  await first(process.kill());
  expect(await first(process.exit$)).toEqual({ kind: 'exited', code: 1 });
  await done(process.close());
  await first(system.exit$);
});
