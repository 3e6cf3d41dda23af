/**
 * How long the exit of a process waits for its output, and what becomes of output that comes later.
 *
 * For all containers by `RXSHIM_DRAIN` or the setting `drain`, for one by its annotation `io.rxshim.drain`:
 * `2s` or `cap=2s`, `cap=10s,idle=500ms`, `at-once`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { invalid } from '../../hcs/failures/errors.js';
import type { DrainPolicy } from '../../streams/policies.js';

const annotation = 'io.rxshim.drain';

/**
 * A grandchild that holds the output open delays the exit by two seconds and no more. What was written before the exit goes
 * on to a client that reads slowly.
 */
export const defaultDrain: DrainPolicy = { cap: 2_000, stall: 0, rest: 'owed' };

/** As containerd's own shim: the exit waits for nothing, output goes on until the exec is deleted. */
const atOnce: DrainPolicy = { cap: 0, stall: 0, rest: 'all' };

/** @throws RxshimError `invalidArgument` for what cannot be read. */
export const parseDrain = (field: string, text: string): DrainPolicy => {
  const refuse = (): never => {
    throw invalid(field, text, "'at-once', a duration such as 2s, or cap=10s,idle=500ms");
  };
  if (text === 'at-once') return atOnce;
  const policy: { cap: number; idle?: number; stall: number; rest: 'owed' } = {
    ...(defaultDrain as { cap: number; stall: number; rest: 'owed' }),
  };
  for (const part of text.split(',')) {
    const [, name = 'cap', count = '', unit = ''] =
      /^(?:(cap|idle)=)?(\d+(?:\.\d+)?)(ms|s|m)$/.exec(part.trim()) ?? [];
    if (count === '') refuse();
    policy[name as 'cap' | 'idle'] = Number(count) * (unit === 'ms' ? 1 : unit === 's' ? 1_000 : 60_000);
  }
  return policy;
};

/** The drain policy in a container's document. @throws RxshimError as `parseDrain`. */
export const drainOf = (bundle: string, otherwise: DrainPolicy): DrainPolicy => {
  const text = annotationOf(bundle);
  return text === undefined ? otherwise : parseDrain(`annotations["${annotation}"]`, text);
};

/** A document that cannot be read is for the runtime to refuse. */
const annotationOf = (bundle: string): string | undefined => {
  try {
    const { annotations } = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
    const value: unknown = annotations?.[annotation];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
};
