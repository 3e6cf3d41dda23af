/** The runtime's own knowledge of its containers: `state` of one, `list` of all. */
import { map, type Observable } from 'rxjs';
import type { Runtime } from '../command/runtime.js';
import { commandTimeout } from '../command/runtime-commands.js';
import { isNotFound, runtimeError, succeeded } from '../command/runtime-error.js';

export interface RuntimeState {
  readonly id: string;
  readonly status: 'creating' | 'created' | 'running' | 'paused' | 'stopped';
  /** 0 if there is none. */
  readonly pid: number;
}

/** Emits `undefined` if the runtime does not know the container. */
export const runtimeState = (runtime: Runtime, id: string): Observable<RuntimeState | undefined> =>
  runtime.run({ args: ['state', id], timeout: commandTimeout }).pipe(
    map((end) => {
      if (succeeded(end)) return stateOf(parsed(end.stdout));
      if (isNotFound(end)) return undefined;
      throw runtimeError(runtime.name, 'state', end);
    }),
  );

export const runtimeList = (runtime: Runtime): Observable<ReadonlyMap<string, RuntimeState>> =>
  runtime.run({ args: ['list', '--format', 'json'], timeout: commandTimeout }).pipe(
    map((end) => {
      if (!succeeded(end)) throw runtimeError(runtime.name, 'list', end);
      const listed = parsed(end.stdout);
      const states = (Array.isArray(listed) ? listed : []).flatMap((entry) => stateOf(entry) ?? []);
      return new Map(states.map((state) => [state.id, state]));
    }),
  );

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const statuses = new Set(['creating', 'created', 'running', 'paused', 'stopped']);

const stateOf = (entry: unknown): RuntimeState | undefined => {
  const { id, status, pid } = (entry ?? {}) as { id?: unknown; status?: unknown; pid?: unknown };
  if (typeof id !== 'string' || !statuses.has(status as string)) return undefined;
  const isPid = Number.isSafeInteger(pid) && (pid as number) > 1;
  return { id, status: status as RuntimeState['status'], pid: isPid ? (pid as number) : 0 };
};
