import { describe, expect, it } from '@jest/globals';
import { VirtualAction, VirtualTimeScheduler } from 'rxjs';
import type { ComputeProcess } from '../../../src/hcs/contract/compute-process.js';
import { hcsCodes } from '../../../src/hcs/failures/codes.js';
import {
  create,
  done,
  first,
  hresultOf,
  overEachLibrary,
  puppet,
  script,
  text,
  until,
} from './on-the-double.js';

const lingering = script(`console.log('ready'); setTimeout(() => {}, 60_000)`);

const started = async (process: ComputeProcess): Promise<void> => {
  for await (const chunk of process.stdio.stdout!) if (Buffer.from(chunk).includes('ready')) break;
};

overEachLibrary('who ends a process of a Windows container', (on) => {
  const { double, running } = on;

  it('kills it for good', async () => {
    const process = await create(await running(), lingering);
    await started(process);
    expect(await first(process.kill())).toBe('delivered');
    expect(await first(process.exit$)).toEqual({ kind: 'exited', code: 1 });
    await done(process.close());
  });

  it.each(['CtrlC', 'CtrlBreak', 'CtrlClose', 'CtrlLogOff', 'CtrlShutdown'] as const)(
    'sends it %s, which ends what does not listen',
    async (Signal) => {
      const process = await create(await running(), lingering);
      await started(process);
      expect(await first(process.signal({ Signal }))).toBe('delivered');
      expect(await first(process.exit$)).toEqual({ kind: 'exited', code: 0xc000013a });
      await done(process.close());
    },
  );

  it('gets past a signal that hangs until its target is dead', async () => {
    const process = await puppet(on, await running(), 7);
    double.shut('HcsSignalProcess');
    const signal = () => first(process.signal({ Signal: 'CtrlShutdown' }));
    const signalled = Promise.allSettled([signal(), signal(), signal()]);
    await until(() => double.count('inFlight') > 0);
    expect(await first(process.kill())).toBe('delivered');
    expect(await first(process.exit$)).toEqual({ kind: 'exited', code: 1 });
    double.open('HcsSignalProcess');
    const late = { status: 'fulfilled', value: 'alreadyStopped' };
    expect(await signalled).toEqual([late, late, late]);
    await done(process.close());
  });

  it('need not kill it twice', async () => {
    const process = await puppet(on, await running(), 7);
    double.trick('deaf', 1);
    const before = double.count('HcsTerminateProcess');
    expect(await first(process.kill())).toBe('delivered');
    expect(await first(process.kill())).toBe('delivered');
    expect(double.count('HcsTerminateProcess')).toBe(before + 1);
    double.exit(7, 0);
    await done(process.close());
  });

  it('is answered "already stopped" after its exit', async () => {
    const process = await puppet(on, await running(), 7);
    double.exit(7, 0);
    await first(process.exit$);
    expect(await first(process.kill())).toBe('alreadyStopped');
    expect(await first(process.signal({ Signal: 'CtrlC' }))).toBe('alreadyStopped');
    await done(process.closeStdin());
    await done(process.close());
  });

  describe('hears of a signal', () => {
    it.each(['operationInvalidState', 'computeSystemDoesNotExist', 'elementNotFound'] as const)(
      'that it found no process, where the service says %s; if no exit is reported within a second, it is unknown',
      async (name) => {
        const scheduler = new VirtualTimeScheduler(VirtualAction);
        const process = await puppet(on, await running({ scheduler }), 7);
        double.fault('HcsSignalProcess', hresultOf(hcsCodes[name]));
        expect(await first(process.signal({ Signal: 'CtrlC' }))).toBe('notDelivered');
        scheduler.maxFrames = 999;
        scheduler.flush();
        expect(scheduler.actions).toHaveLength(1);
        scheduler.maxFrames = 1000;
        scheduler.flush();
        expect(await first(process.exit$)).toMatchObject({ kind: 'unknown' });
        double.exit(7, 5);
        await done(process.close());
      },
    );

    it('that it found no process, and the exit with its code if that is reported in time', async () => {
      const scheduler = new VirtualTimeScheduler(VirtualAction);
      const process = await puppet(on, await running({ scheduler }), 7);
      double.fault('HcsSignalProcess', hresultOf(hcsCodes.elementNotFound));
      expect(await first(process.signal({ Signal: 'CtrlC' }))).toBe('notDelivered');
      double.exit(7, 5);
      expect(await first(process.exit$)).toEqual({ kind: 'exited', code: 5 });
      scheduler.flush();
      await done(process.close());
    });
  });

  describe('hears of a kill', () => {
    const killWith = async (name: string, code: number) => {
      const process = await puppet(on, await running(), 7);
      double.fault(name, hresultOf(code));
      const answer = await first(process.kill()).catch((error: unknown) => error);
      double.exit(7, 0);
      await done(process.close());
      return answer;
    };

    it.each([
      'operationAccessIsDenied',
      'alreadyStopped',
      'processAlreadyStopped',
      'elementNotFound',
    ] as const)('that it is as good as dead, where the service says %s', async (name) =>
      expect(await killWith('HcsTerminateProcess', hcsCodes[name])).toBe('delivered'),
    );

    it.each(['operationInvalidState', 'computeSystemDoesNotExist'] as const)(
      'that it found no process, where the service says %s',
      async (name) => expect(await killWith('HcsTerminateProcess', hcsCodes[name])).toBe('notDelivered'),
    );

    it.each(['alreadyStopped', 'processAlreadyStopped', 'elementNotFound'] as const)(
      'that it is as good as dead, where it cannot be opened any more: %s',
      async (name) => expect(await killWith('HcsOpenProcess', hcsCodes[name])).toBe('delivered'),
    );

    it('what went wrong otherwise', async () => {
      expect(await killWith('HcsTerminateProcess', hcsCodes.invalidData)).toMatchObject({
        name: 'ProcessError',
        message: expect.stringMatching(/^hcs::Process::Kill container-\S+:7: /),
        cause: { hresult: hcsCodes.invalidData },
      });
    });
  });

  it('ends the whole container where there is no second handle to kill by', async () => {
    const warnings: string[] = [];
    const log = { warn: (_fields: object, message: string) => void warnings.push(message) };
    const system = await running({ log });
    const process = await puppet(on, system, 7);
    double.fault('HcsOpenComputeSystem', hresultOf(hcsCodes.operationAccessIsDenied));
    expect(await first(process.kill())).toBe('delivered');
    expect(await first(system.exit$)).toEqual({ reason: 'ended' });
    expect(warnings).toEqual(['no second handle to kill the process, terminating the whole container']);
    await done(process.close());
  });

  it('continues after an unsubscribe', async () => {
    const process = await puppet(on, await running(), 7);
    process.kill().subscribe().unsubscribe();
    expect(await first(process.exit$)).toEqual({ kind: 'exited', code: 1 });
    expect(await text(process.stdio.stdout)).toBe('');
    await done(process.close());
  });
});
