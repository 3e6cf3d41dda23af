import { describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { createContainer, openContainer } from '../../../src/hcs/windows/index.js';
import { done, first, hresultOf, overEachLibrary } from './on-the-double.js';

const nowhere = { service: { library: 'computecore', path: '/no/such/computecore.dll' } } as const;

describe('where there is no Host Compute Service', () => {
  it('a container can be spoken of, and the first thing asked of it says so', async () => {
    const system = createContainer('c', {}, nowhere);
    const said = {
      kind: 'unavailable',
      message: expect.stringMatching(/^there is no Host Compute Service here \(.+\)/),
    };
    await expect(done(system.start())).rejects.toMatchObject(said);
    await expect(done(system.createProcess({ CommandLine: 'x' }))).rejects.toMatchObject(said);
    await expect(done(openContainer('c', nowhere).pids())).rejects.toMatchObject(said);
    await done(system.terminate());
    await done(system.close());
    expect(await firstValueFrom(system.exit$)).toEqual({ reason: 'ended' });
  });

  it('for want of a Windows, that is said', async () => {
    if (process.platform === 'win32') return;
    await expect(done(openContainer('c').pids())).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining(`(this is ${process.platform})`),
    });
  });
});

overEachLibrary('where the service refuses this user', ({ double, container, opened }) => {
  it('that is said, whatever is asked first', async () => {
    const elevate = { kind: 'failedPrecondition', message: expect.stringContaining('elevated') };
    double.fault('HcsOpenComputeSystem', hresultOf(5));
    await expect(done(opened('c').pids())).rejects.toMatchObject(elevate);
    double.fault('HcsCreateComputeSystem', hresultOf(5));
    await expect(done(container().start())).rejects.toMatchObject(elevate);
  });

  it('who is elevated then need not start anew', async () => {
    const system = container();
    double.fault('HcsCreateComputeSystem', hresultOf(5));
    await expect(done(system.start())).rejects.toThrow();
    await done(system.start());
    expect(await first(system.pids())).toEqual([]);
  });
});
