import { expect, it } from '@jest/globals';
import { hcsCodes } from '../../../src/hcs/failures/codes.js';
import { createContainer, listContainers } from '../../../src/hcs/windows/index.js';
import { done, first, hresultOf, overEachLibrary, puppet } from './on-the-double.js';

overEachLibrary('a Windows container', (on) => {
  const { double, container, running, opened } = on;

  it('does nothing before it is asked to', async () => {
    const calls = double.count('calls');
    const system = container();
    system.start();
    system.createProcess({ CommandLine: 'x' });
    expect(double.count('calls')).toBe(calls);
  });

  it('that was never made needs no end', async () => {
    const calls = double.count('calls');
    const system = container();
    await done(system.shutdown());
    expect(await first(system.exit$)).toEqual({ reason: 'ended' });
    await done(system.terminate());
    await done(system.close());
    expect(double.count('calls')).toBe(calls);
  });

  it('that was ended before it was made is not made any more', async () => {
    const system = container();
    await done(system.terminate());
    await expect(done(system.start())).rejects.toThrow('the handle has already been closed');
  });

  it('that is ended while it is being made is ended once it is made', async () => {
    const system = container();
    double.shut('HcsCreateComputeSystem');
    const starting = done(system.start()).catch(() => undefined);
    const ending = done(system.terminate());
    double.open('HcsCreateComputeSystem');
    await Promise.all([starting, ending]);
    expect(await first(system.exit$)).toEqual({ reason: 'ended' });
  });

  it('that could not be made is not made by being ended', async () => {
    const system = container();
    double.fault('HcsCreateComputeSystem', hresultOf(hcsCodes.invalidData));
    await expect(done(system.start())).rejects.toThrow();
    const calls = double.count('HcsCreateComputeSystem');
    await done(system.terminate());
    expect(await first(system.exit$)).toEqual({ reason: 'ended' });
    expect(double.count('HcsCreateComputeSystem')).toBe(calls);
  });

  it('can be made in two steps', async () => {
    double.trick('pending', 1);
    expect(await first((await running()).pids())).toEqual([]);
  });

  it.each(['shutdown', 'terminate'] as const)('ends by %s, with what runs in it', async (how) => {
    const system = await running();
    const process = await puppet(on, system, 7);
    await done(system[how]());
    expect(await first(system.exit$)).toEqual({ reason: 'ended' });
    expect(await first(process.exit$)).toEqual({ kind: 'exited', code: 1 });
    await done(system[how]());
    await done(process.close());
  });

  it('knows its processes and what they use', async () => {
    const system = await running();
    const processes = [await puppet(on, system, 70), await puppet(on, system, 80)];
    expect([...(await first(system.pids()))].sort()).toEqual([70, 80]);
    expect(await first(system.properties('Statistics'))).toMatchObject({
      SystemType: 'Container',
      Statistics: { Processor: { TotalRuntime100ns: 500_000 } },
    });
    await done(system.terminate());
    for (const process of processes) await done(process.close());
  });

  it('is among those of its host', async () => {
    const { id } = await running();
    const { service } = double;
    const mine = async () => (await first(listContainers({ service }))).filter(({ Id }) => Id === id);
    expect(await mine()).toMatchObject([{ Id: id, SystemType: 'Container', State: 'Running' }]);
    const enumerate = service.library === 'vmcompute' ? '' : '!';
    double.fault(`HcsEnumerateComputeSystems${enumerate}`, hresultOf(hcsCodes.invalidData));
    await expect(mine()).rejects.toMatchObject({
      name: 'HcsError',
      cause: { hresult: hcsCodes.invalidData },
    });
  });

  it('can be opened by another, who hears of its end, too', async () => {
    const system = await running();
    const other = opened(system.id);
    await done(other.start());
    const process = await puppet(on, other, 7);
    expect(await first(system.pids())).toEqual([7]);
    await done(system.terminate());
    expect(await first(other.exit$)).toEqual({ reason: 'ended' });
    await done(process.close());
  });

  it('that is closed ends for its holder alone', async () => {
    const system = await running();
    const other = opened(system.id);
    await done(other.start());
    await done(other.close());
    expect(await first(other.exit$)).toEqual({ reason: 'closed' });
    await done(other.close());
    await expect(done(other.pids())).rejects.toThrow('the handle has already been closed');
    expect(await first(system.pids())).toEqual([]);
  });

  it('that there is none of is not found, now; it may be there later', async () => {
    const system = opened('unknown');
    await expect(done(system.pids())).rejects.toMatchObject({ kind: 'notFound' });
    const late = createContainer('unknown', {}, { service: double.service });
    await done(late.start());
    expect(await first(system.pids())).toEqual([]);
    await done(late.terminate());
    await done(late.close());
  });

  it('may end by itself', async () => {
    const system = await running();
    double.systemExit(system.id);
    expect(await first(system.exit$)).toEqual({ reason: 'ended' });
  });

  it('may end unexpectedly, which is an end all the same', async () => {
    const system = await running();
    double.systemExit(system.id, hcsCodes.unexpectedExit);
    expect(await first(system.exit$)).toMatchObject({
      reason: 'ended',
      error: { hresult: hcsCodes.unexpectedExit },
    });
  });

  it('is lost when its end is reported as a failure', async () => {
    const system = await running();
    double.systemExit(system.id, hresultOf(hcsCodes.invalidData));
    expect(await first(system.exit$)).toMatchObject({
      reason: 'lost',
      error: { hresult: hcsCodes.invalidData },
    });
  });

  it('is lost with the service, and so are its processes', async () => {
    const system = await running();
    const process = await puppet(on, system, 7);
    double.disconnect();
    expect(await first(system.exit$)).toMatchObject({
      reason: 'lost',
      error: { sentinel: 'unexpectedProcessAbort' },
    });
    expect(await first(process.exit$)).toEqual({
      kind: 'unknown',
      reason: 'lost communication with compute service',
    });
    double.exit(7, 0);
    await done(process.close());
  });

  it.each([[''], [7], [undefined]])('has no such name as %p', async (id) => {
    expect(() => opened(id as string)).toThrow('id: expected a name');
  });
});
