import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { exited, signaled } from '../../../src/hcs/contract/exit-code.js';
import { removeContainer, runc } from '../../../src/hcs/runc/index.js';
import { create, done, lives } from '../local/on-this-host.js';
import { created, describeWithRunc, disposed, harness, leftBehind, runtimeScript } from './on-runc.js';

describeWithRunc('a container that cannot be made', () => {
  const { container, root, path } = harness();

  test("for want of its executable says so in the runtime's words, and leaves nothing", async () => {
    const system = container(['nosuch']);
    await expect(created(system)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^OCI runtime create failed: .*"nosuch": executable file not found in \$PATH/,
      ),
      exitStatus: 127,
    });
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('for want of a permission says that', async () => {
    const system = container(['/etc'], {});
    await expect(created(system)).rejects.toMatchObject({
      message: expect.stringMatching(/permission denied|is a directory/),
      exitStatus: 126,
    });
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('because its name is taken leaves the other alone', async () => {
    const system = container(['sleep', '1000']);
    const init = await created(system);
    await done(system.start());
    const second = container(['true'], { id: system.id });
    await expect(created(second)).rejects.toHaveProperty('kind', 'alreadyExists');
    // Here the runtime complains of the document before it looks for the name.
    const third = container(['true'], {
      id: system.id,
      config: (config) => (config.linux.namespaces = [{ type: 'nosuch' }]),
    });
    await expect(created(third)).rejects.toThrow(/OCI runtime create failed/);
    expect(lives(init.pid)).toBe(true);
    expect([...(await firstValueFrom(system.pids()))]).toEqual([init.pid]);
    await disposed(system);
  });

  test('for want of a document says where there should be one', async () => {
    await expect(created(container('', { bundle: path('nosuch') }))).rejects.toMatchObject({
      kind: 'invalidArgument',
      field: 'bundle',
    });
  });

  test('can be made once what was in the way is gone', async () => {
    const system = container(['nosuch']);
    await expect(created(system)).rejects.toHaveProperty('exitStatus', 127);
    await expect(created(system)).rejects.toHaveProperty('exitStatus', 127);
  });

  test.each([
    ['id', { id: '../x' }],
    ['id', { id: '' }],
    ['id', { id: '-x' }],
    ['bundle', { bundle: '' }],
    ['root', { root: 7 }],
    ['binary', { binary: '' }],
    ['ioUid', { ioUid: -1 }],
    ['noPivotRoot', { noPivotRoot: 'yes' }],
    ['env', { env: null }],
    ['checkpoint', { checkpoint: '' }],
  ])('because of a bad %s is refused at once', (field, options) => {
    expect(() => runc({ id: 'x', bundle: '/x', ...(options as object) })).toThrow(
      expect.objectContaining({ kind: 'invalidArgument', field }),
    );
  });
});

describeWithRunc('a runtime', () => {
  const { container, root, path } = harness();
  let count = 0;
  const withRuntime = (
    verbs: Readonly<Record<string, string>>,
    init: readonly string[] = ['sleep', '1000'],
  ) => container(init, { binary: runtimeScript(path(`runtime-${++count}`), verbs) });

  test('that is not there is unavailable', async () => {
    await expect(created(container('true', { binary: 'nosuch-runtime' }))).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('"nosuch-runtime" cannot be started: ENOENT'),
    });
    expect(leftBehind(root(), 'x')).toEqual([]);
  });

  test.each([
    ['fails without a word', 'exit 3', /ended with exit status 3/],
    ['is killed', 'kill -9 $$', /was killed by signal 9/],
    ['logs what is no JSON', 'echo "{throwMalformed" >"$log"; exit 1', /exit status 1: \{throwMalformed/],
    [
      'logs more than anybody reads',
      'yes | head -c 3000000 >"$log"; echo \'{"level":"error","msg":"at last"}\' >>"$log"; exit 1',
      /create failed: at last/,
    ],
    ['writes no pid file', 'exit 0', /wrote no pid file/],
    [
      'writes a pid file with words',
      'echo many words >"$pidfile"; exit 0',
      /wrote "many words\\n" as a process id/,
    ],
    ['names the process of someone else', 'echo 1 >"$pidfile"; exit 0', /wrote "1\\n" as a process id/],
    ['names its own process', 'echo $$ >"$pidfile"; exit 0', /wrote "\d+\\n" as a process id/],
    ['names a huge number', 'echo 99999999999999 >"$pidfile"; exit 0', /as a process id/],
  ])('that %s at a create has failed, and nothing is left', async (_, script, message) => {
    const system = withRuntime({ create: script });
    await expect(created(system)).rejects.toThrow(message);
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('that made a container and then failed has it removed', async () => {
    const system = withRuntime({ create: `${'$REAL'} "$@"; exit 9`.replace('$REAL', 'runc') });
    await expect(created(system)).rejects.toThrow(/exit status 9/);
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('that hangs at a create is killed when the container is terminated', async () => {
    const system = withRuntime({ create: `echo $$ >"${path('hanging')}"; exec sleep 1000` });
    const making = created(system);
    while (!existsSync(path('hanging'))) await new Promise((resolve) => setTimeout(resolve, 5));
    await done(system.terminate());
    await expect(making).rejects.toThrow(/killed by signal 9/);
    expect(await firstValueFrom(system.exit$)).toEqual({ reason: 'ended' });
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('that hangs at a start is killed when the container is terminated', async () => {
    const system = withRuntime({ start: `echo $$ >"${path('starting')}"; exec sleep 1000` });
    const init = await created(system);
    const starting = done(system.start());
    while (!existsSync(path('starting'))) await new Promise((resolve) => setTimeout(resolve, 5));
    await done(system.terminate());
    await expect(starting).rejects.toThrow(/OCI runtime start failed: .* killed by signal 9/);
    expect(await firstValueFrom(init.exit$)).toEqual(signaled(9));
    await disposed(system);
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('that hangs at an exec delays no other command', async () => {
    const system = withRuntime({ exec: 'exec sleep 1000' });
    await created(system);
    await done(system.start());
    const hanging = create(system, { args: ['true'] });
    expect(await firstValueFrom(system.pids())).toHaveLength(1);
    await disposed(system);
    await expect(hanging).rejects.toThrow(/OCI runtime exec failed: .* killed by signal 9/);
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('that dies once it has started a process does not prevent the end of the container', async () => {
    const system = withRuntime({ exec: 'runc "$@"; kill -9 $$' });
    await created(system);
    await done(system.start());
    await expect(create(system, { args: ['sleep', '1000'] })).rejects.toThrow(
      /exec failed: .* killed by signal 9/,
    );
    await disposed(system);
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('that floods its stderr is read, and the last part is reported', async () => {
    const system = withRuntime({ pause: 'yes | head -c 5000000 >&2; echo "the end" >&2; exit 1' });
    await created(system);
    await expect(done(system.pause())).rejects.toThrow(/y\nthe end/);
    await disposed(system);
  });

  test.each(['pause', 'resume'])('that dies once it has done a %s has done it', async (verb) => {
    const system = withRuntime({ [verb]: 'runc "$@"; kill -9 $$' });
    await created(system);
    await done(system.start());
    await done(system.pause());
    await done(system.resume());
    const process = await create(system, { args: ['true'] });
    expect(await firstValueFrom(process.exit$)).toEqual(exited(0));
    await disposed(system);
  });

  test('that dies before it has paused a container has failed', async () => {
    const system = withRuntime({ pause: 'kill -9 $$' });
    await created(system);
    await done(system.start());
    await expect(done(system.pause())).rejects.toThrow(/OCI runtime pause failed: .* killed by signal 9/);
    await disposed(system);
  });

  test('is not needed to know that a container was paused by another program', async () => {
    const system = container(['sleep', '1000']);
    await created(system);
    await done(system.start());
    const runcAlone = (verb: string) => execFileSync('runc', ['--root', root(), verb, system.id]);
    runcAlone('pause');
    await done(system.pause());
    await done(system.resume());
    runcAlone('pause');
    await disposed(system);
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('that answers throwMalformed is not believed', async () => {
    const system = withRuntime({ ps: 'echo "[1, 2"; exit 0' });
    await created(system);
    await expect(firstValueFrom(system.pids())).rejects.toThrow(
      /OCI runtime ps failed: .* answered "\[1, 2\\n"/,
    );
    await disposed(system);
  });

  test('that cannot kill does not save its container', async () => {
    const system = withRuntime({ kill: 'exit 1' });
    const init = await created(system);
    await done(system.start());
    await expect(firstValueFrom(init.signal({ Signal: 10 }))).rejects.toThrow(/OCI runtime kill failed/);
    await expect(firstValueFrom(init.kill())).rejects.toThrow(/OCI runtime kill failed/);
    expect(await firstValueFrom(init.exit$)).toEqual(signaled(9));
    await disposed(system).catch(() => undefined);
    await done(system.delete());
  });

  test('that could not delete is asked again', async () => {
    const flag = path('may-delete');
    const system = withRuntime({ delete: `[ -e "${flag}" ] || exit 1` });
    await created(system);
    await done(system.terminate());
    await firstValueFrom(system.exit$);
    await expect(done(system.delete())).rejects.toThrow(/OCI runtime delete failed/);
    writeFileSync(flag, '');
    await done(system.delete());
    await done(system.delete());
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('that still holds the container frozen for a kill is waited for before the container is deleted', async () => {
    const frozen = path('frozen');
    const system = withRuntime({
      kill: `: >"${frozen}"; runc "$@"; code=$?; sleep 0.5; rm "${frozen}"; exit $code`,
      delete: `[ -e "${frozen}" ] && echo "cannot delete container that is not stopped: paused" >&2 && exit 1`,
    });
    const init = await created(system);
    await done(system.start());
    const killing = done(system.signalAll(9));
    await firstValueFrom(init.exit$);
    // As a task does it: the deletion that begins in the background is the one that is awaited.
    await done(system.close());
    await done(system.delete());
    await killing;
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('does not inherit the NOTIFY_SOCKET of this process', async () => {
    const written = path('environment');
    const binary = runtimeScript(path('recording'), { ps: `env >"${written}"` });
    const system = container(['sleep', '1000'], {
      binary,
      env: { PATH: process.env.PATH, NOTIFY_SOCKET: '/run/x', KEPT: 'yes', NONE: undefined },
    });
    await created(system);
    await firstValueFrom(system.pids());
    const environment = (await import('node:fs')).readFileSync(written, 'utf8');
    expect(environment).toMatch(/^KEPT=yes$/m);
    expect(environment).not.toMatch(/NOTIFY_SOCKET|NONE/);
    await disposed(system);
  });
});

describeWithRunc('a process beside the init', () => {
  const { container, root } = harness();

  test('that cannot be started costs an error, and the container nothing', async () => {
    const system = container(['sleep', '1000']);
    await created(system);
    await done(system.start());
    await expect(create(system, { args: ['nosuch'] })).rejects.toMatchObject({
      message: expect.stringMatching(/^OCI runtime exec failed: .*executable file not found in \$PATH/),
      exitStatus: 127,
    });
    await expect(create(system, { args: ['/etc'] })).rejects.toHaveProperty('exitStatus', 126);
    await expect(create(system, { args: ['true'], cwd: '/nosuch', env: ['PATH=/bin'] })).rejects.toThrow(
      /nosuch/,
    );
    const process = await create(system, { args: ['true'] });
    expect(await firstValueFrom(process.exit$)).toEqual(exited(0));
    await disposed(system);
  });

  test('is refused once the init has ended, and before there is one', async () => {
    const system = container(['true']);
    await expect(create(system, { args: ['true'] })).rejects.toHaveProperty('kind', 'notFound');
    const init = await created(system);
    await done(system.start());
    await firstValueFrom(init.exit$);
    await expect(create(system, { args: ['true'] })).rejects.toHaveProperty('kind', 'failedPrecondition');
    await disposed(system);
  });

  test('takes no signal after its end', async () => {
    const system = container(['sleep', '1000']);
    await created(system);
    const process = await create(system, { args: ['true'] });
    await firstValueFrom(process.exit$);
    expect(await firstValueFrom(process.signal({ Signal: 15 }))).toBe('notDelivered');
    await disposed(system);
    expect(existsSync(join(root(), system.id))).toBe(false);
  });
});

describeWithRunc('what is left of a container', () => {
  const { container, root } = harness();

  test('stays while it runs, with an error for who wants it deleted', async () => {
    const system = container(['sleep', '1000']);
    await created(system);
    await done(system.start());
    await expect(done(system.delete())).rejects.toHaveProperty('kind', 'failedPrecondition');
    await disposed(system);
  });

  test('is removed without its keeper, as often as one likes', async () => {
    const system = container(['sleep', '1000']);
    const init = await created(system);
    await done(system.start());
    await done(removeContainer({ id: system.id, root: root() }));
    expect(await firstValueFrom(init.exit$)).toEqual(signaled(9));
    await done(removeContainer({ id: system.id, root: root() }));
    await done(system.close());
    await done(system.delete());
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test("was removed behind the engine's back, and the engine does not mind", async () => {
    const system = container(['sleep', '1000']);
    const init = await created(system);
    await done(removeContainer({ id: system.id, root: root() }));
    expect(await firstValueFrom(init.signal({ Signal: 15 }))).toBe('notDelivered');
    await disposed(system);
  });

  test('of a checkpoint is nothing where there is no criu, and the error says why', async () => {
    const system = container(['sleep', '1000'], { env: { PATH: '/nosuch' } });
    await created(system);
    await done(system.start());
    await expect(done(system.checkpoint({ imagePath: '/tmp/nosuch-image' }))).rejects.toThrow(
      /^OCI runtime checkpoint failed: .*criu/,
    );
    await disposed(system);
    const restored = container(['true'], { checkpoint: '/tmp/nosuch-image', env: { PATH: '/nosuch' } });
    const init = await created(restored);
    expect(init.pid).toBe(0);
    await expect(done(restored.start())).rejects.toThrow(/^OCI runtime restore failed: .*criu/);
    expect(await firstValueFrom(init.kill())).toBe('delivered');
    expect(await firstValueFrom(init.exit$)).toEqual(signaled(9));
    await disposed(restored);
    expect(leftBehind(root(), restored.id)).toEqual([]);
  });
});
