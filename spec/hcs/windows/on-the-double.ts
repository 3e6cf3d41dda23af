/**
 * What these specs say about containers of the double without saying how. They run under jest on Linux, and under
 * node's own test runner on Windows' API; see docs/windows.md.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom, type Observable } from 'rxjs';
import type { ByteSource } from '../../../src/hcs/contract/bytes.js';
import type { ComputeProcess } from '../../../src/hcs/contract/compute-process.js';
import type { ProcessParameters } from '../../../src/hcs/contract/process-parameters.js';
import { windowsCommandLine } from '../../../src/hcs/contract/windows-args.js';
import {
  type ContainerOptions,
  createContainer,
  type LibraryName,
  openContainer,
  type WindowsSystem,
} from '../../../src/hcs/windows/index.js';
import { type Double, double } from '../../doubles/hcs/control.js';

export const done = (act: Observable<unknown>): Promise<unknown> =>
  lastValueFrom(act, { defaultValue: undefined });

export const first = firstValueFrom;

export interface OnDouble {
  readonly double: Double;
  /** A container, not yet created. */
  container(options?: Partial<ContainerOptions>): WindowsSystem;
  /** One that runs; ended and closed after the test. */
  running(options?: Partial<ContainerOptions>): Promise<WindowsSystem>;
  /** Another handle to a container that exists. */
  opened(id: string, options?: Partial<ContainerOptions>): WindowsSystem;
}

export const osBuild = 20348;

/** The same tests over each library of the service. After each nothing may be open, and nothing closed was used. */
export const overEachLibrary = (what: string, tests: (on: OnDouble) => void): void => {
  const obstacle = missing();
  if (obstacle) {
    it(`${what}: not tried, ${obstacle}`, () => undefined);
    return;
  }
  describe.each<LibraryName>(['vmcompute', 'computecore'])(`${what}, by %s`, (library) => {
    const theDouble = double(library);
    const systems: WindowsSystem[] = [];

    const closeAfterwards = (system: WindowsSystem): WindowsSystem => {
      systems.push(system);
      return system;
    };
    const container: OnDouble['container'] = (options) =>
      closeAfterwards(
        createContainer(
          `container-${randomUUID()}`,
          { Container: {} },
          { service: theDouble.service, osBuild, ...options },
        ),
      );

    afterEach(async () => {
      theDouble.reset();
      for (const system of systems.splice(0)) {
        await done(system.terminate()).catch(() => undefined);
        await done(system.close());
      }
      expect(await open(theDouble)).toEqual(nothing);
    });

    tests({
      double: theDouble,
      container,
      running: async (options) => {
        const system = container(options);
        await done(system.start());
        return system;
      },
      opened: (id, options) =>
        closeAfterwards(openContainer(id, { service: theDouble.service, osBuild, ...options })),
    });
  });
};

/** Why there is no double here, if there is none. Continuous integration has what it takes to make one. */
const missing = (): string | undefined => {
  if (process.env['CI'] || process.env['RXSHIM_DOUBLES']) return undefined;
  const found = spawnSync('cc', ['--version'], { stdio: 'ignore' }).status === 0;
  return found ? undefined : 'for want of a C compiler';
};

export const nothing = { systems: 0, processes: 0, registrations: 0, operations: 0, children: 0, misuse: 0 };

/** What is open at the double, once that comes to rest: who lets go does not wait for it to have happened. */
export const open = async ({ count }: Double): Promise<typeof nothing> => {
  const now = () =>
    Object.fromEntries(Object.keys(nothing).map((what) => [what, count(what)])) as typeof nothing;
  for (let turn = 0; turn < 500 && JSON.stringify(now()) !== JSON.stringify(nothing); turn += 1)
    await pause(10);
  return now();
};

export const pause = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

/** Waits until it holds: for what the double's threads, or processes, do in their own time. */
export const until = async (holds: () => boolean, what = 'what was waited for'): Promise<void> => {
  for (let turn = 0; !holds(); turn += 1) {
    if (turn > 1_000) throw new Error(`${what} did not come`);
    await pause(10);
  }
};

const all = { CreateStdInPipe: true, CreateStdOutPipe: true, CreateStdErrPipe: true };

/** A process with all streams. */
export const create = (system: WindowsSystem, parameters: ProcessParameters): Promise<ComputeProcess> =>
  first(system.createProcess({ ...all, ...parameters }));

/** A program that every host of these specs has: node itself, with a script. */
export const script = (text: string): ProcessParameters => ({
  CommandLine: windowsCommandLine([process.execPath, '-e', text]),
});

/** A process that is moved by the spec. */
export const puppet = async (
  { double }: OnDouble,
  system: WindowsSystem,
  pid: number,
  parameters: ProcessParameters = all,
): Promise<ComputeProcess> => {
  double.puppets(pid);
  return first(system.createProcess(parameters));
};

export const text = async (source: ByteSource | undefined): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of source ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
};

/** As the service gives a code: one of Win32 is wrapped. */
export const hresultOf = (code: number): number => (code <= 0xffff ? 0x80070000 | code : code);

/** A program that does nothing but end, and is there sooner than node. */
export const exits = (code: number): ProcessParameters => ({
  CommandLine: process.platform === 'win32' ? `cmd /c exit ${code}` : `sh -c "exit ${code}"`,
});
