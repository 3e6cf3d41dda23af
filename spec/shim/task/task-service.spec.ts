import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { NEVER, throwError } from 'rxjs';
import { RxshimError } from '../../../src/hcs/failures/errors.js';
import { DeleteResponse, Status } from '../../../src/shim/messages/index.js';
import { until } from '../../support/containerd/run.js';
import { type Harness, makeHarness, spec } from './task-harness.js';

const harnesses: Harness[] = [];
const staged = async (answer?: Parameters<typeof makeHarness>[0]): Promise<Harness> => {
  const harness = await makeHarness(answer);
  harnesses.push(harness);
  return harness;
};

afterEach(async () => {
  for (const harness of harnesses.splice(0)) await harness.close();
});

const init = { id: 'web', execId: '' };
const kill = (signal: number, execId = '', all = false) => ({ id: 'web', execId, signal, all });
const types = ({ events }: Harness): string[] => events.map(({ type }) => type);

describe('a container of the Task service', () => {
  test('is created with a pid, runs, ends and is deleted, with the events in order', async () => {
    const harness = await staged();
    const { task } = harness;
    const { pid } = await task.create(harness.request());
    expect(await task.state(init)).toMatchObject({ id: 'web', pid, status: Status.CREATED, exitStatus: 0 });
    expect(await task.start(init)).toEqual({ pid });
    expect(await task.connect({ id: 'web' })).toMatchObject({ shimPid: process.pid, taskPid: pid });
    const waiting = task.wait(init);
    harness.system().processes[0]?.exit(7);
    harness.system().exit();
    expect(await waiting).toMatchObject({ exitStatus: 7 });
    expect(await task.state(init)).toMatchObject({ status: Status.STOPPED, exitStatus: 7, pid });
    expect(await task.wait(init)).toMatchObject({ exitStatus: 7 });
    expect(await task.delete(init)).toMatchObject({ pid, exitStatus: 7 });
    expect(types(harness)).toEqual(['TaskCreate', 'TaskStart', 'TaskExit', 'TaskDelete']);
    expect(await harness.size()).toBe(0);
    await expect(task.state(init)).rejects.toMatchObject({ kind: 'notFound' });
  });

  test('leaves the answer to the delete that containerd asks of the executable', async () => {
    const harness = await staged();
    await harness.run();
    harness.system().processes[0]?.exit(3);
    harness.system().exit();
    const answered = await harness.task.delete(init);
    const left = readFileSync(join(harness.bundle, 'delete.response'));
    expect(DeleteResponse.decode(left)).toEqual(answered);
  });

  test('can be made once', async () => {
    const harness = await staged();
    await harness.task.create(harness.request());
    await expect(harness.task.create(harness.request())).rejects.toMatchObject({ kind: 'alreadyExists' });
    expect(harness.asked.filter((call) => call === 'container.create')).toHaveLength(1);
  });

  test('that cannot be made is not there, and its id is free again', async () => {
    let failures = 1;
    const harness = await staged((call, _args, normal) =>
      call === 'container.create' && failures-- > 0
        ? throwError(() => new RxshimError('unknown', 'OCI runtime create failed: no such file'))
        : normal,
    );
    await expect(harness.task.create(harness.request())).rejects.toThrow(
      'OCI runtime create failed: no such file',
    );
    expect(await harness.size()).toBe(0);
    expect(harness.events).toEqual([]);
    await harness.task.create(harness.request());
  });

  test('refuses a delete while it runs', async () => {
    const harness = await staged();
    await harness.run();
    await expect(harness.task.delete(init)).rejects.toMatchObject({ kind: 'failedPrecondition' });
    expect(existsSync(join(harness.bundle, 'delete.response'))).toBe(false);
  });

  test('may be deleted without ever having been started', async () => {
    const harness = await staged();
    await harness.task.create(harness.request());
    await harness.task.delete(init);
    expect(harness.asked).toContain('container.delete');
    expect(await harness.size()).toBe(0);
  });

  test('says not found to a signal after its end, as containerd wants it', async () => {
    const harness = await staged();
    await harness.run();
    await harness.task.kill(kill(9));
    harness.system().exit();
    expect(await harness.task.wait(init)).toMatchObject({ exitStatus: 137 });
    await expect(harness.task.kill(kill(9))).rejects.toMatchObject({ kind: 'notFound' });
    await expect(harness.task.kill(kill(9, '', true))).rejects.toMatchObject({ kind: 'notFound' });
  });

  test('is signalled as a whole when all of it is meant', async () => {
    const harness = await staged();
    await harness.run();
    await harness.task.kill(kill(15, '', true));
    expect(harness.asked).toContain('signalAll');
  });

  test('is paused and resumed, its execs with it, and nothing is started in it meanwhile', async () => {
    const harness = await staged();
    const { task } = harness;
    await harness.run();
    await harness.exec('web', 'e');
    await task.start({ id: 'web', execId: 'e' });
    await harness.exec('web', 'later');
    await task.pause({ id: 'web' });
    expect(await task.state(init)).toMatchObject({ status: Status.PAUSED });
    expect(await task.state({ id: 'web', execId: 'e' })).toMatchObject({ status: Status.PAUSED });
    await expect(task.start({ id: 'web', execId: 'later' })).rejects.toMatchObject({
      kind: 'failedPrecondition',
    });
    await expect(harness.exec('web', 'another')).rejects.toMatchObject({ kind: 'failedPrecondition' });
    await expect(task.pause({ id: 'web' })).rejects.toMatchObject({ kind: 'failedPrecondition' });
    await task.resume({ id: 'web' });
    expect(await task.state(init)).toMatchObject({ status: Status.RUNNING });
    await expect(task.resume({ id: 'web' })).rejects.toMatchObject({ kind: 'failedPrecondition' });
    expect(types(harness).slice(-2)).toEqual(['TaskPaused', 'TaskResumed']);
  });

  test('runs on when it could not be paused', async () => {
    const harness = await staged((call, _args, normal) =>
      call === 'pause' ? throwError(() => new RxshimError('unknown', 'no freezer')) : normal,
    );
    await harness.run();
    await expect(harness.task.pause({ id: 'web' })).rejects.toThrow('no freezer');
    expect(await harness.task.state(init)).toMatchObject({ status: Status.RUNNING });
    expect(types(harness)).not.toContain('TaskPaused');
  });

  test('says which of its limits make no sense', async () => {
    const harness = await staged();
    await harness.run();
    const resources = {
      typeUrl: 'types.containerd.io/opencontainers/runtime-spec/1/LinuxResources',
      value: Buffer.from('{"memory"'),
    };
    await expect(harness.task.update({ id: 'web', resources, annotations: {} })).rejects.toMatchObject({
      kind: 'invalidArgument',
      message: expect.stringContaining('resources'),
    });
  });
});

