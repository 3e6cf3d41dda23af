/**
 * What the Windows engine costs, over the double of the Host Compute Service: the service's own time is not in it. Needs
 * a C compiler; without one there are no figures.
 */
import { EMPTY, lastValueFrom, type Observable } from 'rxjs';
import { type Double, double } from '../../spec/doubles/hcs/control.js';
import { koffi, type NativeFunction } from '../../src/hcs/native/call/koffi.js';
import { createContainer, type LibraryName, type WindowsSystem } from '../../src/hcs/windows/index.js';
import { createExec } from '../../src/streams/exec/exec.js';
import { unconnected } from '../../src/streams/stdio/upstream.js';
import { type Figure, perSecond } from './harness.js';

export const windows = async (quick: boolean): Promise<Figure[]> => {
  const doubles = doublesOrNone();
  const figures: Figure[] = [];
  for (const each of doubles) figures.push(...(await measure(each, quick)));
  const [first] = doubles;
  if (first) figures.push(...(await calls(first, quick)));
  return figures;
};

const doublesOrNone = (): readonly Double[] => {
  try {
    return (['vmcompute', 'computecore'] as const satisfies LibraryName[]).map(double);
  } catch {
    return [];
  }
};

const done = (act: Observable<unknown>): Promise<unknown> => lastValueFrom(act, { defaultValue: undefined });

const measure = async (double: Double, quick: boolean): Promise<Figure[]> => {
  const { service } = double;
  const system = createContainer(`bench-${service.library}`, {}, { service, osBuild: 20348 });
  await done(system.start());
  let pid = 1;
  const live = async (): Promise<void> => {
    double.puppets(pid);
    const id = `exec-${pid}`;
    const exec = createExec({
      taskId: 'task',
      id,
      bundle: '',
      system,
      upstream: unconnected,
      spec: { args: ['x'] },
      publish: () => EMPTY,
    });
    await exec.start();
    double.exit(pid++, 0);
    await exec.wait();
  };
  const one = async (lives: number): Promise<void> => {
    for (let life = 0; life < lives; life += 1) await live();
  };
  const value = await perSecond(quick ? 1 : 3, quick ? 200 : 2_000, one);
  const question = await perSecond(quick ? 1 : 3, quick ? 200 : 2_000, (count) => ask(system, count));
  await done(system.terminate());
  await done(system.close());
  return [
    { name: `${service.library}: lives of an exec`, value, unit: '/s' },
    {
      name: `${service.library}: a question answered`,
      value: 1e6 / question,
      unit: 'µs',
      lessIsBetter: true,
    },
  ];
};

const ask = async (system: WindowsSystem, count: number): Promise<void> => {
  for (let asked = 0; asked < count; asked += 1) await done(system.pids());
};

/** The same function of the double, called on this thread and on one of the pool. */
const calls = async ({ service }: Double, quick: boolean): Promise<Figure[]> => {
  const count = koffi().load(service.path!).func('DoubleCount', 'int32', ['str']);
  const direct = await perSecond(quick ? 1 : 5, quick ? 10_000 : 500_000, (times) => {
    for (let time = 0; time < times; time += 1) count('calls');
  });
  const pooled = await perSecond(quick ? 1 : 5, quick ? 200 : 5_000, (times) => onPool(count, times));
  return [
    { name: 'one native call', value: 1e9 / direct, unit: 'ns', lessIsBetter: true },
    { name: 'one native call on the pool', value: 1e6 / pooled, unit: 'µs', lessIsBetter: true },
  ];
};

const onPool = async (call: NativeFunction, times: number): Promise<void> => {
  for (let time = 0; time < times; time += 1) await new Promise((resolve) => call.async('calls', resolve));
};
