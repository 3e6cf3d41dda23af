import { expect, it } from '@jest/globals';
import { errorChain } from '../../../src/hcs/failures/chain.js';
import { hcsCodes } from '../../../src/hcs/failures/codes.js';
import { statusCodeOf } from '../../../src/hcs/failures/status-error.js';
import type { WindowsSystem } from '../../../src/hcs/windows/index.js';
import { create, done, first, hresultOf, type OnDouble, overEachLibrary, puppet } from './on-the-double.js';

interface Act {
  readonly what: string;
  /** By library: the functions of which each fails once. With `!` it is its operation, or notice, that fails. */
  readonly vmcompute: readonly string[];
  readonly computecore: readonly string[];
  /** Codes that mean something else to this act than failure. */
  readonly swallows?: readonly number[];
  /** Whether the container is over then all the same. */
  readonly ends?: boolean;
  readonly act: (on: OnDouble, system: () => Promise<WindowsSystem>) => Promise<unknown>;
}

const { alreadyStopped, systemAlreadyStopped, computeSystemDoesNotExist, operationPending } = hcsCodes;
const ended = [alreadyStopped, systemAlreadyStopped, computeSystemDoesNotExist, operationPending];
const stopped = [
  hcsCodes.alreadyStopped,
  hcsCodes.systemAlreadyStopped,
  hcsCodes.processAlreadyStopped,
  0x490,
];

/** Acts on a puppet, which is let go of whatever happens. */
const onPuppet =
  (act: (process: Awaited<ReturnType<typeof puppet>>) => Promise<unknown>): Act['act'] =>
  async (on, system) => {
    const process = await puppet(on, await system(), 7);
    try {
      return await act(process);
    } finally {
      on.double.exit(7, 0);
      await done(process.close());
    }
  };

const acts: readonly Act[] = [
  {
    what: 'creating and starting a container',
    vmcompute: ['HcsCreateComputeSystem', 'HcsRegisterComputeSystemCallback', 'HcsStartComputeSystem'],
    computecore: [
      'HcsCreateComputeSystem',
      'HcsCreateComputeSystem!',
      'HcsSetComputeSystemCallback',
      'HcsStartComputeSystem',
      'HcsStartComputeSystem!',
    ],
    swallows: [operationPending],
    act: async ({ container }) => {
      const system = container();
      try {
        await done(system.start());
      } finally {
        await done(system.terminate());
        await done(system.close());
      }
    },
  },
  {
    what: 'opening a container',
    vmcompute: ['HcsOpenComputeSystem', 'HcsRegisterComputeSystemCallback'],
    computecore: ['HcsOpenComputeSystem', 'HcsSetComputeSystemCallback'],
    act: async ({ opened }, system) => {
      const { id } = await system();
      const other = opened(id);
      try {
        await done(other.start());
      } finally {
        await done(other.close());
      }
    },
  },
  {
    what: 'creating a process',
    vmcompute: ['HcsCreateProcess', 'HcsRegisterProcessCallback'],
    computecore: ['HcsCreateProcess', 'HcsSetProcessCallback'],
    act: async (on, system) => {
      on.double.puppets(9);
      const process = await create(await system(), {});
      on.double.exit(9, 0);
      await done(process.close());
    },
  },
  {
    what: 'resizing a console',
    vmcompute: ['HcsModifyProcess'],
    computecore: ['HcsModifyProcess', 'HcsModifyProcess!'],
    act: onPuppet((process) => done(process.resizeConsole({ width: 1, height: 1 }))),
  },
  {
    what: 'ending input',
    vmcompute: ['HcsModifyProcess'],
    computecore: ['HcsModifyProcess', 'HcsModifyProcess!'],
    swallows: stopped,
    act: onPuppet((process) => done(process.closeStdin())),
  },
  {
    what: 'a signal',
    vmcompute: ['HcsSignalProcess'],
    computecore: ['HcsSignalProcess', 'HcsSignalProcess!'],
    swallows: [...stopped, hcsCodes.operationInvalidState, computeSystemDoesNotExist],
    act: onPuppet((process) => first(process.signal({ Signal: 'CtrlC' }))),
  },
  {
    what: 'a kill',
    vmcompute: ['HcsTerminateProcess'],
    computecore: ['HcsTerminateProcess', 'HcsTerminateProcess!'],
    swallows: [...stopped, 0x5, hcsCodes.operationInvalidState, computeSystemDoesNotExist],
    act: onPuppet((process) => first(process.kill())),
  },
  {
    what: 'opening a process to kill it',
    vmcompute: ['HcsOpenProcess'],
    computecore: ['HcsOpenProcess'],
    swallows: [...stopped, 0x5, hcsCodes.operationInvalidState, computeSystemDoesNotExist],
    act: onPuppet((process) => first(process.kill())),
  },
  {
    what: 'asking for the processes',
    vmcompute: ['HcsGetComputeSystemProperties'],
    computecore: ['HcsGetComputeSystemProperties', 'HcsGetComputeSystemProperties!', 'HcsGetOperationResult'],
    act: async (_, system) => done((await system()).pids()),
  },
  {
    what: 'a shutdown',
    vmcompute: ['HcsShutdownComputeSystem'],
    computecore: ['HcsShutDownComputeSystem', 'HcsShutDownComputeSystem!'],
    swallows: ended,
    ends: true,
    act: async (_, system) => done((await system()).shutdown()),
  },
  {
    what: 'a termination',
    vmcompute: ['HcsTerminateComputeSystem'],
    computecore: ['HcsTerminateComputeSystem', 'HcsTerminateComputeSystem!'],
    swallows: ended,
    ends: true,
    act: async (_, system) => done((await system()).terminate()),
  },
];

