/** What this process holds: open descriptors and children; and whether something has come to stay. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Census {
  /** What each descriptor is, without the number of the one pipe or socket. */
  readonly descriptors: readonly string[];
  readonly children: readonly string[];
}

export const census = (): Census => ({ descriptors: openHere(), children: childrenHere() });

/**
 * What is there and was not before; waits for a while until there is nothing. Specs share a process with others, some of
 * whose things may end in the meantime.
 */
export const leftSince = async (before: Census): Promise<Census> => {
  for (let looks = 0; looks < 100 && !isEmpty(since(before)); looks += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return since(before);
};

export const nothing: Census = { descriptors: [], children: [] };

const isEmpty = ({ descriptors, children }: Census): boolean => descriptors.length + children.length === 0;

const since = (before: Census): Census => {
  const now = census();
  const known = [...before.descriptors];
  const isNew = (descriptor: string): boolean => {
    const at = known.indexOf(descriptor);
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  };
  return {
    descriptors: now.descriptors.filter(isNew),
    children: now.children.filter((child) => !before.children.includes(child)),
  };
};

const openHere = (): string[] =>
  readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).replace(/:\[\d+\]$/, '');
      } catch {
        // The directory itself was one of them.
        return '';
      }
    })
    .sort();

const childrenHere = (): string[] =>
  readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );
