/** A real agent in a process of its own, and connections to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ContainerOptions,
  connectGuest,
  containerDocument,
  type Guest,
  type GuestContainer,
  type GuestOptions,
  vsockSockets,
} from '../../src/hcs/guest/index.js';
import { createTask, type ProcessSpec, type Task, type TaskOptions } from '../../src/index.js';

export interface AgentSettings {
  readonly sockets: string;
  readonly rootfs: string;
  readonly command: string;
  readonly args: readonly string[];
}

export interface RealAgent {
  /** Connects, and starts the agent if none runs. */
  connect(options?: GuestOptions): Promise<Guest>;
  /** A container of `sh -c SCRIPT`. */
  container(
    guest: Guest,
    script: string,
    process?: ProcessSpec & { id?: string },
    more?: Partial<ContainerOptions>,
  ): Promise<GuestContainer>;
  /** Its task, started. */
  task(
    guest: Guest,
    script: string,
    stdio?: TaskOptions['stdio'],
    process?: ProcessSpec & { id?: string },
  ): Promise<Task>;
  /** Closes all connections. */
  leave(): Promise<void>;
  /** A directory for records. */
  readonly records: string;
  signal(name: NodeJS.Signals): void;
  /** Waits for the agent's end. */
  readonly ended: Promise<unknown>;
  readonly rootfs: string;
  release(): Promise<void>;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export const agentOf = ({ sockets, rootfs, command, args }: AgentSettings): RealAgent => {
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  const guests: Guest[] = [];
  const records = mkdtempSync(join(tmpdir(), 'rxshim-records-'));
  let isReleased = false;
  const start = (): void => {
    if (isReleased) throw new Error('the scenario is over');
    const its = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child = its;
    ended = new Promise((resolve) => its.once('exit', resolve));
  };
  const pid = (): number => {
    let last = child?.pid ?? 0;
    for (;;) {
      const [next] = readFileSync(`/proc/${last}/task/${last}/children`, 'utf8').split(' ').filter(Boolean);
      // A container is a child of the agent, too.
      if (next === undefined || isAgent(last)) return last;
      last = Number(next);
    }
  };
  const leave = async (): Promise<void> => {
    for (const guest of guests.splice(0)) await guest.close();
  };
  const container: RealAgent['container'] = async (
    guest,
    script,
    { id = 'c1', ...process } = {},
    more = {},
  ) =>
    guest.createContainer({
      id,
      spec: containerDocument({ args: ['sh', '-c', script], ...process }, rootfs),
      ...more,
    });
  return {
    rootfs,
    records,
    get ended() {
      return ended;
    },
    connect: async (options = {}) => {
      const asked = Promise.resolve(
        connectGuest(vsockSockets(sockets), { connectTimeout: 20_000, ...options }),
      );
      let isSettled = false;
      asked.then(
        () => (isSettled = true),
        () => (isSettled = true),
      );
      // Older agents end if there is no socket when they start. One that connects again may be faster than this loop.
      while (!isSettled && !existsSync(`${sockets}_1073741824`)) await sleep(2);
      if (!isSettled && (child === undefined || child.exitCode !== null || child.signalCode !== null))
        start();
      const guest = await asked;
      guests.push(guest);
      return guest;
    },
    container,
    task: async (guest, script, stdio = {}, process = {}) => {
      const { id = 'c1', terminal } = process;
      const system = await container(guest, script, process);
      const task = await createTask({ id, system, stdio: { ...stdio, ...(terminal && { terminal }) } });
      await task.init.start();
      return task;
    },
    signal: (name) => void process.kill(pid(), name),
    leave,
    release: async () => {
      isReleased = true;
      await leave();
      child?.kill('SIGKILL');
      await ended;
      rmSync(records, { recursive: true, force: true });
    },
  };
};

const isAgent = (pid: number): boolean => {
  const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  return name.startsWith('gcs') || name === 'node';
};
