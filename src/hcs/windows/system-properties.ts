/** Reads what the service says of a system. */
import { hcsSentinelError } from '../failures/sentinels.js';

/** In the names of the service's schema. */
export type SystemProperties = Readonly<Record<string, unknown>>;

/** @throws the sentinel `unexpectedValue` for what is no document. */
export const propertiesIn = (text: string): SystemProperties => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as SystemProperties;
  } catch {
    // Said below.
  }
  throw hcsSentinelError('unexpectedValue');
};

/** The process ids in a list of processes; none where there is no list. */
export const pidsIn = ({ ProcessList }: SystemProperties): readonly number[] =>
  (Array.isArray(ProcessList) ? ProcessList : [])
    .map((entry: { readonly ProcessId?: unknown } | null) => entry?.ProcessId)
    .filter((pid): pid is number => Number.isInteger(pid));

/** @throws the sentinel `unexpectedValue` for what is no list. */
export const listIn = (text: string): readonly SystemProperties[] => {
  const list = propertiesIn(text);
  if (Array.isArray(list)) return list as readonly SystemProperties[];
  throw hcsSentinelError('unexpectedValue');
};
