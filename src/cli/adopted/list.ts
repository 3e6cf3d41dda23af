/** `rxshim ps`: the tasks as a table or as lines of JSON. */
import { type ListedTask, listTasks, statusOf } from '../../index.js';
import { shortTime } from '../timeline/time-text.js';
import { registryAt, type StateOptions } from './registry.js';

export interface ListOptions extends StateOptions {
  readonly owner?: string;
  readonly json?: boolean;
}

export const list = async ({ owner, json = false, ...options }: ListOptions): Promise<string> => {
  const registry = registryAt(options);
  const tasks = await listTasks({ registry, ...(owner !== undefined && { owner }) });
  if (json) return tasks.map((task) => `${JSON.stringify(task)}\n`).join('');
  return table([header, ...tasks.map(row)]);
};

const header = ['ID', 'STATE', 'PID', 'AGE', 'OWNER'];

const row = (task: ListedTask): string[] => {
  const { id, pid, createdAt, ownership } = task;
  const age = createdAt === undefined ? '' : shortTime(Math.max(0, Date.now() - createdAt));
  return [id, stateOf(task), pid === undefined ? '' : String(pid), age, ownership?.owner ?? ''];
};

const stateOf = ({ state, exit, reason }: ListedTask): string => {
  if (exit !== undefined) return exit.kind === 'unknown' ? 'exited (unknown)' : `exited (${statusOf(exit)})`;
  return reason === undefined ? state : `${state}: ${reason}`;
};

const table = (rows: readonly (readonly string[])[]): string => {
  const widths = header.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((cells) => `${line(cells).trimEnd()}\n`).join('');
};
