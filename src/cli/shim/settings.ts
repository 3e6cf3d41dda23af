/**
 * The settings file that the launcher reads on each start. A user's changes survive a new installation.
 */
import { readFileSync } from 'node:fs';
import { parseDuration } from '../options/parse-duration.js';
import { badOption } from '../options/usage.js';

export interface ShimSettings {
  /** The absolute path of node. */
  readonly node: string;
  readonly grouping: string;
  readonly linger: string | undefined;
  /** Read by the daemon. */
  readonly drain?: string | undefined;
}

/** The current contents. `undefined` if the file does not exist. */
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

export const settingsText = ({ node, grouping, linger, drain }: ShimSettings): string => `\
# The containerd shim of rxshim reads this at each start of a container.
node = ${node}
# pod: a daemon for each pod, or lone container. namespace: one for everything in a namespace of containerd.
grouping = ${grouping}
# How long a daemon stays after its last container: 0 for pods and 60s for namespaces when not said.
${linger === undefined ? '# linger = 60s' : `linger = ${linger}`}
# How long an exit waits for output that a grandchild holds open: 2s, cap=10s,idle=500ms, or at-once.
${drain === undefined ? '# drain = 2s' : `drain = ${drain}`}
`;

/** @throws CliError that names where the value comes from. */
export const groupingOf = (text: string | undefined, source: string): string | undefined => {
  if (text === undefined || text === 'pod' || text === 'namespace') return text;
  throw badOption(source, text, 'pod or namespace');
};

/** @throws CliError that names where the value comes from. */
export const lingerOf = (text: string | undefined, source: string): string | undefined => {
  if (text === undefined || parseDuration(text) !== undefined) return text;
  throw badOption(source, text, 'a duration such as 60s or 5m');
};
