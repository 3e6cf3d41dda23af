/** The harness of a scripted system: everything in memory. */
import { as } from 'ix/asynciterable/asynciterablex';
import { of } from 'rxjs';
import { signalsSupported } from '../../src/hcs/contract/os-build.js';
import { linuxSignals } from '../../src/hcs/signals/linux.js';
import { windowsSignals } from '../../src/hcs/signals/windows.js';
import { type ScriptedSystem, scriptedSystem } from '../../src/hcs/simulated/scripted-system.js';
import type { MakeHarness } from './harness.js';
import type { Setup } from './vector.js';

export const scriptedHarness: MakeHarness = ({ setup, answer, typed, created }) => {
  const system: ScriptedSystem = scriptedSystem({
    ...systemOptions(setup),
    answer: (name, args, normal) => {
      const process = name === 'container.createProcess' ? system.processes.at(-1) : undefined;
      if (process !== undefined) {
        as(process.pipes.stdin ?? []).forEach(typed);
        created(process);
      }
      return setup.faults[`${name}.delivered`] === false
        ? answer(name, args, of('notDelivered') as typeof normal)
        : answer(name, args, normal);
    },
  });
  return { system, process: () => system.processes.at(-1), exitSystem: () => system.exit() };
};

/** The signals that the containers of a vector take. */
export const signalsOf = ({ os, osBuild, host }: Setup) => {
  const supported = signalsSupported({ osBuild, host });
  return os === 'linux' ? linuxSignals({ supported }) : windowsSignals({ supported });
};

const systemOptions = (setup: Setup) => {
  const isLinux = setup.os === 'linux';
  return {
    os: setup.os,
    isOci: isLinux,
    initInDocument: isLinux,
    signals: signalsOf(setup),
    nextPid: () => setup.pid,
  };
};
