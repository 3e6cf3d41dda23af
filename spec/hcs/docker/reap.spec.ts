import { expect, test } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { listContainers, reap } from '../../../src/hcs/docker/index.js';
import { thisProgram } from '../../../src/hcs/docker/owned/program.js';
import { onEachDaemon } from './on-daemons.js';

onEachDaemon('containers of an owner', ({ name, daemon, task, containers }) => {
  const options = { owner: `reaper-${name}`, host: () => daemon().host };
  const of = () => ({ owner: options.owner, host: options.host() });
  const command = ['sleep', '1000'];
  const reaped = async () =>
    (await lastValueFrom(reap(of()).pipe(toArray()))).map((found) => found.name).sort();

  test('are listed with what they are; those of a program that runs stay', async () => {
    const ours = await task({ command, owner: options.owner });
    const others = await task({ command, owner: 'another' });
    expect(await listContainers(of())).toMatchObject([
      { name: ours.system.id, state: 'running', isOurs: true, isAbandoned: false },
    ]);
    expect(await reaped()).toEqual([]);
    expect([ours.init.state, others.init.state]).toEqual(['running', 'running']);
    await Promise.all([ours[Symbol.asyncDispose](), others[Symbol.asyncDispose]()]);
  });

  test('are removed when their lifetime is over, or their program has ended, whatever state they are in', async () => {
    const expired = await task({ command, owner: options.owner, lifetime: 1 });
    const [host, boot, namespace] = (thisProgram() as string).split(' ');
    // A pid that no process has, a process that has this one's pid but began earlier, a host that cannot be looked at.
    const programs = {
      ended: [host, boot, namespace, 2 ** 22 + 1, 1],
      replaced: [host, boot, namespace, process.pid, 1],
      rebooted: [host, 'another', namespace, process.pid, 1],
      elsewhere: ['elsewhere', boot, namespace, 2 ** 22 + 1, 1],
      hidden: [host, boot, 'pid:[1]', 2 ** 22 + 1, 1],
    };
    const tasks = await Promise.all(
      Object.entries(programs).map(([title, program]) =>
        task({
          command,
          owner: options.owner,
          name: `${name}-${title}`,
          // What this run of the program would put there itself.
          Labels: { 'rxshim.run': 'earlier', 'rxshim.program': program.join(' ') },
        }),
      ),
    );
    expect(await reaped()).toEqual(
      [expired.system.id, ...['ended', 'rebooted', 'replaced'].map((title) => `${name}-${title}`)].sort(),
    );
    expect([...(await containers())].sort()).toEqual([`${name}-elsewhere`, `${name}-hidden`]);
    await Promise.all([expired, ...tasks].map((one) => one[Symbol.asyncDispose]()));
  });
});
