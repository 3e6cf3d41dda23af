/**
 * The harness of a vector on the engine: the engine's own calls over the double, with a puppet for a process. What a vector
 * says of signals and kills is done by the double; what it says of other calls, where they are made.
 */
import { concat, defer, type Observable } from 'rxjs';
import type { ComputeProcess } from '../../../src/hcs/contract/compute-process.js';
import { hcsCodes } from '../../../src/hcs/failures/codes.js';
import { createContainer, openContainer } from '../../../src/hcs/windows/index.js';
import { namedError } from '../../../tools/vectors/faults.js';
import type { MakeHarness, StagedProcess } from '../../../tools/vectors/harness.js';
import { signalsOf } from '../../../tools/vectors/scripted-harness.js';
import type { Double } from '../../doubles/hcs/control.js';
import { done, first, hresultOf, osBuild, pause } from './on-the-double.js';

/** The functions beneath the calls that the double answers itself. */
const functions: Readonly<Record<string, string>> = {
  'process.kill': 'HcsTerminateProcess',
  'process.signal': 'HcsSignalProcess',
};

let made = 0;

/**
 * Vectors whose exec is not its container's first expect the container to run.
 *
 * @param rest milliseconds in which the threads of the double are heard, after each step.
 */
export const doubleHarness =
  (double: Double, rest: number): MakeHarness =>
  ({ setup, answer, typed, created, scheduler }) => {
    const id = `vector-${process.pid}-${++made}`;
    const options = { service: double.service, osBuild, scheduler };
    const engine = createContainer(id, {}, options);
    const bystander = openContainer(id, options);
    const isInit = setup.kind === 'init';
    let running = false;
    let alive = false;
    const ready = (isInit ? Promise.resolve() : done(engine.start())).then(() => (running = !isInit));
    for (const [call, name] of Object.entries(functions)) {
      if (setup.gates.includes(call)) double.shut(name);
      const fault = setup.faults[call];
      if (fault) double.fault(name, hresultOf(codeIn(namedError(fault))), { times: -1 });
      if (setup.faults[`${call}.delivered`] === false)
        double.fault(name, hresultOf(hcsCodes.computeSystemDoesNotExist), { times: -1 });
    }
    // Whether a kill ends it is for the vector to say.
    double.trick('deaf');
    double.puppets(setup.pid);

    const seen = <T>(name: string, args: unknown, normal: Observable<T>): Observable<T> =>
      answer(name, args, normal);
    const staged: StagedProcess = {
      pipes: {
        stdout: {
          write: async (chunk) => double.write(setup.pid, 'stdout', Buffer.from(chunk).toString()),
          end: () => double.end(setup.pid, 'stdout'),
        },
        stderr: {
          write: async (chunk) => double.write(setup.pid, 'stderr', Buffer.from(chunk).toString()),
          end: () => double.end(setup.pid, 'stderr'),
        },
      },
      exit: (how, { holdStreams = false } = {}) => {
        const code = typeof how === 'number' ? how : 'code' in how ? how.code : undefined;
        double.exit(setup.pid, code ?? 0, { hold: holdStreams, waitResult: code === undefined ? 1 : 0 });
      },
    };
    const watched = (process: ComputeProcess): ComputeProcess => ({
      pid: process.pid,
      stdio: process.stdio,
      exit$: process.exit$,
      signal: (options) => seen('process.signal', options, process.signal(options)),
      kill: () => seen('process.kill', undefined, process.kill()),
      resizeConsole: (size) => seen('process.resizeConsole', size, process.resizeConsole(size)),
      closeStdin: () => seen('process.closeStdin', undefined, process.closeStdin()),
      closeStdout: () => seen('process.closeStdout', undefined, process.closeStdout()),
      closeStderr: () => seen('process.closeStderr', undefined, process.closeStderr()),
      close: () => seen('process.close', undefined, process.close()),
    });
    const admitted = (process: ComputeProcess): ComputeProcess => {
      alive = true;
      created(staged);
      return watched(process);
    };
    const act = (name: 'start' | 'shutdown' | 'terminate' | 'close') => () =>
      answer(
        `container.${name}`,
        undefined,
        defer(() => {
          running ||= name === 'start';
          return engine[name]();
        }),
      );

    return {
      system: {
        ...engine,
        id,
        signals: signalsOf(setup),
        start: act('start'),
        shutdown: act('shutdown'),
        terminate: act('terminate'),
        close: act('close'),
        createProcess: (parameters) =>
          answer(
            'container.createProcess',
            parameters,
            defer(async () => {
              await ready;
              return admitted(await first(engine.createProcess(parameters)));
            }),
          ),
      },
      process: () => (alive ? staged : undefined),
      exitSystem: () => double.systemExit(id),
      release: (gate) => {
        const name = functions[gate];
        if (name) double.open(name);
      },
      // A question that goes all the way, and time for what no question follows: pipes, and notifications.
      pass: async () => {
        await ready;
        const input = alive && setup.stdin ? double.read(setup.pid) : undefined;
        if (input) typed(Buffer.from(input));
        if (running) await done(bystander.pids()).catch(() => undefined);
        await lull(rest);
      },
      leave: async () => {
        double.reset();
        await done(concat(bystander.close(), engine.terminate(), engine.close())).catch(() => undefined);
      },
    };
  };

/** Long enough for the threads of the double to be heard; on a busy machine, which lets a timer wait, longer. */
const lull = async (rest: number): Promise<void> => {
  const began = performance.now();
  await pause(rest);
  const late = performance.now() - began - rest;
  if (late > 2) await pause(Math.min(10 * late, 500));
};

const codeIn = (error: unknown): number => {
  const { hresult, cause } = error as { readonly hresult?: number; readonly cause?: unknown };
  return hresult ?? codeIn(cause);
};
