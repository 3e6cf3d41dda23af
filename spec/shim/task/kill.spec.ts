/** Signals for containers and execs, and what becomes of those that do not end by them. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { NEVER, of, VirtualTimeScheduler } from 'rxjs';
import { Status } from '../../../src/shim/messages/index.js';
import { type Harness, makeHarness } from './task-harness.js';

const init = { id: 'web', execId: '' };
const exec = { id: 'web', execId: 'e' };

const harnesses: Harness[] = [];
const staged = async (...given: Parameters<typeof makeHarness>): Promise<Harness> => {
  const harness = await makeHarness(...given);
  harnesses.push(harness);
  return harness;
};
afterEach(async () => {
  for (const harness of harnesses.splice(0)) await harness.close();
});

const pass = (time: VirtualTimeScheduler, milliseconds: number): void => {
  time.maxFrames = time.frame + milliseconds;
  time.flush();
  time.frame = time.maxFrames;
};

describe('an init that survives SIGKILL', () => {
  test.each([false, true])('is ended with its container (all: %s)', async (all) => {
    const time = new VirtualTimeScheduler();
    const harness = await staged(undefined, { scheduler: time, obedient: false });
    await harness.run();
    await harness.task.kill({ ...init, signal: 9, all });
    pass(time, 29_000);
    expect(harness.asked).not.toContain('container.terminate');
    pass(time, 2_000);
    expect(harness.asked).toContain('container.terminate');
  });

  test('is so also where the runtime hangs as it starts it, and can be deleted then', async () => {
    const time = new VirtualTimeScheduler();
    const harness = await staged((call, _args, normal) => (call === 'container.start' ? NEVER : normal), {
      scheduler: time,
    });
    await harness.task.create(harness.request());
    harness.task.start(init).catch(() => undefined);
    const killed = harness.task.kill({ ...init, signal: 9, all: false }).catch(() => undefined);
    await harness.task.connect({ id: 'web' });
    // The time that a container has to end, and that of a start that was given up.
    pass(time, 36_000);
    await killed;
    expect(await harness.task.state(init)).toMatchObject({ status: Status.STOPPED });
    await harness.task.delete(init);
    expect(await harness.size()).toBe(0);
  });
});

describe('a signal', () => {
  test('for all is sent once, and by the runtime, which knows them all', async () => {
    const harness = await staged(undefined, { obedient: false });
    await harness.run();
    await harness.exec('web', 'e');
    await harness.task.start(exec);
    await harness.task.kill({ ...init, signal: 15, all: true });
    expect(harness.asked.filter((call) => /signal/i.test(call))).toEqual(['signalAll']);
  });

  test('for one exec reaches that one, also of a client that says all', async () => {
    const harness = await staged(undefined, { obedient: false });
    await harness.run();
    await harness.exec('web', 'e');
    await harness.task.start(exec);
    await harness.task.kill({ ...exec, signal: 15, all: true });
    expect(harness.asked.filter((call) => /signal/i.test(call))).toEqual(['process.signal']);
  });

  test('for an exec that is being started waits for that, so that a client that gave the start up can end it', async () => {
    let held = true;
    const harness = await staged((call, _args, normal) => {
      if (call !== 'container.createProcess' || !held) return normal;
      held = false;
      return NEVER;
    });
    await harness.run();
    await harness.exec('web', 'e');
    expect(await harness.task.start(exec, { timeout: 20 }).catch((error) => error.kind)).toBe(
      'deadlineExceeded',
    );
    const kill = harness.task.kill({ ...exec, signal: 9, all: true }).catch((error) => error.kind);
    await harness.task.connect({ id: 'web' });
    harness.system().processes[0]?.exit(0);
    harness.system().exit();
    await harness.task.wait(exec);
    await kill;
    await harness.task.delete(exec);
  });

  test('that finds nothing says so in the words that clients know', async () => {
    const harness = await staged((call, _args, normal) =>
      call === 'signalAll' || call === 'process.signal'
        ? (of('notDelivered') as unknown as typeof normal)
        : normal,
    );
    await harness.run();
    for (const all of [false, true]) {
      await expect(harness.task.kill({ ...init, signal: 10, all })).rejects.toMatchObject({
        kind: 'notFound',
        message: 'process already finished',
      });
    }
  });
});
