/**
 * The faulty systems of one run of a simulation, and what is seen of them from outside: which processes run, which
 * systems are open. The orchestrator gets the systems; what is seen is for the invariants.
 */
import type { SchedulerLike } from 'rxjs';
import type { ComputeProcess, ProcessExit } from '../../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import { exact } from '../../hcs/simulated/script.js';
import type { Script, Scripts } from '../../hcs/simulated/script-options.js';
import { systemWith } from '../../hcs/simulated/simulated-system.js';
import type { SimulationPlan } from './plan.js';
import { randomFrom } from './random.js';
import { containerWith, scriptWith } from './script-with.js';

/** A process that runs. */
export interface RunningProcess {
  /** Its command line. */
  readonly command: string;
  /** The id of its system. */
  readonly system: string;
  /** When it was started, in milliseconds of virtual time. */
  readonly since: number;
}

export interface World {
  /** The system of `task`. */
  readonly first: ComputeSystem;
  /** Each `fresh()` of it is another one. It is one itself, for who creates only one task. */
  readonly others: ComputeSystem;
  readonly running: () => readonly RunningProcess[];
  /** The ids of systems that were created and not deleted, without that of `task`. */
  readonly open: () => readonly string[];
  /** Adds a line to the story. */
  note(line: string): void;
  /** The events, in order. */
  story(): readonly string[];
  /** How many processes were asked for. */
  readonly processes: () => number;
}

export interface WorldOptions {
  readonly plan: SimulationPlan;
  readonly programs: Readonly<Record<string, Scripts>>;
  readonly scheduler: SchedulerLike;
  /** Called after each start and each end of a process. */
  readonly changed: () => void;
}

const taskId = 'task';
export const initOfTask = 'init';

export const worldOf = ({ plan, programs, scheduler, changed }: WorldOptions): World => {
  const running = new Set<RunningProcess>();
  const open = new Set<string>();
  const deleted = new Set<string>();
  const lines: string[] = [];
  let processes = 0;
  const now = (): number => exact(scheduler.now());
  const note = (line: string): void => void lines.push(`${String(now()).padStart(8)} ms  ${line}`);

  const scriptOf = (command: string): Script => {
    const place = processes;
    processes += 1;
    const scripts = programs[command] ?? programs[command.split(' ')[0] as string] ?? 'r';
    const script = isList(scripts) ? randomFrom(plan.seed * 31 + place).pick(scripts) : scripts;
    return scriptWith(script, plan.processes[place] ?? null);
  };

  const created = (system: string, command: string, { exit$ }: ComputeProcess): void => {
    const process = { command, system, since: now() };
    running.add(process);
    // As with runc: what was created is there until it is deleted, even if it has ended.
    // A process that is delivered after the deletion is killed with it.
    if (system !== taskId && !deleted.has(system)) open.add(system);
    exit$.subscribe((exit) => {
      running.delete(process);
      note(`${system}: ${command} ${endOf(exit)}`);
      changed();
    });
    // Its caller knows of it first.
    scheduler.schedule(changed);
  };
  const newSystem = (
    id: string,
    container: string,
    createsFirst: boolean,
    script: (command: string) => Script,
  ): ComputeSystem => {
    return systemWith(
      { scheduler, id, container, createsFirst },
      {
        scriptOf: script,
        asked: (what) => {
          if (what === 'delete') {
            deleted.add(id);
            open.delete(id);
          }
          note(`${id}: ${what}`);
        },
        created: (command, process) => created(id, command, process),
      },
    );
  };
  const faultOf = (place: number): string => containerWith(plan.systems[place] ?? null);

  const first = newSystem(taskId, faultOf(0), false, (command) =>
    // Each system has an init; the one of the task is not the orchestrator's.
    command === initOfTask ? 'r' : scriptOf(command),
  );
  let made = 0;
  const other = (): ComputeSystem => {
    made += 1;
    return newSystem(`system ${made}`, faultOf(made), true, scriptOf);
  };
  return {
    first,
    others: { ...other(), fresh: other },
    running: () => [...running].filter(({ command }) => command !== initOfTask),
    open: () => [...open],
    note,
    story: () => lines,
    processes: () => processes,
  };
};

const endOf = (exit: ProcessExit): string => {
  if (exit.kind === 'exited') return `exited with ${exit.code}`;
  return exit.kind === 'signaled' ? `was ended by signal ${exit.signal}` : `is lost: ${exit.reason}`;
};

const isList = (scripts: Scripts): scripts is readonly Script[] => Array.isArray(scripts);
