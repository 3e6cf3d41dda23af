/** What execs leave behind in the memory of a daemon: after the first, after very many, and when it then has nothing to do. */
import { privateMemory } from '../../spec/support/containerd/private-memory.js';
import { openShimHost, sleeping } from '../../spec/support/containerd/shim-host.js';
import type { Contender } from './contenders.js';
import type { Row } from './row.js';

interface Seen {
  readonly first: number;
  readonly busy: number;
  readonly idle: number;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One minute of nothing, in milliseconds. */
const idling = 60_000;

export const execs = async (contenders: readonly Contender[], quick: boolean): Promise<Row[]> => {
  const count = quick ? 20 : 2_500;
  const seen = await Promise.all(contenders.map((contender) => lived(contender, count, quick ? 0 : idling)));
  return [
    { name: 'private memory, after 1 exec', unit: 'MiB', values: seen.map(({ first }) => first) },
    { name: `private memory, after ${count} execs`, unit: 'MiB', values: seen.map(({ busy }) => busy) },
    { name: 'the same, a minute later', unit: 'MiB', values: seen.map(({ idle }) => idle) },
  ];
};

const lived = async ({ installed }: Contender, count: number, idle: number): Promise<Seen> => {
  const host = await openShimHost({}, installed);
  try {
    const container = await host.container(sleeping);
    await container.run();
    const pid = await container.shimPid();
    const live = async (execId: string): Promise<void> => {
      await container.exec(execId, { args: ['true'] });
      await container.exitOf(execId);
      await container.task.delete({ id: container.id, execId });
    };
    await live('first');
    const first = privateMemory(pid);
    for (let number = 1; number < count; number += 1) await live(`e${number}`);
    const busy = privateMemory(pid);
    await pause(idle);
    return { first, busy, idle: privateMemory(pid) };
  } finally {
    await host.tidy();
    await host.end();
  }
};
