/** An option that there is not is refused by its path from the root, whichever call it is given to. */

import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import {
  adoptTask,
  createTask,
  lines,
  listTasks,
  reap,
  run,
  runTask,
  type Task,
  type TaskRegistry,
} from 'rxshim';
import { docker, dockerExec, dockerRegistry, ensureImage, pullImage } from 'rxshim/docker';
import { kubernetes, kubernetesExec, kubernetesRegistry } from 'rxshim/kubernetes';
import { local } from 'rxshim/local';
import { pool, readyWhen, supervise, expect as talk } from 'rxshim/orchestrate';
import { connectGuest, guestCommand, vsockSockets } from '../../src/hcs/guest/index.js';
import { runc, runcRegistry } from '../../src/hcs/runc/index.js';
import { createContainer, listContainers, openContainer } from '../../src/hcs/windows/index.js';

type Call = (options: object) => unknown;

/** Calls something of a task whose init runs. */
const ofTask =
  (call: (task: Task, options: object) => unknown): Call =>
  async (options) => {
    const task = await createTask({ id: 'beside', system: local() });
    try {
      await task.init.start();
      await call(task, options);
    } finally {
      await task[Symbol.asyncDispose]();
    }
  };

const registry: TaskRegistry = runcRegistry({ directory: '/nowhere' });

const task = { id: 't', spec: { args: ['true'] } };
const work = () => run(local(), ['true']);

const calls: Readonly<Record<string, Call>> = {
  'run()': (options) => run(local(), ['true'], options),
  'createTask()': (options) => createTask({ ...task, system: local(), ...options }),
  'runTask()': (options) => runTask({ ...task, system: local(), ...options }, () => [1]),
  'task.createExec()': ofTask((beside, options) => beside.createExec({ ...task, ...options })),
  'adoptTask()': (options) => adoptTask({ id: 't', system: local(), ...options }),
  'listTasks()': (options) => listTasks({ registry, ...options }),
  'reap()': (options) => reap({ registry, owner: 'o', ...options }),
  'local()': (options) => local(options),
  'runc()': (options) => runc({ id: 'c', bundle: '/nowhere', ...options }),
  'runcRegistry()': (options) => runcRegistry({ directory: '/nowhere', ...options }),
  'container.checkpoint()': (options) =>
    lastValueFrom(runc({ id: 'c', bundle: '/nowhere' }).checkpoint({ imagePath: '/nowhere', ...options })),
  'docker()': (options) => docker({ image: 'busybox', ...options }),
  'dockerExec()': (options) => dockerExec({ container: 'c', ...options }),
  'dockerRegistry()': (options) => dockerRegistry(options),
  'ensureImage()': (options) => ensureImage('busybox', options),
  'pullImage()': (options) => pullImage('busybox', options),
  'kubernetes()': (options) => kubernetes({ image: 'busybox', ...options }),
  'kubernetesExec()': (options) => kubernetesExec({ pod: 'p', ...options }),
  'kubernetesRegistry()': (options) => kubernetesRegistry(options),
  'connectGuest()': (options) => connectGuest(vsockSockets('/nowhere/v'), options),
  'guestCommand()': (options) => guestCommand({ command: 'true', ...options }),
  'openContainer()': (options) => openContainer('c', options),
  'createContainer()': (options) => createContainer('c', {}, options),
  'listContainers()': (options) => firstValueFrom(listContainers(options)),
  'supervise()': (options) => supervise(work, options),
  'pool()': (options) => pool(work, { concurrency: 1, ...options }),
  'readyWhen()': (options) => readyWhen(work(), { line: /x/ }, options),
  'expect(), a step': (options) => talk(local(), ['true'], [{ see: 'x', ...options }]),
  'readyWhen(), a condition': (options) => readyWhen(work(), { port: 80, ...options }),
  'lines()': (options) => lines(Readable.from([]), options),
  'expect()': (options) => talk(local(), ['true'], [], options),
};

