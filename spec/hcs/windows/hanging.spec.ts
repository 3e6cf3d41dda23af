import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { isTimeout } from '../../../src/hcs/failures/classifiers.js';
import { create, done, first, overEachLibrary, puppet, until } from './on-the-double.js';

// Long enough for what does not hang, also on a busy machine.
const timeout = process.platform === 'win32' ? 1_000 : 400;
const timeouts = { call: timeout, create: timeout, start: timeout };

overEachLibrary('where a call of the service hangs', (on) => {
  const { double, container, running, opened } = on;

  const timesOut = async (work: Promise<unknown>): Promise<void> => {
    expect(isTimeout(await work.catch((error: unknown) => error))).toBe(true);
  };

  it('its caller gets a timeout, and the rest of the program goes on', async () => {
    const system = await running({ timeouts });
    const process = await puppet(on, system, 7);
    for (const name of ['HcsSignalProcess', 'HcsModifyProcess']) double.shut(name);
    const work = [
      first(process.signal({ Signal: 'CtrlC' })),
      first(process.signal({ Signal: 'CtrlC' })),
      first(process.signal({ Signal: 'CtrlC' })),
      done(process.resizeConsole({ width: 1, height: 1 })),
    ];
    expect((await readFile('package.json', 'utf8')).length).toBeGreaterThan(0);
    await Promise.all(work.map(timesOut));
    double.reset();
    double.puppets(8);
    double.exit(7, 3);
    expect(await first(process.exit$)).toEqual({ kind: 'exited', code: 3 });
    await done(process.close());
  });

  it('no handle is closed under it', async () => {
    const system = await running({ timeouts });
    const process = await puppet(on, system, 7);
    double.shut('HcsModifyProcess');
    await timesOut(done(process.resizeConsole({ width: 1, height: 1 })));
    const closing = done(process.close());
    expect(double.count('processes')).toBe(1);
    double.open('HcsModifyProcess');
    await closing;
    expect(double.count('processes')).toBe(0);
    double.exit(7, 0);
  });

  it.each([
    ['creating', 'HcsCreateComputeSystem'],
    ['starting', 'HcsStartComputeSystem'],
  ])('while %s a container, what comes of it late is closed', async (_, name) => {
    double.shut(name);
    const system = container({ timeouts });
    await timesOut(done(system.start()));
    double.open(name);
    await until(() => double.count('systems') === (name === 'HcsCreateComputeSystem' ? 0 : 1));
    await done(opened(system.id).terminate());
  });

  it('while creating a process, what comes of it late is closed, and so are its streams', async () => {
    const system = await running({ timeouts });
    double.shut('HcsCreateProcess');
    double.puppets(9);
    await timesOut(create(system, {}));
    double.open('HcsCreateProcess');
    await until(() => double.count('children') === 1 && double.count('processes') === 0, 'the late process');
    expect(() => double.write(9, 'stdout', 'anyone?')).toThrow();
    double.exit(9, 0);
  });

  it('while opening one, what comes of it late is closed', async () => {
    const system = await running();
    double.shut('HcsOpenComputeSystem');
    const other = opened(system.id, { timeouts });
    await timesOut(done(other.pids()));
    double.open('HcsOpenComputeSystem');
    await until(() => double.count('systems') === 1);
  });

  it('in its operation and not in itself, no thread waits, and it is closed when it ends', async () => {
    if (double.service.library === 'vmcompute') return;
    const system = await running({ timeouts });
    const process = await puppet(on, system, 7);
    double.shut('HcsSignalProcess!');
    const work = Array.from({ length: 20 }, () => first(process.signal({ Signal: 'CtrlC' })));
    await Promise.all(work.map(timesOut));
    expect(double.count('operations')).toBe(20);
    expect(await first(system.pids())).toEqual([7]);
    double.open('HcsSignalProcess!');
    await until(() => double.count('operations') === 0);
    double.exit(7, 0);
    await done(process.close());
  });
});
