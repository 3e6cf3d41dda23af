/**
 * Parses the properties of a system.
 */
import { hcsSentinelError } from '../failures/sentinels.js';

/** In the names of the service's schema. */
export type SystemProperties = Readonly<Record<string, unknown>>;

/** @throws the sentinel `unexpectedValue` if it is no JSON object. */
export const propertiesIn = (text: string): SystemProperties => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as SystemProperties;
  } catch {
    // Thrown below.
  }
  throw hcsSentinelError('unexpectedValue');
};

/** The process ids in a list of processes. Empty if there is no list. */
export const pidsIn = ({ ProcessList }: SystemProperties): readonly number[] =>
  (Array.isArray(ProcessList) ? ProcessList : [])
    .map((entry: { readonly ProcessId?: unknown } | null) => entry?.ProcessId)
    .filter((pid): pid is number => Number.isInteger(pid));

/** @throws the sentinel `unexpectedValue` if it is no list. */
export const listIn = (text: string): readonly SystemProperties[] => {
  const list = propertiesIn(text);
  if (Array.isArray(list)) return list as readonly SystemProperties[];
  throw hcsSentinelError('unexpectedValue');
};