describe('an exec of the Task service', () => {
  test('lives beside the init, and has events with its own id', async () => {
    const harness = await staged();
    const { task } = harness;
    await harness.run();
    await harness.exec('web', 'e');
    const exec = { id: 'web', execId: 'e' };
    expect(await task.state(exec)).toMatchObject({ execId: 'e', status: Status.CREATED, pid: 0 });
    const { pid } = await task.start(exec);
    harness.system().processes[1]?.exit(4);
    expect(await task.wait(exec)).toMatchObject({ exitStatus: 4 });
    expect(await task.delete(exec)).toMatchObject({ pid, exitStatus: 4 });
    await expect(task.state(exec)).rejects.toMatchObject({ kind: 'notFound' });
    expect(types(harness).slice(2)).toEqual(['TaskExecAdded', 'TaskExecStarted', 'TaskExit', 'TaskDelete']);
  });

  test('cannot have the id of another', async () => {
    const harness = await staged();
    await harness.run();
    await harness.exec('web', 'e');
    await expect(harness.exec('web', 'e')).rejects.toMatchObject({ kind: 'alreadyExists' });
  });

  test('can have the id of its container, which keeps its own state, exit and events', async () => {
    const harness = await staged();
    const { task } = harness;
    await harness.run();
    const { pid: initPid } = await task.state(init);
    await harness.exec('web', 'web');
    const exec = { id: 'web', execId: 'web' };
    expect(await task.state(exec)).toMatchObject({ execId: 'web', status: Status.CREATED, pid: 0 });
    expect(await task.state(init)).toMatchObject({ execId: '', status: Status.RUNNING, pid: initPid });
    await expect(harness.exec('web', 'web')).rejects.toMatchObject({ kind: 'alreadyExists' });
    const { pid } = await task.start(exec);
    await task.kill(kill(15, 'web'));
    expect(await task.wait(exec)).toMatchObject({ exitStatus: 143 });
    expect(await task.state(init)).toMatchObject({ status: Status.RUNNING });
    expect(await task.delete(exec)).toMatchObject({ pid, exitStatus: 143 });
    await expect(task.state(exec)).rejects.toMatchObject({ kind: 'notFound' });
    harness.system().processes[0]?.exit(0);
    harness.system().exit();
    expect(await task.wait(init)).toMatchObject({ exitStatus: 0 });
    expect(types(harness).slice(1)).toEqual([
      'TaskStart',
      'TaskExecAdded',
      'TaskExecStarted',
      'TaskExit',
      'TaskDelete',
      'TaskExit',
    ]);
    const exits = harness.events.flatMap((event) => (event.type === 'TaskExit' ? [event] : []));
    expect(exits).toMatchObject([
      { id: 'web', pid },
      { id: 'web', pid: initPid },
    ]);
  });

  test('takes no signal before it is started', async () => {
    const harness = await staged();
    await harness.run();
    await harness.exec('web', 'e');
    await expect(harness.task.kill(kill(9, 'e'))).rejects.toMatchObject({ kind: 'failedPrecondition' });
  });

  test('can be made before the init is started, and not after its end', async () => {
    const harness = await staged();
    await harness.task.create(harness.request());
    await harness.exec('web', 'early');
    await harness.task.start(init);
    harness.system().processes[0]?.exit(0);
    harness.system().exit();
    await harness.task.wait(init);
    await expect(harness.exec('web', 'late')).rejects.toMatchObject({ kind: 'failedPrecondition' });
  });

  test('has exited before the exit of its init is published', async () => {
    const harness = await staged();
    await harness.run();
    await harness.exec('web', 'e');
    await harness.task.start({ id: 'web', execId: 'e' });
    harness.system().processes[0]?.exit(0);
    harness.system().exit();
    harness.system().processes[1]?.exit(137);
    await harness.task.wait(init);
    const exits = harness.events.flatMap((event) => (event.type === 'TaskExit' ? [event.id] : []));
    expect(exits).toEqual(['e', 'web']);
  });

  test('that cannot be started wakes those who wait for it, and can be deleted', async () => {
    const harness = await staged((call, _args, normal) =>
      call === 'container.createProcess'
        ? throwError(
            () => new RxshimError('notFound', 'OCI runtime exec failed: no such file', { exitStatus: 127 }),
          )
        : normal,
    );
    const exec = { id: 'web', execId: 'e' };
    await harness.run();
    await harness.exec('web', 'e');
    const waiting = harness.task.wait(exec);
    await expect(harness.task.start(exec)).rejects.toThrow('OCI runtime exec failed');
    expect(await waiting).toMatchObject({ exitStatus: 127 });
    await harness.task.delete(exec);
  });

  test('is refused, by name, without a process that makes sense', async () => {
    const harness = await staged();
    await harness.run();
    const request = { id: 'web', execId: 'e', terminal: false, stdin: '', stdout: '', stderr: '' };
    await expect(harness.task.exec({ ...request, spec: undefined })).rejects.toMatchObject({
      kind: 'invalidArgument',
    });
    await expect(
      harness.task.exec({ ...request, spec: { typeUrl: spec.typeUrl, value: Buffer.from('[]') } }),
    ).rejects.toMatchObject({ kind: 'invalidArgument' });
    await expect(harness.task.exec({ ...request, spec, stdout: 'inherit' })).rejects.toMatchObject({
      kind: 'invalidArgument',
      message: expect.stringContaining('stdout'),
    });
  });
});

