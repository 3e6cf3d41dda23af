/**
 * An engine for the guest that does what the processes of a session did, when the replay says so. What went wrong in the
 * surroundings of the recorded guest (runc, mounts, files) goes wrong here with the same words.
 */
import { AsyncSubject, defer, EMPTY, map, type Observable, of, throwError } from 'rxjs';
import type { AgentEngine } from '../../src/agent/engine.js';
import type { ComputeProcess, Delivery } from '../../src/hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../src/hcs/contract/compute-system.js';
import { invalid } from '../../src/hcs/failures/errors.js';
import type { RequestName } from '../../src/hcs/guest/protocol/message-types.js';
import { type ScriptedSystem, scriptedSystem } from '../../src/hcs/simulated/scripted-system.js';
import { arrivals } from './within.js';

export interface ScriptedEngine extends AgentEngine {
  /** The pids of processes, in the order in which they are asked for. */
  readonly pids: number[];
  /** What the next of each fails with, if it gets so far that the engine is asked. */
  readonly failures: Partial<Record<RequestName, Error>>;
  /** The process, as soon as it has been made. */
  process(pid: number): Promise<EngineProcess>;
  /** Lets a container come into being that was asked for, or fail to. */
  decide(id: string, failure: Error | undefined): void;
  /** It never came to a question. */
  forget(id: string): void;
  /** From now on a termination succeeds: the session is over. */
  obey(): void;
}

export interface EngineProcess {
  readonly pid: number;
  readonly pipes: ScriptedSystem['processes'][number]['pipes'];
  /** Ends it. Its output stays open until the script ends it too. */
  exit(code: number): void;
}

export const scriptedEngine = (): ScriptedEngine => {
  const pids: number[] = [];
  const failures: ScriptedEngine['failures'] = {};
  const arrived = arrivals<EngineProcess>();
  const known = new Map<number, EngineProcess>();
  let obedient = false;
  const decisions = new Map<string, AsyncSubject<ComputeSystem>>();

  const failing = (name: RequestName): Observable<never> =>
    defer(() => {
      const failure = failures[name];
      return failure === undefined ? EMPTY : throwError(() => failure);
    });

  /** Whichever is first, the question or the answer. A name may be asked for again after a failure. */
  const decisionOn = (id: string): AsyncSubject<ComputeSystem> => {
    const pending = decisions.get(id);
    if (pending !== undefined) {
      decisions.delete(id);
      return pending;
    }
    const decision = new AsyncSubject<ComputeSystem>();
    decisions.set(id, decision);
    return decision;
  };

  const systemOf = (id: string): ComputeSystem => {
    const system = scriptedSystem({ id, initInDocument: false, nextPid: () => lastPid });
    let lastPid = 0;
    let init: number | undefined;
    return {
      ...system,
      // A container that never ran a process has to be ended here.
      terminate: () =>
        defer(() => {
          if (init === undefined || obedient) system.exit();
          return failing('shutdownForced');
        }),
      delete: () => failing('deleteContainerState'),
      shutdown: () => failing('shutdownGraceful'),
      createProcess: (parameters) =>
        defer(() => {
          const { executeProcess: failure } = failures;
          if (failure !== undefined) throw failure;
          const pid = pids.shift();
          if (pid === undefined) throw new Error('a process that was not recorded');
          lastPid = pid;
          init ??= pid;
          return system
            .createProcess(parameters)
            .pipe(map((process) => scriptable(process, system, init === pid)));
        }),
    };
  };

  const scriptable = (process: ComputeProcess, system: ScriptedSystem, isInit: boolean): ComputeProcess => {
    const scripted = system.processes.at(-1);
    if (scripted === undefined) throw new Error('no process was made');
    let gone = false;
    const entry: EngineProcess = {
      pid: process.pid,
      pipes: scripted.pipes,
      exit: (code) => {
        if (gone) return;
        gone = true;
        scripted.exit(code, { holdStreams: true });
        if (isInit) system.exit();
      },
    };
    known.set(entry.pid, entry);
    arrived.arrive(entry);
    return {
      ...process,
      kill: () => defer(() => of<Delivery>(gone ? 'notDelivered' : 'delivered')),
      signal: ({ Signal }) =>
        defer(() => {
          if (gone) return of<Delivery>('notDelivered');
          if (Number(Signal) < 0 || Number(Signal) > 64)
            throw invalid('Signal', Signal, 'the number of a signal');
          return of<Delivery>('delivered');
        }),
      resizeConsole: () => EMPTY,
    };
  };

  return {
    pids,
    failures,
    obey: () => {
      obedient = true;
    },
    container: ({ id }) => decisionOn(id),
    host: () => systemOf('host'),
    modify: () => failing('modifySettings'),
    process: (pid) => {
      const there = known.get(pid);
      return there === undefined
        ? arrived.next(`process ${pid}`, (one) => one.pid === pid)
        : Promise.resolve(there);
    },
    forget: (id) => void decisions.delete(id),
    decide: (id, failure) => {
      const decision = decisionOn(id);
      if (failure !== undefined) decision.error(failure);
      decision.next(systemOf(id));
      decision.complete();
    },
  };
};