const documents = [
  undefined,
  '{"Error":-1,"ErrorMessage":"it broke","ErrorEvents":[{"Message":"because","Provider":"p"}]}',
  '{"Error":',
  '[]',
  '{"ErrorEvents":7}',
];

overEachLibrary('where the service fails', (on) => {
  const { double, running } = on;
  const codesIn = (error: unknown): number[] =>
    [...errorChain(error)].map(statusCodeOf).filter((code) => code !== undefined);

  it.each(acts.map((one) => [one.what, one] as const))(
    '%s fails with what it said, and leaves nothing',
    async (_, one) => {
      let system: Promise<WindowsSystem> | undefined;
      let turn = 0;
      for (const name of one[double.service.library]) {
        for (const code of Object.values(hcsCodes)) {
          if (one.swallows?.includes(code)) continue;
          const existing = () => (system ??= running());
          if (!one.what.includes('creating and starting')) await existing();
          const document = documents[turn++ % documents.length];
          double.fault(name, hresultOf(code), { ...(document && { document }) });
          const error: unknown = await one.act(on, existing).then(
            () => undefined,
            (error: unknown) => error,
          );
          expect([name, codesIn(error)]).toEqual([name, [code]]);
          double.reset();
          if (one.ends) system = undefined;
        }
      }
    },
  );

  it('to close something, the caller is not delayed', async () => {
    const names = {
      vmcompute: [
        'HcsUnregisterProcessCallback',
        'HcsCloseProcess',
        'HcsUnregisterComputeSystemCallback',
        'HcsCloseComputeSystem',
      ],
      computecore: ['HcsSetProcessCallback', 'HcsSetComputeSystemCallback'],
    }[double.service.library];
    for (const name of names) {
      for (const code of Object.values(hcsCodes)) {
        const system = await running();
        const process = await puppet(on, system, 7);
        double.fault(name, hresultOf(code));
        await done(process.close());
        double.exit(7, 0);
        await done(system.terminate());
        await done(system.close());
        double.reset();
      }
    }
  });

  it('to create an operation, that is reported', async () => {
    if (double.service.library === 'vmcompute') return;
    const system = await running();
    double.fault('HcsCreateOperation', -1);
    const error = await done(system.pids()).catch((error: unknown) => error);
    expect(codesIn(error)).toEqual([8]);
  });

  it('a process that could not be reported on is kept if it can be asked about', async () => {
    if (double.service.library === 'vmcompute') return;
    const system = await running();
    for (const name of ['HcsCreateProcess!', 'HcsGetOperationResultAndProcessInfo']) {
      for (const code of Object.values(hcsCodes)) {
        double.fault(name, hresultOf(code));
        double.puppets(9);
        const process = await create(system, {});
        expect([name, code, process.pid]).toEqual([name, code, 9]);
        double.exit(9, 3);
        expect(await first(process.exit$)).toEqual({ kind: 'exited', code: 3 });
        await done(process.close());
        double.reset();
      }
    }
  });

  it('and cannot report on the process either, the first failure is returned', async () => {
    if (double.service.library === 'vmcompute') return;
    double.fault('HcsCreateProcess!', hresultOf(hcsCodes.invalidData));
    double.fault('HcsGetProcessInfo', hresultOf(hcsCodes.notSupported));
    double.puppets(9);
    const error = await create(await running(), {}).catch((error: unknown) => error);
    expect(codesIn(error)).toEqual([hcsCodes.invalidData]);
    double.exit(9, 0);
  });

  it('the details of a failure are part of the error', async () => {
    const system = await running();
    const name = double.service.library === 'vmcompute' ? 'HcsModifyProcess' : 'HcsModifyProcess!';
    double.fault(name, hresultOf(hcsCodes.invalidData), { document: documents[1]! });
    const error = await onPuppet((process) => done(process.resizeConsole({ width: 1, height: 1 })))(
      on,
      async () => system,
    ).catch((error: unknown) => error);
    expect(error).toMatchObject({
      message: `hcs::Process::ResizeConsole ${system.id}:7: it broke\n[Event Detail: because Provider: p]`,
    });
  });

  it('to report an exit code, the exit is unknown', async () => {
    if (double.service.library === 'computecore') return;
    const process = await puppet(on, await running(), 7);
    double.fault('HcsGetProcessProperties', hresultOf(hcsCodes.elementNotFound));
    double.exit(7, 0);
    expect(await first(process.exit$)).toMatchObject({ kind: 'unknown' });
    await done(process.close());
  });
});