describe('the Task service', () => {
  test('knows nothing of containers and execs that are not there, except that it is there itself', async () => {
    const { task } = await staged();
    const nowhere = { id: 'nowhere', execId: '' };
    for (const asked of [
      () => task.state(nowhere),
      () => task.start(nowhere),
      () => task.wait(nowhere),
      () => task.delete(nowhere),
      () => task.kill({ ...nowhere, signal: 9, all: false }),
      () => task.pids({ id: 'nowhere' }),
      () => task.stats({ id: 'nowhere' }),
      () => task.pause({ id: 'nowhere' }),
      () => task.closeIO({ ...nowhere, stdin: true }),
      () => task.resizePty({ ...nowhere, width: 80, height: 24 }),
    ]) {
      await expect(asked()).rejects.toMatchObject({ kind: 'notFound' });
    }
    expect(await task.connect({ id: 'nowhere' })).toMatchObject({ taskPid: 0, shimPid: process.pid });
  });

  test('answers a shutdown before it acts upon it', async () => {
    const harness = await staged();
    await harness.task.shutdown({ id: 'web', now: false });
    await until(() => harness.shutdowns() === 1);
  });

  test('does not let a runtime that hangs with one container hold up another', async () => {
    const starts: string[] = [];
    const harness = await staged((call, _args, normal) => {
      if (call === 'container.start') starts.push(call);
      return call === 'container.start' && starts.length === 1 ? NEVER : normal;
    });
    await harness.task.create(harness.request('stuck'));
    void harness.task.start({ id: 'stuck', execId: '' }).catch(() => undefined);
    await harness.run('fine');
    expect(await harness.task.state({ id: 'fine', execId: '' })).toMatchObject({ status: Status.RUNNING });
    expect(await harness.task.state({ id: 'stuck', execId: '' })).toMatchObject({ status: Status.CREATED });
  });
});
