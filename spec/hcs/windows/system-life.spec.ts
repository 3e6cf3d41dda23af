import { expect, it } from '@jest/globals';
import { hcsCodes } from '../../../src/hcs/hcs-codes.js';
import { createContainer } from '../../../src/hcs/windows/index.js';
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
    const system = opened('nobody');
    await expect(done(system.pids())).rejects.toMatchObject({ kind: 'notFound' });
    const late = createContainer('nobody', {}, { service: double.service });
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

  it('is lost when its end is told as a failure', async () => {
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
