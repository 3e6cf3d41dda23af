/**
 * Ownership of what a program runs, stored outside of the program as labels, so that it survives the program.
 *
 * Engines whose service stores labels (docker, kubernetes) use these; others store them in records of their own.
 */
import { invalid } from '../failures/errors.js';

/** Labels that a service stores with a container. */
export type Labels = Readonly<Record<string, string>>;

/** The owner of a task. */
export interface Ownership {
  /** The program, by a name that stays the same when it is restarted. */
  readonly owner: string;
  /** This run of the program, by a name that no other run has. */
  readonly run: string;
  /** When the task may be reaped, in milliseconds since the epoch. Never by its age alone if absent. */
  readonly expiresAt?: number;
}

/** The names of the labels. */
export const ownershipLabel = {
  owner: 'io.rxshim.owner',
  run: 'io.rxshim.run',
  expiresAt: 'io.rxshim.expires-at',
} as const;

/**
 * The labels of an owner.
 * @throws RxshimError `invalidArgument` for an owner or run without a name, or an expiry that is no time.
 * @example ownershipLabels({ owner: 'ci', run: '7f3a' }) // { 'io.rxshim.owner': 'ci', 'io.rxshim.run': '7f3a' }
 */
export const ownershipLabels = ({ owner, run, expiresAt }: Ownership): Labels => {
  requireName('owner', owner);
  requireName('run', run);
  if (expiresAt !== undefined && !isTime(expiresAt))
    throw invalid('expiresAt', expiresAt, 'milliseconds since the epoch');
  return {
    [ownershipLabel.owner]: owner,
    [ownershipLabel.run]: run,
    ...(expiresAt !== undefined && { [ownershipLabel.expiresAt]: String(expiresAt) }),
  };
};

/**
 * The owner that labels name. `undefined` if they name none. An expiry that is no time is ignored: such a task does not
 * expire.
 */
export const ownershipOf = (labels: Labels | undefined): Ownership | undefined => {
  const owner = labels?.[ownershipLabel.owner];
  const run = labels?.[ownershipLabel.run];
  if (typeof owner !== 'string' || owner === '' || typeof run !== 'string' || run === '') return undefined;
  const text = labels?.[ownershipLabel.expiresAt];
  const expiresAt = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : undefined;
  return { owner, run, ...(isTime(expiresAt) && { expiresAt }) };
};

const requireName = (field: string, value: unknown): void => {
  if (typeof value !== 'string' || value === '') throw invalid(field, value, 'a name');
};

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
