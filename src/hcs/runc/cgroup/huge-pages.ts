/**
 * Lists the huge page sizes that a cgroup accounts for.
 */
import { readdirSync } from 'node:fs';

/** Such as `2MB`. Empty if there is no such controller. */
export const hugePageSizes = (directory: string | undefined): string[] => {
  if (directory === undefined) return [];
  try {
    const names = readdirSync(directory).map((name) => /^hugetlb\.(\d+[KMG]B)\./.exec(name)?.[1]);
    return [...new Set(names)].filter((size) => size !== undefined);
  } catch {
    return [];
  }
};
