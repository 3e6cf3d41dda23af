/**
 * One life of a local process with whatever it starts, ended in one of many ways at a moment that chance picks.
 */
import { defer, ignoreElements, switchMap, timer } from 'rxjs';
import { local } from '../../src/hcs/local/index.js';
import { createTask, type Exec, type StdioRequest, type Task } from '../../src/index.js';

/** From 0 to below 1. */
export type Chance = () => number;

export const pick = <T>(chance: Chance, from: readonly T[]): T =>
  from[Math.floor(chance() * from.length)] as T;

/** @param mark what every process that does not end by itself has among its arguments. */
export const scripts = (mark: string): readonly string[] => [
  'true',
  'exit 3',
  'seq 2000',
  'kill -9 $$',
  'cat',
  'yes',
  `exec sleep ${mark}`,
  `sleep ${mark} & sleep ${mark} & wait`,
  `sleep ${mark} & exit 1`,
  `setsid env -i sleep ${mark} & wait`,
  `(setsid sh -c 'sleep ${mark} & sleep ${mark} &' &) ; sleep ${mark}`,
  `trap '' TERM; sleep ${mark}; sleep ${mark}`,
  `trap 'exit 0' TERM; while :; do sleep 0.01; done`,
];

const stdios: readonly StdioRequest[] = [
  {},
  { stdout: 'pipe' },
  { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' },
  { stdin: 'pipe', stdout: 'pipe', terminal: true },
];

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What was asked for at a bad moment may say so; that is no defect. */
const orRefused = (work: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(work).catch(() => undefined);

/** The ways to end a process of which it is not known whether it still runs. Each name shows in the count. */
const ends: Readonly<Record<string, (exec: Exec, chance: Chance) => Promise<unknown>>> = {
  stopped: (exec, chance) => orRefused(exec.stop({ grace: chance() * 20 })),
  'its leader stopped': (exec, chance) => orRefused(exec.stop({ grace: chance() * 20, killMode: 'leader' })),
  forced: (exec) => orRefused(exec.forceExit(1)),
  killed: (exec) => orRefused(exec.kill(9, { killMode: 'tree' })),
  unsubscribed: async (exec, chance) => {
    const subscription = exec.wait().subscribe({ error: () => undefined });
    await after(chance() * 5);
    subscription.unsubscribe();
  },
  aborted: (exec, chance) =>
    orRefused(exec.wait({ abortSignal: AbortSignal.timeout(Math.ceil(chance() * 5)) })),
  'its reader gone': async (exec) => {
    for await (const _ of exec.stdout ?? []) break;
  },
  disposed: (exec) => orRefused(exec[Symbol.asyncDispose]()),
};

/** @returns how it was ended. */
export const live = async (id: string, mark: string, chance: Chance): Promise<string> => {
  const spec = { args: ['sh', '-c', pick(chance, scripts(mark))] };
  const stdio = pick(chance, stdios);
  if (chance() < 0.15) return givenUp(id, { spec, stdio }, chance);
  const inside = chance() < 0.3;
  const task = await createTask({
    id,
    system: local(),
    ...(inside ? { spec: { args: ['sleep', mark] } } : { spec, stdio }),
  });
  try {
    if (inside) await task.init.start();
    const exec = inside ? await task.createExec({ id: 'exec', spec, stdio }) : task.init;
    return `${inside ? 'an exec, ' : ''}${await liveAndEnd(exec, chance)}`;
  } finally {
    await task[Symbol.asyncDispose]();
  }
};

const liveAndEnd = async (exec: Exec, chance: Chance): Promise<string> => {
  const [name, end] = pick(chance, Object.entries(ends));
  if (chance() < 0.2)
    exec
      .start()
      .subscribe({ error: () => undefined })
      .unsubscribe();
  else await orRefused(exec.start());
  if (chance() < 0.8) await after(chance() * 30);
  // A reader that waits for output that never comes would wait for ever.
  await Promise.race([end(exec, chance), after(200)]);
  return name;
};

/** Unsubscribed at any moment of its making, its start or its life, as `switchMap` and `timeout` do. */
const givenUp = async (
  id: string,
  options: { readonly spec: { readonly args: readonly string[] }; readonly stdio: StdioRequest },
  chance: Chance,
): Promise<string> => {
  let made: Task | undefined;
  const life$ = createTask({ id, system: local(), ...options }).pipe(
    switchMap((task) => {
      made = task;
      return timer(chance() * 3).pipe(
        switchMap(() => task.init.start().pipe(ignoreElements())),
        switchMap(() => defer(() => task.wait())),
      );
    }),
  );
  const subscription = life$.subscribe({ error: () => undefined });
  await after(chance() * 10);
  subscription.unsubscribe();
  await made?.[Symbol.asyncDispose]();
  return 'given up';
};
