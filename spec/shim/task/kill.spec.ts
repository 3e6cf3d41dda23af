/** Signals for containers and execs, and what becomes of those that do not end by them. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { NEVER, of, VirtualTimeScheduler } from 'rxjs';
import { Status } from '../../../src/shim/messages/index.js';
import { type Stage, setStage } from './task-stage.js';

const init = { id: 'web', execId: '' };
const exec = { id: 'web', execId: 'e' };

const stages: Stage[] = [];
const staged = async (...given: Parameters<typeof setStage>): Promise<Stage> => {
  const stage = await setStage(...given);
  stages.push(stage);
  return stage;
};
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.close();
});

const pass = (time: VirtualTimeScheduler, milliseconds: number): void => {
  time.maxFrames = time.frame + milliseconds;
  time.flush();
  time.frame = time.maxFrames;
};

describe('an init that survives SIGKILL', () => {
  test.each([false, true])('is ended with its container (all: %s)', async (all) => {
    const time = new VirtualTimeScheduler();
    const stage = await staged(undefined, { scheduler: time, obedient: false });
    await stage.run();
    await stage.task.kill({ ...init, signal: 9, all });
    pass(time, 29_000);
    expect(stage.asked).not.toContain('container.terminate');
    pass(time, 2_000);
    expect(stage.asked).toContain('container.terminate');
  });

  test('is so also where the runtime hangs as it starts it, and can be deleted then', async () => {
    const time = new VirtualTimeScheduler();
    const stage = await staged((call, _args, usual) => (call === 'container.start' ? NEVER : usual), {
      scheduler: time,
    });
    await stage.task.create(stage.request());
    stage.task.start(init).catch(() => undefined);
    const killed = stage.task.kill({ ...init, signal: 9, all: false }).catch(() => undefined);
    await stage.task.connect({ id: 'web' });
    // The time that a container has to end, and that of a start that was given up.
    pass(time, 36_000);
    await killed;
    expect(await stage.task.state(init)).toMatchObject({ status: Status.STOPPED });
    await stage.task.delete(init);
    expect(await stage.size()).toBe(0);
  });
});

describe('a signal', () => {
  test('for all is sent once, and by the runtime, which knows them all', async () => {
    const stage = await staged(undefined, { obedient: false });
    await stage.run();
    await stage.exec('web', 'e');
    await stage.task.start(exec);
    await stage.task.kill({ ...init, signal: 15, all: true });
    expect(stage.asked.filter((call) => /signal/i.test(call))).toEqual(['signalAll']);
  });

  test('for one exec reaches that one, also of a client that says all', async () => {
    const stage = await staged(undefined, { obedient: false });
    await stage.run();
    await stage.exec('web', 'e');
    await stage.task.start(exec);
    await stage.task.kill({ ...exec, signal: 15, all: true });
    expect(stage.asked.filter((call) => /signal/i.test(call))).toEqual(['process.signal']);
  });

  test('for an exec that is being started waits for that, so that a client that gave the start up can end it', async () => {
    let held = true;
    const stage = await staged((call, _args, usual) => {
      if (call !== 'container.createProcess' || !held) return usual;
      held = false;
      return NEVER;
    });
    await stage.run();
    await stage.exec('web', 'e');
    expect(await stage.task.start(exec, { timeout: 20 }).catch((error) => error.kind)).toBe(
      'deadlineExceeded',
    );
    const kill = stage.task.kill({ ...exec, signal: 9, all: true }).catch((error) => error.kind);
    await stage.task.connect({ id: 'web' });
    stage.system().processes[0]?.exit(0);
    stage.system().exit();
    await stage.task.wait(exec);
    await kill;
    await stage.task.delete(exec);
  });

  test('that finds nothing says so in the words that clients know', async () => {
    const stage = await staged((call, _args, usual) =>
      call === 'signalAll' || call === 'process.signal'
        ? (of('notDelivered') as unknown as typeof usual)
        : usual,
    );
    await stage.run();
    for (const all of [false, true]) {
      await expect(stage.task.kill({ ...init, signal: 10, all })).rejects.toMatchObject({
        kind: 'notFound',
        message: 'process already finished',
      });
    }
  });
});
