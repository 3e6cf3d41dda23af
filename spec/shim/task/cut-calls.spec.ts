/**
 * Every method of the Task service, with its connection lost before, during and after the call, or with its deadline
 * passed, and called again: it runs to its end once, and the container can be deleted.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { concat, defer, ignoreElements, Observable, Subject, throwError, VirtualTimeScheduler } from 'rxjs';
import { type Any, ociType, packJson, Status } from '../../../src/shim/messages/index.js';
import type { Task as LibraryTask } from '../../../src/streams/task/interface.js';
import { until } from '../../support/containerd/run.js';
import { type Client, type Harness, makeHarness, spec, type Task } from './task-harness.js';

const init = { id: 'web', execId: '' };
const exec = { id: 'web', execId: 'e' };
const noIo = { terminal: false, stdin: '', stdout: '', stderr: '' };
const resources: Any = packJson(ociType.linuxResources, { pids: { limit: 5 } });

interface Method {
  readonly name: string;
  /** What has to be there for it: nothing, a container that was created, runs, ended, or is paused; or such an exec. */
  readonly given:
    | 'nothing'
    | 'created'
    | 'running'
    | 'ended'
    | 'paused'
    | 'exec'
    | 'startedExec'
    | 'endedExec';
  /** The call of the engine that the method waits for, if it waits for one. */
  readonly waitsFor?: string;
  readonly call: (task: Task, harness: Harness) => Promise<unknown>;
}

const methods: readonly Method[] = [
  {
    name: 'Create',
    given: 'nothing',
    waitsFor: 'container.create',
    call: (task, harness) => task.create(harness.request()),
  },
  { name: 'Start', given: 'created', waitsFor: 'container.start', call: (task) => task.start(init) },
  { name: 'Exec', given: 'running', call: (task) => task.exec({ ...exec, ...noIo, spec }) },
  {
    name: 'Start of an exec',
    given: 'exec',
    waitsFor: 'container.createProcess',
    call: (task) => task.start(exec),
  },
  { name: 'Delete', given: 'ended', waitsFor: 'container.delete', call: (task) => task.delete(init) },
  {
    name: 'Delete of a container that was never started',
    given: 'created',
    waitsFor: 'container.delete',
    call: (task) => task.delete(init),
  },
  {
    name: 'Delete of an exec',
    given: 'endedExec',
    waitsFor: 'process.close',
    call: (task) => task.delete(exec),
  },
  {
    name: 'Kill',
    given: 'running',
    waitsFor: 'process.signal',
    call: (task) => task.kill({ ...init, signal: 15, all: false }),
  },
  {
    name: 'Kill of all',
    given: 'running',
    waitsFor: 'signalAll',
    call: (task) => task.kill({ ...init, signal: 15, all: true }),
  },
  { name: 'Wait', given: 'running', call: (task) => task.wait(init) },
  { name: 'Wait for an exec', given: 'startedExec', call: (task) => task.wait(exec) },
  { name: 'Pause', given: 'running', waitsFor: 'pause', call: (task) => task.pause({ id: 'web' }) },
  { name: 'Resume', given: 'paused', waitsFor: 'resume', call: (task) => task.resume({ id: 'web' }) },
  {
    name: 'Update',
    given: 'running',
    waitsFor: 'update',
    call: (task) => task.update({ id: 'web', resources, annotations: {} }),
  },
  {
    name: 'Checkpoint',
    given: 'running',
    waitsFor: 'checkpoint',
    call: (task) => task.checkpoint({ id: 'web', path: '/image', options: undefined }),
  },
  { name: 'Pids', given: 'running', call: (task) => task.pids({ id: 'web' }) },
  { name: 'Stats', given: 'running', call: (task) => task.stats({ id: 'web' }) },
  { name: 'CloseIO', given: 'running', call: (task) => task.closeIO({ ...init, stdin: true }) },
  { name: 'ResizePty', given: 'running', call: (task) => task.resizePty({ ...init, width: 80, height: 24 }) },
  { name: 'State', given: 'running', call: (task) => task.state(init) },
  { name: 'Connect', given: 'running', call: (task) => task.connect({ id: 'web' }) },
  { name: 'Shutdown', given: 'running', call: (task) => task.shutdown({ id: 'web', now: false }) },
];

const types = ({ events }: Harness): string[] => events.map(({ type }) => type);

const waiting = methods.filter(({ waitsFor }) => waitsFor !== undefined);

