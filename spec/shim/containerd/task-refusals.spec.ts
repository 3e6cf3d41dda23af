/** What a shim refuses, and says so with the class that containerd and its clients act on. Afterwards all works as before. */
import { expect, it } from '@jest/globals';
import { Empty, ociType, packJson, Status } from '../../../src/shim/messages/index.js';
import { processSpec } from '../../support/containerd/bundle.js';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { isOwn } from '../../support/containerd/runtime.js';
import type { ShimContainer } from '../../support/containerd/shim-container.js';
import { shell, sleeping } from '../../support/containerd/shim-host.js';
import { noStreams } from '../../support/containerd/streams.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

const execOf = (id: string, execId: string, script: string) => ({
  id,
  execId,
  ...noStreams,
  spec: packJson(ociType.process, processSpec(shell(script))),
});

/** The class of the failure, or what the call answered. */
const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    (answer) => answer,
    (error: { kind: unknown }) => error.kind,
  );

/** Where the reference says only that something is unknown, better is welcome. */
const failedPrecondition = isOwn ? 'failedPrecondition' : expect.stringMatching(/unknown|failedPrecondition/);

const notFound = isOwn ? 'notFound' : expect.stringMatching(/unknown|notFound/);

describeContainers('a shim', () => {
  const host = useShimHost();
  const starting = async (): Promise<ShimContainer> => {
    const container = await host().container(sleeping);
    await container.run();
    return container;
  };

  it('knows nothing of a container that was not created, and says so to every question', async () => {
    const { id, task } = await host().container(sleeping);
    const unknown = { id, execId: '' };
    const calls = {
      state: task.state(unknown),
      start: task.start(unknown),
      delete: task.delete(unknown),
      pids: task.pids({ id }),
      pause: task.pause({ id }),
      resume: task.resume({ id }),
      kill: task.kill({ ...unknown, signal: 9, all: false }),
      exec: task.exec(execOf(id, 'x', 'true')),
      resizePty: task.resizePty({ ...unknown, width: 80, height: 24 }),
      closeIO: task.closeIO({ ...unknown, stdin: true }),
      update: task.update({ id, resources: packJson(ociType.linuxResources, {}), annotations: {} }),
      wait: task.wait(unknown),
      stats: task.stats({ id }),
      checkpoint: task.checkpoint({ id, path: '/tmp/nowhere', options: undefined }),
    };
    const answers = Object.fromEntries(
      await Promise.all(Object.entries(calls).map(async ([name, call]) => [name, await failure(call)])),
    );
    expect(answers).toEqual(Object.fromEntries(Object.keys(calls).map((name) => [name, 'notFound'])));
    // It can always be asked whether it lives.
    expect(await task.connect({ id })).toMatchObject({ taskPid: 0 });
  });

  it('knows nothing of an exec that was not registered', async () => {
    const { id, task } = await starting();
    const unknown = { id, execId: 'unknown' };
    const answers = [
      task.state(unknown),
      task.start(unknown),
      task.wait(unknown),
      task.kill({ ...unknown, signal: 9, all: false }),
      task.delete(unknown),
      task.closeIO({ ...unknown, stdin: true }),
      task.resizePty({ ...unknown, width: 1, height: 1 }),
    ].map(failure);
    for (const answer of await Promise.all(answers)) expect(answer).toEqual(notFound);
    expect((await task.state({ id, execId: '' })).status).toBe(Status.RUNNING);
  });

  it('does not delete what runs, and what it refused to delete runs on', async () => {
    const container = await starting();
    const { id, task } = container;
    expect(await failure(task.delete({ id, execId: '' }))).toEqual(failedPrecondition);
    await container.exec('e', sleeping);
    expect(await failure(task.delete({ id, execId: 'e' }))).toEqual(failedPrecondition);
    await task.pause({ id });
    expect(await failure(task.delete({ id, execId: '' }))).toEqual(failedPrecondition);
    await task.resume({ id });
    expect((await task.state({ id, execId: '' })).status).toBe(Status.RUNNING);
    expect((await task.state({ id, execId: 'e' })).status).toBe(Status.RUNNING);
  });

  it('deletes what was created and never started', async () => {
    const container = await host().container(sleeping);
    const { id, task } = container;
    const pid = await container.create();
    await task.exec(execOf(id, 'never', 'true'));
    await task.delete({ id, execId: 'never' });
    expect(await failure(task.state({ id, execId: 'never' }))).toBe('notFound');
    expect(await task.delete({ id, execId: '' })).toMatchObject({ pid });
    expect(await failure(task.state({ id, execId: '' }))).toBe('notFound');
    await host().events.received(id, 'delete');
  });

  it('kills what was created and never started: it has stopped, and says so', async () => {
    const container = await host().container(sleeping);
    const { id, task } = container;
    await container.create();
    await task.kill({ id, execId: '', signal: 9, all: false });
    expect(await container.exitOf()).toBe(137);
    expect((await task.state({ id, execId: '' })).status).toBe(Status.STOPPED);
    expect(await task.delete({ id, execId: '' })).toMatchObject({ exitStatus: 137 });
  });

  it('has nothing to kill in what has finished', async () => {
    const container = await starting();
    const { id, task } = container;
    await container.exec('done', shell('exit 1'));
    await container.exitOf('done');
    expect(await failure(task.kill({ id, execId: 'done', signal: 15, all: false }))).toBe('notFound');
    await task.kill({ id, execId: '', signal: 9, all: false });
    await container.exitOf();
    expect(await failure(task.kill({ id, execId: '', signal: 9, all: false }))).toBe('notFound');
  });

  it('starts nothing twice', async () => {
    const container = await starting();
    const { id, task } = container;
    expect(await failure(task.start({ id, execId: '' }))).toEqual(failedPrecondition);
    await container.exec('e', sleeping);
    expect(await failure(task.start({ id, execId: 'e' }))).toEqual(failedPrecondition);
    expect((await task.state({ id, execId: 'e' })).status).toBe(Status.RUNNING);
    await task.kill({ id, execId: '', signal: 9, all: false });
    await container.exitOf();
    expect(await failure(task.start({ id, execId: '' }))).toEqual(failedPrecondition);
  });

  it('refuses an exec whose name is taken, also while it is being started', async () => {
    const { id, task } = await starting();
    await task.exec(execOf(id, 'same', 'exec sleep 600'));
    expect(await failure(task.exec(execOf(id, 'same', 'true')))).toBe('alreadyExists');
    await task.start({ id, execId: 'same' });
    expect(await failure(task.exec(execOf(id, 'same', 'true')))).toBe('alreadyExists');
    const many = await Promise.all([1, 2, 3, 4].map(() => failure(task.exec(execOf(id, 'race', 'true')))));
    expect(many.filter((answer) => answer === 'alreadyExists')).toHaveLength(3);
  });

  it('starts no exec in a container that has stopped, and kills none that has not begun', async () => {
    const container = await starting();
    const { id, task } = container;
    await task.exec(execOf(id, 'late', 'true'));
    expect(await failure(task.kill({ id, execId: 'late', signal: 9, all: false }))).toEqual(
      failedPrecondition,
    );
    await task.kill({ id, execId: '', signal: 9, all: false });
    await container.exitOf();
    expect(await failure(task.start({ id, execId: 'late' }))).toEqual(failedPrecondition);
    expect(await failure(task.exec(execOf(id, 'later', 'true')))).toEqual(failedPrecondition);
  });

  it('pauses only what runs and resumes only what is paused', async () => {
    const container = await host().container(sleeping);
    const { id, task } = container;
    await container.create();
    expect(await failure(task.pause({ id }))).toEqual(failedPrecondition);
    await task.start({ id, execId: '' });
    expect(await failure(task.resume({ id }))).toEqual(failedPrecondition);
    await task.pause({ id });
    expect(await failure(task.pause({ id }))).toEqual(failedPrecondition);
    expect(await failure(task.exec(execOf(id, 'x', 'true')))).toEqual(failedPrecondition);
    expect((await task.state({ id, execId: '' })).status).toBe(Status.PAUSED);
    await task.resume({ id });
    expect((await task.state({ id, execId: '' })).status).toBe(Status.RUNNING);
  });

  it('says of a document that is none what is wrong with it', async () => {
    const container = await starting();
    const { id, task } = container;
    const bad = { typeUrl: ociType.process, value: Buffer.from('{"args":') };
    expect(await failure(task.exec({ id, execId: 'bad', ...noStreams, spec: bad }))).not.toBe('closed');
    await failure(task.start({ id, execId: 'bad' }));
    expect(
      await failure(
        task.update({
          id,
          resources: { typeUrl: ociType.linuxResources, value: Buffer.from('[') },
          annotations: {},
        }),
      ),
    ).toMatch(/unknown|invalidArgument|internal/);
    expect((await task.state({ id, execId: '' })).status).toBe(Status.RUNNING);
  });

  it('has no method that it does not have, nor a service', async () => {
    const { client } = await starting();
    const none = Empty.encode({}).finish();
    await expect(client.call('containerd.task.v2.Task', 'Dance', none)).rejects.toMatchObject({
      kind: 'notImplemented',
    });
    await expect(client.call('containerd.no.Service', 'State', none)).rejects.toMatchObject({
      kind: 'notImplemented',
    });
  });

  it('resizes nothing that is no terminal, and closes no input that there is not, without complaint', async () => {
    const { id, task } = await starting();
    await task.resizePty({ id, execId: '', width: 80, height: 24 });
    await task.closeIO({ id, execId: '', stdin: true });
  });

  it('does not shut down while it has a container', async () => {
    const { id, task } = await starting();
    await task.shutdown({ id, now: true });
    expect((await task.state({ id, execId: '' })).status).toBe(Status.RUNNING);
  });
});
