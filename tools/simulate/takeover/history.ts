/**
 * The past of an adopted task, as if its successor had lived through it: what the engine has done for it, in the form of
 * the trace. Before it and what the successor does, every sentence about a life must hold.
 */
import type { SimProcess } from '../sim-process.js';
import type { Entry } from '../trace.js';

export interface Past {
  readonly at: number;
  readonly trace: readonly Entry[];
  readonly adopted: readonly SimProcess[];
  readonly holds: boolean;
  readonly isStarted: boolean;
}

type Body = Entry extends infer E ? (E extends Entry ? Omit<E, 'at' | 'exec'> : never) : never;

export const historyOf = (past: Past): Entry[] => {
  const { at, trace, adopted, holds, isStarted } = past;
  const history: Entry[] = [];
  const add = (exec: string, body: Body): void => void history.push({ at, exec, ...body } as Entry);
  const published = (exec: string, event: string, pid: number): void => {
    for (const is of ['attempt', 'taken', 'out'] as const)
      add(exec, { is, event, pid, status: 0, exitedAt: -1 });
  };
  const called = (exec: string, call: string): void => {
    add(exec, { is: 'asked', call, pid: 0, signal: 0 });
    add(exec, { is: 'answered', call, pid: 0, how: 'done' });
  };
  const state = (exec: string, phase: string, via: string | undefined, pid: number): void =>
    add(exec, { is: 'state', phase, via, pid, exit: undefined, truncated: false });
  const lives = (process: SimProcess): void => {
    const { exec, pid } = process;
    const isInit = exec === 't';
    const runs = !isInit || isStarted;
    if (isInit && holds) add(exec, { is: 'made', pid, tree: process.tree !== undefined });
    if (runs) state(exec, 'created', undefined, isInit && holds ? pid : 0);
    published(exec, isInit ? 'TaskCreate' : 'TaskExecAdded', isInit && holds ? pid : 0);
    if (!runs) return;
    state(exec, 'starting', 'start', isInit && holds ? pid : 0);
    if (isInit) called('', 'container.start');
    if (!(isInit && holds)) {
      called(exec, 'container.createProcess');
      add(exec, { is: 'made', pid, tree: process.tree !== undefined });
    }
    state(exec, 'announcing', 'launched', pid);
    published(exec, isInit ? 'TaskStart' : 'TaskExecStarted', pid);
    state(exec, 'running', 'announced', pid);
  };

  if (holds) called('', 'container.create');
  for (const process of adopted) lives(process);
  const pids = new Set(adopted.map(({ pid }) => pid));
  for (const entry of trace) {
    const isOf = 'pid' in entry && pids.has(entry.pid);
    if ((entry.is === 'ended' || entry.is === 'treeBegan' || entry.is === 'treeEnded') && isOf)
      history.push({ ...entry, at });
    if (entry.is === 'gone') history.push({ ...entry, at });
  }
  for (const { exec, closed } of adopted) if (closed) add(exec, { is: 'through' });
  return history;
};

const order = ['running', 'draining', 'releasing', 'released'];
const vias: Readonly<Record<string, string>> = {
  draining: 'processExited',
  releasing: 'drained',
  released: 'released',
};

/** The steps that an exec took before its task was returned, when nothing could observe them. */
export const withUnseenSteps = (entries: readonly Entry[], adopted: ReadonlySet<string>): Entry[] => {
  const seen = new Set<string>();
  return entries.flatMap((entry): Entry[] => {
    if (entry.is !== 'state' || !adopted.has(entry.exec) || seen.has(entry.exec)) return [entry];
    seen.add(entry.exec);
    const at = order.indexOf(entry.phase);
    if (at < 0) return [entry];
    const unseen = order
      .slice(1, at)
      .map((phase): Entry => ({ ...entry, phase, via: vias[phase], truncated: false }));
    // The running state is part of the past.
    return at === 0 && entry.via === 'announced' ? [] : [...unseen, entry];
  });
};