const harnesses: Harness[] = [];
afterEach(async () => {
  for (const harness of harnesses.splice(0)) await harness.close();
});

/** A harness in which the engine's answer to one call can be held back. */
const holding = async (): Promise<{
  harness: Harness;
  hold: (call: string) => void;
  release: () => void;
}> => {
  const released = new Subject<void>();
  let held = '';
  const harness = await makeHarness(<T>(call: string, _args: unknown, normal: Observable<T>) =>
    call === held
      ? defer(() => (call === held ? concat(released.pipe(ignoreElements()), normal) : normal))
      : normal,
  );
  harnesses.push(harness);
  return {
    harness,
    hold: (call) => {
      held = call;
    },
    release: () => {
      held = '';
      released.complete();
    },
  };
};

const set = async (harness: Harness, given: Method['given']): Promise<void> => {
  const { task } = harness;
  if (given === 'nothing') return;
  if (given === 'created') return void (await task.create(harness.request()));
  await harness.run();
  switch (given) {
    case 'ended':
      harness.system().processes[0]?.exit(0);
      harness.system().exit();
      await task.wait(init);
      break;
    case 'paused':
      await task.pause({ id: 'web' });
      break;
    case 'exec':
    case 'startedExec':
    case 'endedExec':
      await harness.exec('web', 'e');
      if (given !== 'exec') await task.start(exec);
      break;
  }
};

/** Sends it, and resolves to whether it is known to have been answered. */
const send = (method: Method, { task }: Client, harness: Harness): Promise<unknown> =>
  method.call(task, harness).catch(() => undefined);

/** Whatever there is can be ended and deleted, as containerd does it; and nothing is left then. */
const expectNoGhost = async (harness: Harness): Promise<void> => {
  const { task } = await harness.client();
  const known = await task.state(init).then(
    () => true,
    () => false,
  );
  if (known) {
    await task.resume({ id: 'web' }).catch(() => undefined);
    await task.kill({ ...init, signal: 9, all: false }).catch(() => undefined);
    harness.system().exit();
    await task.wait(init);
    await task.delete(init);
  }
  expect(await harness.size()).toBe(0);
  await expect(task.state(init)).rejects.toMatchObject({ kind: 'notFound' });
  await expect(task.delete(init)).rejects.toMatchObject({ kind: 'notFound' });
  // No event twice, and the delete last.
  const events = harness.events.map((event) => JSON.stringify({ ...event, at: undefined }));
  expect(events).toEqual([...new Set(events)]);
  if (events.length > 0) expect(harness.events.at(-1)).toMatchObject({ type: 'TaskDelete', id: '' });
  // Its id is free.
  await task.create(harness.request());
  await task.delete(init);
  expect(await harness.size()).toBe(0);
};

const prepared = async (method: Method) => {
  const held = await holding();
  await set(held.harness, method.given);
  if (method.given === 'endedExec') {
    held.hold(method.waitsFor as string);
    held.harness.system().processes[1]?.exit(3);
  }
  return { ...held, client: await held.harness.client() };
};

const times = (harness: Harness, call: string | undefined): number =>
  harness.asked.filter((asked) => asked === call).length;

describe('a call whose connection is lost', () => {
  test.each(methods)('as it is sent: $name', async (method) => {
    const { harness, client, release } = await prepared(method);
    const sent = send(method, client, harness);
    await client.cut();
    release();
    await sent;
    await expectNoGhost(harness);
  });

  test.each(waiting)('while it is under way: $name', async (method) => {
    const { harness, client, hold, release } = await prepared(method);
    const before = method.given === 'endedExec' ? 0 : times(harness, method.waitsFor);
    hold(method.waitsFor as string);
    const sent = send(method, client, harness);
    await until(() => times(harness, method.waitsFor) > before);
    await client.cut();
    await sent;
    release();
    await expectNoGhost(harness);
  });

  test.each(methods)('when it was answered: $name', async (method) => {
    const { harness, client, release } = await prepared(method);
    release();
    const sent = send(method, client, harness);
    if (!method.name.startsWith('Wait') && method.name !== 'Stats') await sent;
    await client.cut();
    await sent;
    await expectNoGhost(harness);
  });
});