/** The commands of execs and tasks: each takes options, if only an abortSignal. */
const commands: Readonly<Record<string, Call>> = {
  'createTask()': (options) => createTask({ ...task, system: local() }, options),
  'adoptTask()': (options) => adoptTask({ id: 't', system: local() }, options),
  'listTasks()': (options) => listTasks({ registry }, options),
  'reap()': (options) => reap({ registry, owner: 'o' }, options),
  'exec.start()': async (options) => {
    const created = await createTask({ ...task, system: local() });
    try {
      await created.init.start(options);
    } finally {
      await created[Symbol.asyncDispose]();
    }
  },
  'exec.kill()': ofTask(({ init }, options) => init.kill(0, options)),
  'exec.resizePty()': ofTask(({ init }, options) => init.resizePty({ width: 1, height: 1 }, options)),
  'exec.closeIo()': ofTask(({ init }, options) => init.closeIo(options)),
  'exec.wait()': ofTask(({ init }, options) => init.wait(options)),
  'exec.forceExit()': ofTask(({ init }, options) => init.forceExit(1, options)),
  'exec.stop()': ofTask(({ init }, options) => init.stop(options)),
  'task.createExec()': ofTask((beside, options) => beside.createExec(task, options)),
  'task.delete()': ofTask((beside, options) => beside.delete('', options)),
  'task.kill()': ofTask((beside, options) => beside.kill(0, options)),
  'task.pids()': ofTask((beside, options) => beside.pids(options)),
  'task.wait()': ofTask((beside, options) => beside.wait(options)),
  'task.stop()': ofTask((beside, options) => beside.stop(options)),
};

/** The field that is named when the options are refused, at once or later. */
const refused = async (call: Call, options: object): Promise<unknown> => {
  try {
    await call(options);
  } catch (error) {
    const { kind, field, message } = error as { kind?: string; field?: string; message: string };
    expect(message.startsWith(`${field}: `)).toBe(true);
    return { kind, field };
  }
  return 'taken';
};

/** Options, the path of the one that there is not, and the calls that take the others. */
const table: readonly (readonly [options: object, path: string, calls: readonly string[]])[] = [
  [{ nonsense: 1 }, 'nonsense', Object.keys(calls).filter((name) => !name.includes(', a '))],
  [{ nonsense: 1 }, 'steps[0].nonsense', ['expect(), a step']],
  [{ nonsense: 1 }, 'condition.nonsense', ['readyWhen(), a condition']],
  [{ spec: { args: ['true'], evn: [] } }, 'spec.evn', ['createTask()', 'runTask()', 'task.createExec()']],
  [{ spec: { agrs: ['true'] } }, 'spec.agrs', ['createTask()', 'runTask()', 'task.createExec()']],
  [
    { stdio: { sdtout: 'pipe' } },
    'stdio.sdtout',
    ['run()', 'createTask()', 'runTask()', 'task.createExec()'],
  ],
  [{ policies: { endTimeOut: 1 } }, 'policies.endTimeOut', ['createTask()', 'runTask()']],
  [{ policies: { drain: { cap: 1, sttall: 1 } } }, 'policies.drain.sttall', ['createTask()', 'runTask()']],
  [{ stop: { gracePeriod: 1 } }, 'stop.gracePeriod', ['run()', 'runTask()', 'expect()']],
  [{ stdio: { sdtout: 'pipe' } }, 'stdio.sdtout', ['adoptTask()']],
  [{ policies: { endTimeOut: 1 } }, 'policies.endTimeOut', ['run()', 'adoptTask()', 'expect()']],
  [{ records: { directory: '/r', label: {} } }, 'records.label', ['runc()', 'connectGuest()']],
  [{ service: { libary: 'vmcompute' } }, 'service.libary', ['openContainer()', 'createContainer()']],
  [{ timeouts: { cal: 1 } }, 'timeouts.cal', ['openContainer()', 'createContainer()']],
  [{ tls: { certificate: '' } }, 'tls.certificate', ['docker()', 'dockerExec()']],
  [{ mounts: [{ target: '/t', src: '/s' }] }, 'mounts[0].src', ['docker()']],
  [{ resources: { limit: {} } }, 'resources.limit', ['kubernetes()']],
  [{ credentials: { user: 'u' } }, 'credentials.user', ['ensureImage()', 'pullImage()']],
  [{ backoff: { initial: 1 } }, 'backoff.initial', ['supervise()', 'pool()']],
  [{ health: { check: () => true, every: 1 } }, 'health.every', ['supervise()']],
];

