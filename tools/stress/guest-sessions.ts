/**
 * Sessions with an agent, a process of its own over unix sockets, that is killed, stopped for a while or connected to again
 * at every step. A process ends with the status that it is given here, after it was given it: any other exit is wrong, and
 * a lost one is only right where the fault explains it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectGuest, type Guest, vsockSockets } from '../../src/hcs/guest/index.js';
import { adoptTask, createTask, type ExecOutcome, type Task } from '../../src/index.js';

export type Fault = 'killed' | 'stopped' | 'reconnected';
export const faults: readonly Fault[] = ['killed', 'stopped', 'reconnected'];
/** The steps of a session; a fault happens during one of them. */
export const steps = ['create', 'start', 'exec', 'exec again', 'end of exec', 'exit', 'end of all'] as const;

export interface Sessions {
  readonly sessions: number;
  readonly exits: number;
  readonly lost: number;
  readonly adopted: number;
  /** Empty, or each is a fault of the client or the agent. */
  readonly wrong: readonly string[];
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * @param main the path of the command.
 * @param first the number of the first session; the number decides its fault and its step.
 */
export const guestSessions = async (main: string, sessions: number, first = 0): Promise<Sessions> => {
  const place = mkdtempSync(join(tmpdir(), 'rxshim-sessions-'));
  const result = { sessions, exits: 0, lost: 0, adopted: 0, wrong: [] as string[] };
  let agent = startAgent(main, place);
  try {
    for (let n = first; n < first + sessions; n += 1) {
      const restart = async (): Promise<void> => {
        await killed(agent);
        agent = startAgent(main, place);
      };
      await session(n, { place, result, agent: () => agent, restart }).catch((error) => {
        result.wrong.push(`session ${n}: ${error}`);
      });
    }
  } finally {
    await killed(agent);
    rmSync(place, { recursive: true, force: true });
  }
  return result;
};

const startAgent = (main: string, place: string): ChildProcess =>
  spawn(process.execPath, [main, 'agent', `unix:${place}/v`, '--keep', '60s'], { stdio: 'ignore' });

const killed = (agent: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (agent.exitCode !== null || agent.signalCode !== null) return resolve();
    agent.once('exit', () => resolve());
    agent.kill('SIGKILL');
  });

interface Setting {
  readonly place: string;
  readonly result: { exits: number; lost: number; adopted: number; readonly wrong: string[] };
  agent(): ChildProcess;
  restart(): Promise<void>;
}

/** A process that ends when it is given its status. */
interface Given {
  readonly name: string;
  readonly fifo: number;
  readonly code: number;
  /** Whether its start was reported to this program. */
  isStarted: boolean;
  isGiven: boolean;
}

const session = async (n: number, { place, result, agent, restart }: Setting): Promise<void> => {
  const fault = faults[n % faults.length]!;
  const at = Math.floor(n / faults.length) % steps.length;
  const what = `session ${n} (${fault}, ${steps[at]})`;
  const given = ['init', 'one', 'two'].map((name, index): Given => {
    const path = join(place, `${n}-${name}`);
    execFileSync('mkfifo', [path]);
    const fifo = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    return { name, fifo, code: 1 + ((n * 3 + index) % 250), isStarted: false, isGiven: false };
  });
  const [init, one, two] = given as [Given, Given, Given];
  const spec = (name: string) => ({
    args: ['sh', '-c', `read code < ${join(place, `${n}-${name}`)}; exit $code`],
  });
  const connect = async (): Promise<Guest> =>
    connectGuest(vsockSockets(join(place, 'v')), { records: { directory: join(place, 'records') } });
  const give = (to: Given): void => {
    if (to.isGiven) return;
    to.isGiven = true;
    writeSync(to.fifo, `${to.code}\n`);
  };
  const check = (to: Given, { kind, status }: Partial<ExecOutcome>, mayBeLost: boolean): void => {
    if (kind === 'lost' && mayBeLost) result.lost += 1;
    else if (kind === 'exited' && to.isGiven && status === to.code) result.exits += 1;
    else result.wrong.push(`${what}: ${to.name} ${kind} ${status}, not ${to.code}`);
  };

  const id = `c${n}`;
  let guest = await connect();
  let task: Task | undefined;
  const perform: Record<(typeof steps)[number], () => Promise<unknown>> = {
    create: async () => {
      const system = await guest.createContainer({ id, spec: { process: spec('init') } });
      task = await createTask({ id, system });
    },
    start: async () => {
      await task?.init.start();
      init.isStarted = true;
    },
    exec: () => startExec(one),
    'exec again': () => startExec(two),
    'end of exec': async () => give(one),
    exit: async () => {
      if (one.isStarted) check(one, (await task?.exec('one').wait()) ?? {}, fault !== 'stopped');
    },
    // The end of the init would end it.
    'end of all': async () => give(two),
  };
  const startExec = async (its: Given): Promise<void> => {
    const exec = await task?.createExec({ id: its.name, spec: spec(its.name) });
    await exec?.start();
    its.isStarted = exec !== undefined;
  };
  const interrupt = async (): Promise<void> => {
    await sleep(n % 4);
    if (fault === 'stopped') {
      agent().kill('SIGSTOP');
      await sleep(20 + (n % 30));
      agent().kill('SIGCONT');
      return;
    }
    if (fault === 'killed') await restart();
    await guest.close();
  };
  /** Whether the owner goes on with its task. */
  let isOwned = true;
  for (const [index, step] of steps.entries()) {
    const acts = [perform[step]()];
    if (index === at) acts.push(interrupt());
    const outcomes = await Promise.allSettled(acts);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected' && fault === 'stopped')
        result.wrong.push(`${what}: ${step} failed: ${outcome.reason}`);
    }
    if (index === at && fault !== 'stopped') {
      isOwned = false;
      break;
    }
  }
  // What its owner may have seen to end is not recorded any more.
  const seen = given.filter((its) => !isOwned && its.isGiven);
  give(one);
  give(two);
  if (!isOwned) {
    guest = await connect();
    const { registry } = guest;
    task = undefined;
    try {
      task = await adoptTask({ id, system: registry!.system(id) });
      result.adopted += 1;
    } catch (error) {
      const isExplained = fault === 'killed' || !init.isStarted;
      if (!isExplained) result.wrong.push(`${what}: not adopted: ${error}`);
    }
  }
  if (task !== undefined) {
    for (const its of [one, two]) {
      if (!its.isStarted) continue;
      try {
        check(its, await task.exec(its.name).wait(), fault === 'killed');
      } catch (error) {
        if (!seen.includes(its)) result.wrong.push(`${what}: ${its.name}: ${error}`);
      }
    }
    give(init);
    check(init, await task.wait(), fault === 'killed');
    await task.delete();
  } else await guest.registry!.remove(id).forEach(() => undefined);
  give(init);
  await guest.close();
  for (const { name, fifo } of given) {
    closeSync(fifo);
    rmSync(join(place, `${n}-${name}`));
  }
};