describe('a call that is repeated', () => {
  test.each(waiting)('while the first is under way: $name', async (method) => {
    const { harness, client, hold, release } = await prepared(method);
    const before = method.given === 'endedExec' ? 0 : times(harness, method.waitsFor);
    hold(method.waitsFor as string);
    const first = send(method, client, harness);
    await until(() => times(harness, method.waitsFor) > before);
    const another = await harness.client();
    const second = send(method, another, harness);
    await another.task.connect({ id: 'web' });
    if (!method.name.startsWith('Kill')) expect(times(harness, method.waitsFor)).toBe(before + 1);
    release();
    await Promise.all([first, second]);
    await expectNoGhost(harness);
  });

  test.each(waiting)('after its deadline: $name', async (method) => {
    const { harness, hold, release } = await prepared(method);
    const before = method.given === 'endedExec' ? 0 : times(harness, method.waitsFor);
    hold(method.waitsFor as string);
    const late = { timeout: 20 };
    const timedOut: Task = Object.fromEntries(
      Object.entries((await harness.client()).task).map(([name, call]) => [
        name,
        (request: never) => (call as (request: never, options: object) => unknown)(request, late),
      ]),
    ) as unknown as Task;
    await method.call(timedOut, harness).catch(() => undefined);
    const another = await harness.client();
    const again = send(method, another, harness);
    await another.task.connect({ id: 'web' });
    if (!method.name.startsWith('Kill')) expect(times(harness, method.waitsFor)).toBe(before + 1);
    release();
    await again;
    await expectNoGhost(harness);
  });
});

describe('a wait whose connection is lost, or whose deadline passes', () => {
  test('leaves no subscription behind', async () => {
    const { harness } = await holding();
    await set(harness, 'running');
    const task = harness.taskOf('web') as LibraryTask;
    const wait = task.wait.bind(task);
    let waiting = 0;
    Object.assign(task, {
      wait: () =>
        new Observable((listener) => {
          waiting += 1;
          listener.add(() => (waiting -= 1));
          listener.add(wait().subscribe(listener));
        }),
    });
    const client = await harness.client();
    const waits = Array.from({ length: 100 }, () => client.task.wait(init).catch(() => undefined));
    await client.task.connect({ id: 'web' });
    expect(waiting).toBe(100);
    await client.cut();
    await Promise.all(waits);
    await until(() => waiting === 0);
    // The client may notice the deadline before the daemon does.
    await harness.task.wait(init, { timeout: 20 }).catch(() => undefined);
    await until(() => waiting === 0);
  });
});

describe('a creation that is given up', () => {
  const held = async () => {
    const creating = await holding();
    const { harness, hold } = creating;
    const client = await harness.client();
    hold('container.create');
    const answer = client.task.create(harness.request()).then(
      () => 'created',
      (error) => error.kind,
    );
    await until(() => harness.asked.includes('container.create'));
    return { ...creating, client, answer };
  };

  test('keeps its id until it is undone, and publishes nothing', async () => {
    const { harness, client, answer, release } = await held();
    await client.cut();
    expect(await answer).toBe('closed');
    expect(await harness.size()).toBe(1);
    const again = harness.task.create(harness.request());
    await harness.task.connect({ id: 'web' });
    release();
    await again;
    expect(harness.asked.filter((call) => call === 'container.create')).toHaveLength(2);
    expect(harness.asked.filter((call) => call === 'container.delete')).toHaveLength(1);
    expect(types(harness)).toEqual(['TaskCreate']);
    await expectNoGhost(harness);
  });

  test('by a delete is undone before the delete finds nothing, and fails', async () => {
    const { harness, answer, release } = await held();
    let deleted = '';
    const deletion = harness.task.delete(init).catch((error) => {
      deleted = error.kind;
    });
    await harness.task.connect({ id: 'web' });
    expect(deleted).toBe('');
    release();
    await deletion;
    expect(deleted).toBe('notFound');
    expect(await answer).toBe('unavailable');
    expect(await harness.size()).toBe(0);
    expect(harness.asked).toContain('container.delete');
  });

  test('is left to the runtime for ten seconds, and then its runtime is killed', async () => {
    const time = new VirtualTimeScheduler();
    let failing = (): void => undefined;
    const harness = await makeHarness(
      (call, _args, normal) => {
        if (call === 'container.terminate') failing();
        if (call !== 'container.create') return normal;
        const creation = new Subject<never>();
        failing = () => creation.error(new Error('killed'));
        return creation as unknown as typeof normal;
      },
      { scheduler: time },
    );
    harnesses.push(harness);
    const client = await harness.client();
    client.task.create(harness.request()).catch(() => undefined);
    await until(() => harness.asked.includes('container.create'));
    await client.cut();
    time.maxFrames = 9_999;
    time.flush();
    expect(harness.asked).not.toContain('container.terminate');
    time.maxFrames = 10_000;
    time.flush();
    expect(harness.asked).toContain('container.terminate');
    expect(await harness.size()).toBe(0);
  });

  test('can be deleted, and created again after that, where it could not be undone', async () => {
    let failures = 1;
    const harness = await makeHarness((call, _args, normal) => {
      if (call === 'container.create') return concat(released.pipe(ignoreElements()), normal);
      return call === 'container.delete' && failures-- > 0 ? throwError(() => new Error('busy')) : normal;
    });
    harnesses.push(harness);
    const released = new Subject<void>();
    const client = await harness.client();
    client.task.create(harness.request()).catch(() => undefined);
    await until(() => harness.asked.includes('container.create'));
    await client.cut();
    released.complete();
    await until(async () => (await harness.task.state(init).catch(() => undefined)) !== undefined);
    await expect(harness.task.create(harness.request())).rejects.toMatchObject({ kind: 'alreadyExists' });
    await harness.task.delete(init);
    await expectNoGhost(harness);
  });
});

