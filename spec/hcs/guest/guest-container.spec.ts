import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom, type Observable } from 'rxjs';
import { kindOf, RxshimError } from '../../../src/hcs/failures/errors.js';
import { createTask } from '../../../src/index.js';
import { scriptedGuest } from './scripted-guest.js';

const done = (work: Observable<unknown> | undefined) => lastValueFrom(work!, { defaultValue: undefined });
const failureOf = (work: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(work).then(
    () => undefined,
    (error: unknown) => error,
  );

const spec = { process: { args: ['sleep', '1000'] } };
const layers = (RequestType: 'Add' | 'Remove', at: string) => ({
  RequestType,
  ResourceType: 'CombinedLayers',
  Settings: { ContainerRootPath: at },
});
const options = {
  id: 'c1',
  spec,
  modify: [layers('Add', '/a'), layers('Add', '/b')],
  undo: [layers('Remove', '/b'), layers('Remove', '/a')],
};

describe('a container that was created and never started', () => {
  it('ends with the answer to its shutdown: no notification would come', async () => {
    const { guest, names } = await scriptedGuest(() => ({}));
    const task = await createTask({ id: 'c1', system: await guest.createContainer(options) });
    await task.delete();
    expect(names()).toEqual([
      'modifySettings Add',
      'modifySettings Add',
      'create',
      'shutdownGraceful',
      'modifySettings Remove',
      'modifySettings Remove',
      'deleteContainerState',
    ]);
    expect((await task.wait()).status).toBe(0);
  });

  it('ends so also after its init was refused', async () => {
    const { guest } = await scriptedGuest((name) =>
      name === 'executeProcess' ? { Result: -2147467259, ErrorMessage: 'no such program' } : {},
    );
    const system = await guest.createContainer(options);
    await expect(firstValueFrom(system.createProcess({}))).rejects.toThrow('no such program');
    await done(system.terminate());
    expect(await firstValueFrom(system.exit$)).toEqual({ reason: 'ended' });
  });

  it('is awaited when there is a process: its notification is the end', async () => {
    const { guest, connection } = await scriptedGuest((name) =>
      name === 'waitForProcess' ? undefined : { ProcessId: 7 },
    );
    const system = await guest.createContainer(options);
    let ended: unknown;
    system.exit$.subscribe((exit) => (ended = exit));
    await firstValueFrom(system.createProcess({}));
    await done(system.terminate());
    expect(ended).toBeUndefined();
    connection.notify('c1');
    expect(ended).toEqual({ reason: 'ended' });
  });
});

describe('a container that is ended more than once', () => {
  it.each([
    ['HRESULT 0xc0370110: container not running', 0xc0370110 | 0],
    [
      'unknown runc error after kill exit status 1: unable to signal init: os: process already finished',
      -2147467259,
    ],
  ])('is ended: the guest need not say so without an error: %s', async (ErrorMessage, Result) => {
    let shutdowns = 0;
    const { guest, connection } = await scriptedGuest((name) => {
      if (name === 'waitForProcess') return undefined;
      shutdowns += name.startsWith('shutdown') ? 1 : 0;
      return shutdowns > 1 ? { Result, ErrorMessage } : { ProcessId: 7 };
    });
    const system = await guest.createContainer(options);
    await firstValueFrom(system.createProcess({}));
    let ended: unknown;
    system.exit$.subscribe((exit) => (ended = exit));
    await done(system.terminate());
    await done(system.terminate());
    await done(system.shutdown());
    // Its notification is still to come.
    expect(ended).toBeUndefined();
    connection.notify('c1');
    expect(ended).toEqual({ reason: 'ended' });
    await done(system.terminate());
  });

  it('fails to end if the guest says another thing', async () => {
    const { guest } = await scriptedGuest((name) =>
      name === 'shutdownForced' ? { Result: -2147467259, ErrorMessage: 'no more memory' } : {},
    );
    const system = await guest.createContainer(options);
    expect(String(await failureOf(done(system.terminate())))).toContain('no more memory');
  });
});

describe('a container that is ended while its init is being started', () => {
  it('ends when the start has failed: no notification would come', async () => {
    const requests: (() => void)[] = [];
    const { guest } = await scriptedGuest((name, request, connection) => {
      if (name !== 'executeProcess') return {};
      requests.push(() => connection.answer(request, { Result: -2147467259, ErrorMessage: 'it was killed' }));
      return undefined;
    });
    const system = await guest.createContainer(options);
    const started = failureOf(firstValueFrom(system.createProcess({})));
    await done(system.terminate());
    let ended: unknown;
    system.exit$.subscribe((exit) => (ended = exit));
    expect(ended).toBeUndefined();
    requests[0]?.();
    expect(String(await started)).toContain('it was killed');
    expect(ended).toEqual({ reason: 'ended' });
  });
});

describe('a container that the guest refuses to create', () => {
  it.each([
    ['exec: "/no/such": stat /no/such: no such file or directory: unknown', 'notFound', 127],
    ['exec: "nosuch": executable file not found in $PATH: unknown', 'notFound', 127],
    ['exec: "/etc/passwd": permission denied: unknown', 'failedPrecondition', 126],
  ])('fails as its command would: %s', async (text, kind, exitStatus) => {
    const message = `failed to create container: failed to run runc create/exec call for container c1 with exit status 1: container_linux.go:380: starting container process caused: ${text}`;
    const { guest, names } = await scriptedGuest((name) =>
      name === 'create' ? { Result: -2147467259, ErrorMessage: message } : {},
    );
    const failure = await failureOf(guest.createContainer(options));
    expect(kindOf(failure)).toBe(kind);
    expect(failure).toBeInstanceOf(RxshimError);
    expect((failure as RxshimError).exitStatus).toBe(exitStatus);
    // Nothing stays mounted, and the id can be used again.
    expect(names().slice(3)).toEqual(['modifySettings Remove', 'modifySettings Remove']);
    expect(kindOf(await failureOf(guest.createContainer(options)))).toBe(kind);
  });

  it('has its layers removed also when one of them failed, and gives the first failure', async () => {
    let requests = 0;
    const { guest, names } = await scriptedGuest((name) => {
      requests += name === 'modifySettings' ? 1 : 0;
      const isBad = requests === 2 || requests === 3;
      return isBad ? { Result: -2147467259, ErrorMessage: `failure ${requests}` } : {};
    });
    await expect(Promise.resolve(guest.createContainer(options))).rejects.toThrow('failure 2');
    expect(names()).toEqual([
      'modifySettings Add',
      'modifySettings Add',
      'modifySettings Remove',
      'modifySettings Remove',
    ]);
  });
});
