/**
 * A simulated compute system: what is asked of a container, and what becomes of it and of what runs in it.
 *
 * It fulfils the contract when it has no faults, and breaks it in every way that the contract's own words warn of when
 * it has. All waiting is on the scheduler; there are no promises here.
 */
import { Observable, type Subscriber } from 'rxjs';
import type { Act, ComputeProcess } from '../../src/hcs/contract/compute-process.js';
import type { ComputeSystem, SystemExit } from '../../src/hcs/contract/compute-system.js';
import type { ProcessParameters } from '../../src/hcs/contract/process-parameters.js';
import { hostSignals } from '../../src/hcs/signals/host.js';
import { type End, noLags } from './scenario.js';
import { killed, type ProcessWorld, type SimProcess, type SimProcesses } from './sim-process.js';
import type { SimStreams } from './sim-streams.js';

export interface SimSystem {
  readonly system: ComputeSystem;
  /** How many listen for the end of the container. */
  listeners(): number;
  gone(): boolean;
}

export interface SystemOptions extends ProcessWorld {
  readonly processes: SimProcesses;
  /** Where the streams of a process come from; without it they are only there by name. */
  readonly stdioOf: SimStreams['stdioOf'] | undefined;
}

const signals = hostSignals();
/** The same, sent in the background: they count as delivered at once. */
const backgroundSignals = { ...signals, background: true };

export const simSystem = ({
  scenario,
  scheduler,
  record,
  faults,
  perform,
  processes,
  stdioOf,
}: SystemOptions): SimSystem => {
  const listeners = new Set<Subscriber<SystemExit>>();
  let gone: 'ended' | 'lost' | 'error' | 'silent' | undefined;
  let held: SimProcess | undefined;
  const lags = scenario.lags ?? noLags;
  /** It has begun to end. */
  let ending = false;

  for (const event of scenario.events) {
    if (event.kind !== 'gone') continue;
    scheduler.later(event.at, () => {
      if (!faults.healed()) end(event.how, event.orphans);
    });
  }

  const end = (why: NonNullable<typeof gone>, orphans: boolean): void => {
    if (gone !== undefined) return;
    gone = why;
    record({ at: scheduler.now(), exec: '', is: 'gone' });
    const current = [...listeners];
    listeners.clear();
    // The exit of an orphan is never reported.
    const how: End = orphans ? { kind: 'never' } : killed;
    const endProcesses = (): void => {
      for (const process of processes.all) {
        process.end(how);
        process.tree?.end();
      }
    };
    if (lags.exitReport === 0) endProcesses();
    else scheduler.later(lags.exitReport, endProcesses);
    for (const listener of current) emitEnd(listener);
  };

  const emitEnd = (listener: Subscriber<SystemExit>): void => {
    if (gone === 'error') return listener.error(new Error('the wait for the container failed'));
    if (gone !== 'silent') listener.next({ reason: gone === 'lost' ? 'lost' : 'ended' });
    listener.complete();
  };

  const act = (name: string, effect: () => Error | undefined): Act =>
    perform({ exec: '', pid: 0, call: `container.${name}`, effect });
  const endsAfter = (lag: number) => (): undefined => {
    if (lag === 0) end('ended', false);
    if (lag <= 0) return;
    ending = true;
    scheduler.later(lag, () => end('ended', false));
  };

  /** A container often goes with its init, and often reports that a little later. */
  const initEnded = endsAfter(lags.withInit);
  const comesTooLate = (made: SimProcess): void => {
    const dies = (): void => {
      made.end(killed);
      made.tree?.end();
    };
    if (lags.exitReport === 0) dies();
    else scheduler.later(lags.exitReport, dies);
  };

  /** A process that is never handed over would leak, so it is created when it is reported. */
  const making = (
    exec: string,
    name: string,
    { OciProcess: spec, CreateStdInPipe: stdin = false, CreateStdOutPipe: stdout = false }: ProcessParameters,
    then: (process: SimProcess) => void,
  ): Observable<ComputeProcess> => {
    const id = spec?.args?.[0] ?? '';
    const stdioFor = (process: SimProcess): ComputeProcess['stdio'] =>
      stdioOf === undefined ? (stdout ? silentOutput : {}) : stdioOf(process, { stdin, stdout });
    let made: SimProcess | undefined;
    return perform({
      exec,
      pid: 0,
      call: `container.${name}`,
      effect: nothing,
      value: () => {
        if (made === undefined) {
          made = processes.make(id, stdioFor);
          if (id === 't' && lags.withInit >= 0) made.onEnded = initEnded;
          if (gone === undefined) then(made);
          else comesTooLate(made);
        }
        return made.process;
      },
    });
  };

  const letGo = (): Error | undefined => {
    if (scenario.system !== 'holds') return undefined;
    if (held === undefined || !held.alive) return new Error('there is no init to let go');
    held.begin();
    return undefined;
  };
  const create: ComputeSystem['create'] = (parameters) =>
    making('', 'create', parameters, (process) => {
      held = process;
    });
  const remove = (): Act =>
    act('delete', () => {
      if (gone === undefined && (ending || processes.all.some(({ alive, tree }) => alive || tree?.alive())))
        return runs;
      // A removed container has ended, even if its end was not reported.
      end('ended', false);
      return undefined;
    });

  const system: ComputeSystem = {
    id: 'simulated',
    os: 'linux',
    isOci: true,
    initInDocument: false,
    takesDescriptors: false,
    signals: scenario.background === true ? backgroundSignals : signals,
    exit$: new Observable((listener) => {
      if (gone !== undefined) return emitEnd(listener);
      listeners.add(listener);
      return () => listeners.delete(listener);
    }),
    start: () => act('start', letGo),
    shutdown: () => act('shutdown', endsAfter(lags.shutdown)),
    terminate: () => act('terminate', endsAfter(lags.terminate)),
    close: () => act('close', nothing),
    pids: () =>
      perform({
        exec: '',
        pid: 0,
        call: 'container.pids',
        effect: nothing,
        value: () => processes.all.map(({ pid }) => pid),
      }),
    createProcess: (parameters) =>
      making(parameters.OciProcess?.args?.[0] ?? '', 'createProcess', parameters, (process) =>
        process.begin(),
      ),
  };

  if (scenario.system !== undefined) system.delete = remove;
  if (scenario.system === 'holds') system.create = create;

  return { system, listeners: () => listeners.size, gone: () => gone !== undefined };
};

const nothing = (): undefined => undefined;
const runs = new Error('it is not stopped');

/** Output that exists by name: only a simulated relay can tell when it is through. */
const silentOutput: ComputeProcess['stdio'] = {
  stdout: { [Symbol.asyncIterator]: () => ({ next: () => new Promise(nothing) }) },
};