describe('a deletion that is under way', () => {
  const held = async () => {
    const deleting = await holding();
    await set(deleting.harness, 'ended');
    deleting.hold('container.delete');
    const first = deleting.harness.task.delete(init);
    await until(() => deleting.harness.asked.includes('container.delete'));
    return { ...deleting, first };
  };

  test('gives its answer to all who ask for it', async () => {
    const { harness, first, release } = await held();
    const { task } = await harness.client();
    const second = task.delete(init);
    await task.connect({ id: 'web' });
    release();
    expect(await second).toEqual(await first);
    expect(harness.asked.filter((call) => call === 'container.delete')).toHaveLength(1);
  });

  test('is waited for by a container that is to have the same id', async () => {
    const { harness, first, release } = await held();
    const again = harness.task.create(harness.request());
    await harness.task.connect({ id: 'web' });
    expect(harness.asked.filter((call) => call === 'container.create')).toHaveLength(1);
    release();
    await Promise.all([first, again]);
    expect(await harness.task.state(init)).toMatchObject({ status: Status.CREATED });
  });

  test('that fails is not waited for in vain: the id is in use as before, and can be deleted', async () => {
    const removals: Subject<never>[] = [];
    const harness = await makeHarness((call, _args, normal) => {
      if (call !== 'container.delete' || removals.length > 0) return normal;
      removals.push(new Subject());
      return removals[0] as unknown as typeof normal;
    });
    harnesses.push(harness);
    await set(harness, 'ended');
    const first = harness.task.delete(init).catch((error) => error.message);
    await until(() => removals.length === 1);
    const again = harness.task.create(harness.request()).catch((error) => error.kind);
    await harness.task.connect({ id: 'web' });
    removals[0]?.error(new Error('busy'));
    expect(await Promise.all([first, again])).toEqual(['busy', 'alreadyExists']);
    await expectNoGhost(harness);
  });
});

describe('what is done to a container as a whole', () => {
  test('is done in the order in which it was asked for, so that a resume ends a pause that is under way', async () => {
    const { harness, hold, release } = await holding();
    await set(harness, 'running');
    hold('pause');
    const pausing = harness.task.pause({ id: 'web' });
    const resuming = harness.task.resume({ id: 'web' });
    expect(await harness.task.state(init)).toMatchObject({ status: Status.PAUSING });
    expect(harness.asked).not.toContain('resume');
    release();
    await Promise.all([pausing, resuming]);
    expect(await harness.task.state(init)).toMatchObject({ status: Status.RUNNING });
    expect(types(harness).slice(-2)).toEqual(['TaskPaused', 'TaskResumed']);
  });

  test('is taken back while it waits, when its caller leaves', async () => {
    const { harness, hold, release } = await holding();
    await set(harness, 'running');
    hold('update');
    const updating = harness.task.update({ id: 'web', resources, annotations: {} });
    const client = await harness.client();
    client.task.pause({ id: 'web' }).catch(() => undefined);
    await client.task.connect({ id: 'web' });
    await client.cut();
    release();
    await updating;
    expect(await harness.task.state(init)).toMatchObject({ status: Status.RUNNING });
    expect(harness.asked).not.toContain('pause');
  });
});
