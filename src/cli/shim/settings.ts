/** The file that the launcher reads at each start; what a user has changed in it outlives another installation. */
import { readFileSync } from 'node:fs';

export interface ShimSettings {
  /** The absolute path of node. */
  readonly node: string;
  readonly grouping: string;
  readonly linger: string | undefined;
}

/** What is in the file now; nothing when there is none. */
export const readSettings = (path: string): Partial<ShimSettings> => {
  try {
    return Object.fromEntries(
      readFileSync(path, 'utf8')
        .split('\n')
        .flatMap((line) => {
          const [, key, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
          return key === undefined ? [] : [[key, value]];
        }),
    );
  } catch {
    return {};
  }
};

export const settingsText = ({ node, grouping, linger }: ShimSettings): string => `\
# The containerd shim of rxshim reads this at each start of a container.
node = ${node}
# pod: a daemon for each pod, or lone container. namespace: one for everything in a namespace of containerd.
grouping = ${grouping}
# How long a daemon stays after its last container: 0 for pods and 60s for namespaces when not said.
${linger === undefined ? '# linger = 60s' : `linger = ${linger}`}
`;
