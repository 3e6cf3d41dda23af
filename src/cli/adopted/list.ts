/** `rxshim ps`: the tasks as a table or as lines of JSON. */
import { type ListedTask, listTasks, statusOf } from '../../index.js';
import { sizeOf } from '../terminal/screen.js';
import { shortTime } from '../timeline/time-text.js';
import { registryAt, type StateOptions } from './registry.js';
import { taskTable } from './task-table.js';

export interface ListOptions extends StateOptions {
  readonly owner?: string;
  readonly json?: boolean;
}

export const list = async ({ owner, json = false, ...options }: ListOptions): Promise<string> => {
  const registry = registryAt(options);
  const tasks = await listTasks({ registry, ...(owner !== undefined && { owner }) });
  if (json) return tasks.map((task) => `${JSON.stringify(task)}\n`).join('');
  const width = sizeOf(1)?.width;
  return taskTable(tasks.map(row), width)
    .map((line) => `${line}\n`)
    .join('');
};

const row = (task: ListedTask): string[] => {
  const { id, pid, createdAt, ownership } = task;
  const age = createdAt === undefined ? '' : shortTime(ageOf(createdAt));
  return [id, stateOf(task), pid === undefined ? '' : String(pid), age, ownership?.owner ?? ''];
};

const stateOf = ({ state, exit, reason }: ListedTask): string => {
  if (exit !== undefined) return exit.kind === 'unknown' ? 'exited (unknown)' : `exited (${statusOf(exit)})`;
  return reason === undefined ? state : `${state}: ${reason}`;
};

/** In whole seconds, which is all that one wants to know of an age. */
const ageOf = (createdAt: number): number => Math.floor(Math.max(0, Date.now() - createdAt) / 1_000) * 1_000;