describe.each(Object.entries(calls))('%s', (name, call) => {
  it.each(table.filter(([, , takers]) => takers.includes(name)))(
    'refuses %j as %s',
    async (options, path) => {
      expect(await refused(call, options)).toEqual({ kind: 'invalidArgument', field: path });
    },
  );
});

/** Values that cannot be, by the path from the root of the options. */
const values: readonly (readonly [options: object, path: string, calls: readonly string[]])[] = [
  [
    { policies: { exitTimeout: -1 } },
    'policies.exitTimeout',
    ['run()', 'createTask()', 'runTask()', 'adoptTask()'],
  ],
  [{ policies: { drain: { cap: '1s' } } }, 'policies.drain.cap', ['run()', 'createTask()', 'runTask()']],
  [{ policies: { drain: { cap: 1, rest: 'keep' } } }, 'policies.drain.rest', ['run()', 'createTask()']],
  [{ stdio: { stdout: 'pip' } }, 'stdio.stdout', ['run()', 'createTask()', 'runTask()', 'task.createExec()']],
  [{ stdio: { stdin: 5 } }, 'stdio.stdin', ['run()', 'createTask()', 'runTask()', 'task.createExec()']],
  [{ stdio: { stderr: 'file://relative' } }, 'stdio.stderr', ['createTask()', 'task.createExec()']],
  [{ stdio: { stdout: 'binary:///%zz' } }, 'stdio.stdout', ['createTask()', 'task.createExec()']],
  [{ stdio: { whenReaderLeaves: 'stop' } }, 'stdio.whenReaderLeaves', ['run()', 'createTask()']],
  [{ stop: { grace: '5s' } }, 'stop.grace', ['run()', 'runTask()', 'expect()']],
  [{ stop: { killMode: 'group' } }, 'stop.killMode', ['run()', 'runTask()', 'expect()']],
  [{ stop: { signal: {} } }, 'stop.signal', ['run()', 'runTask()', 'expect()']],
  [{ stop: { signal: 'TREM' } }, 'stop.signal', ['run()', 'runTask()']],
  [{ user: {} }, 'user', ['run()']],
  [{ spec: { args: ['true'], cwd: 5 } }, 'spec.cwd', ['createTask()', 'task.createExec()']],
  [{ spec: { args: ['true'], user: { uid: 'x' } } }, 'spec.user.uid', ['createTask()', 'task.createExec()']],
];

const withValues = Object.entries(calls).filter(([name]) =>
  values.some(([, , takers]) => takers.includes(name)),
);

describe.each(withValues)('%s', (name, call) => {
  it.each(values.filter(([, , takers]) => takers.includes(name)))(
    'refuses the value in %j as %s',
    async (options, path) => {
      expect(await refused(call, options)).toEqual({ kind: 'invalidArgument', field: path });
    },
  );
});

describe.each(Object.entries(commands))('%s', (name, call) => {
  it.each([
    [{ abortSingal: new AbortController().signal }, 'abortSingal'],
    [{ signal: new AbortController().signal }, 'signal'],
    [{ abortSignal: {} }, 'abortSignal'],
    ...(/stop/.test(name)
      ? ([
          [{ gracePeriod: 1 }, 'gracePeriod'],
          [{ grace: '5s' }, 'grace'],
        ] as const)
      : []),
    ...(/kill/.test(name)
      ? ([
          [{ killmode: 'tree' }, 'killmode'],
          [{ killMode: 'group' }, 'killMode'],
        ] as const)
      : []),
    ...(name === 'task.kill()'
      ? ([
          [{ exec: 'a' }, 'exec'],
          [{ all: 'yes' }, 'all'],
          [{ execId: 5 }, 'execId'],
        ] as const)
      : []),
  ] as readonly [object, string][])('refuses %j as %s', async (options, field) => {
    expect(await refused(call, options)).toEqual({ kind: 'invalidArgument', field });
  });

  it('refuses options that are no object', async () => {
    expect(await refused(call, 'abort' as unknown as object)).toEqual({
      kind: 'invalidArgument',
      field: 'options',
    });
  });
});
