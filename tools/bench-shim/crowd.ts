/** Fifty containers started at once: how long it takes, and what those who serve them hold in memory. */
import { readdirSync, readFileSync } from 'node:fs';
import { type Containerd, openContainerd } from '../../spec/support/containerd/containerd.js';
import { run } from '../../spec/support/containerd/run.js';
import type { Contender } from './contenders.js';
import { interleaved, median, type Row, timed } from './row.js';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

/** The daemon, and what it keeps running for itself: not the processes of the containers. */
const family = (pid: number, namespace: string): number[] => {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
  const own = children.filter((child) => !read(`/proc/${child}/cgroup`).includes(`/${namespace}/`));
  return [pid, ...own.flatMap((child) => family(child, namespace))];
};

interface Memory {
  readonly own: number;
  readonly pss: number;
}

/** MiB that all daemons of these containers hold. */
const memoryOf = async (containerd: Containerd, ids: readonly string[]): Promise<Memory> => {
  const daemons = new Set<number>();
  for (const id of ids) {
    const shim = containerd.shim(id);
    daemons.add(await shim.shimPid());
    shim.close();
  }
  const pids = [...daemons].flatMap((pid) => family(pid, containerd.namespace));
  const sum = (pattern: RegExp): number =>
    pids
      .flatMap((pid) => [...read(`/proc/${pid}/smaps_rollup`).matchAll(pattern)])
      .reduce((all, [, kilobytes]) => all + Number(kilobytes), 0) / 1024;
  return { own: sum(/^Private_(?:Clean|Dirty):\s+(\d+)/gm), pss: sum(/^Pss:\s+(\d+)/gm) };
};

export const crowd = async (contenders: readonly Contender[], quick: boolean): Promise<Row[]> => {
  const count = quick ? 5 : 50;
  const rounds = quick ? 1 : 3;
  const containerd = await openContainerd({}, contenders[0]?.installed);
  const memories = new Map<string, Memory[]>();
  const keep = (name: string, memory: Memory) => memories.set(name, [...(memories.get(name) ?? []), memory]);
  let made = 0;
  const start = async ({ runtime }: Contender, options: readonly string[]): Promise<string> => {
    const id = `c${++made}`;
    const [ctr = '', ...args] = containerd.runCommand(
      ['-d', '--null-io', ...options],
      id,
      ['sleep', '600'],
      runtime,
    );
    const { code, stderr } = await run(ctr, args);
    if (code !== 0) throw new Error(`${runtime}: ${stderr}`);
    return id;
  };
  const together =
    (contender: Contender, options: readonly string[], key: string) => async (): Promise<number> => {
      // A shared daemon is there already when a crowd comes.
      if (contender.shared) await start(contender, []);
      let ids: readonly string[] = [];
      const taken = await timed(async () => {
        ids = await Promise.all(Array.from({ length: count }, () => start(contender, options)));
      });
      keep(`${contender.name} ${key}`, await memoryOf(containerd, ids));
      await containerd.tidy();
      return taken / 1000;
    };
  try {
    for (const contender of contenders) {
      const id = await start(contender, []);
      keep(`${contender.name} 1`, await memoryOf(containerd, [id]));
      await containerd.tidy();
    }
    const alone = await interleaved(contenders, rounds, (contender) => together(contender, [], 'alone')());
    const pod = await interleaved(contenders, rounds, (contender, round) =>
      together(contender, ['--annotation', `io.kubernetes.cri.sandbox-id=crowd${round}`], 'pod')(),
    );
    const memory = (key: string, field: keyof Memory): number[] =>
      contenders.map(({ name }) => median((memories.get(`${name} ${key}`) ?? []).map((each) => each[field])));
    return [
      { name: `${count} × ctr run -d at once`, unit: 's', values: alone },
      { name: 'the same, in one pod', unit: 's', values: pod },
      { name: 'private memory, 1 container', unit: 'MiB', values: memory('1', 'own') },
      { name: 'PSS, 1 container', unit: 'MiB', values: memory('1', 'pss') },
      { name: `private memory, ${count} containers`, unit: 'MiB', values: memory('alone', 'own') },
      { name: `PSS, ${count} containers`, unit: 'MiB', values: memory('alone', 'pss') },
      { name: `private memory, ${count} in one pod`, unit: 'MiB', values: memory('pod', 'own') },
      { name: `PSS, ${count} in one pod`, unit: 'MiB', values: memory('pod', 'pss') },
    ];
  } finally {
    await containerd.tidy();
    await containerd.end();
  }
};
