/**
 * What one runtime is asked to do: residents that live for the whole soak and are probed every second, and containers,
 * pods and execs that come and go beside them.
 */
import type { Clock } from './clock.js';
import type { Container, Lives, Plan } from './life.js';
import { brief, lasting, obedient, type Script, stubborn, talkative } from './process-script.js';

export interface Workload {
  /** Starts the residents; resolves when they run. */
  start(): Promise<void>;
  /** Some of everything that is short, so that daemons have grown to their size. */
  warmUp(): Promise<void>;
  /** Everything, until the time is over. */
  run(): Promise<void>;
  /** Ends the residents. */
  end(): Promise<void>;
  readonly residents: readonly Container[];
}

const second = 1_000;

/** Seconds from the creation of a sandbox to its first container. Daemons have deadlines of a minute: some are longer. */
const delays = [0, 66, 4, 75, 1, 20];

/** How long lone containers live that are asked for nothing, in seconds. */
const lifetimes = [65, 92, 71];

/** @param prefix of all ids. */
export const workloadOf = (prefix: string, runtime: string, lives: Lives, clock: Clock): Workload => {
  const counts = new Map<string, number>();
  /** The next id of a kind. */
  const idOf = (kind: string): { id: string; count: number } => {
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    return { id: `${prefix}-${kind}${count}`, count };
  };
  const nth = <T>(values: readonly T[], count: number): T => values[count % values.length] as T;
  const code = (count: number): number => (count * 7 + 3) % 120;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const residents: Container[] = [];
  const lasts: Promise<void>[] = [];

  const resident = (kind: string, script: Script, sandbox?: string): Promise<void> =>
    new Promise((resolve) => {
      const plan: Plan = {
        id: idOf(kind).id,
        runtime,
        ...script,
        ...(sandbox === undefined ? {} : { sandbox }),
      };
      const life = lives.run(plan, async (container) => {
        residents.push(container);
        resolve();
        await released;
      });
      lasts.push(life);
      void life.then(resolve);
    });

  /** Does it again and again, each one beside the last, as long as one of them has time enough. */
  const every = async (seconds: number, needs: number, act: () => Promise<void>): Promise<void> => {
    const running = new Set<Promise<void>>();
    while (clock.left() > needs * second) {
      const one = act().finally(() => running.delete(one));
      running.add(one);
      await clock.sleep(seconds * second);
    }
    await Promise.all(running);
  };

  const shortContainer = async (): Promise<void> => {
    const { id, count } = idOf('short');
    const scripts = [
      brief(id, code(count)),
      obedient(code(count)),
      talkative(20_000, code(count)),
      stubborn(),
    ];
    await lives.run({ id, runtime, ...nth(scripts, count) });
  };

  const quietContainer = async (): Promise<void> => {
    const { id, count } = idOf('quiet');
    await lives.run({ id, runtime, ...lasting(nth(lifetimes, count), id, code(count)) });
  };

  const member = async (sandbox: string): Promise<void> => {
    const { id, count } = idOf('member');
    await lives.run({ id, runtime, sandbox, ...obedient(code(count)) }, async (container) => {
      await container.exec('first', brief(`in-${id}`, code(count + 1)));
    });
  };

  const pod = async (delay: number): Promise<void> => {
    const { id, count } = idOf('pod');
    const script = count % 2 === 0 ? obedient(code(count)) : stubborn();
    await lives.run({ id, runtime, sandbox: id, ...script }, async () => {
      await clock.sleep(delay * second);
      await Promise.all([member(id), clock.sleep(second).then(() => member(id))]);
    });
  };

  const oneExec = async (container: Container): Promise<void> => {
    const { id, count } = idOf('exec');
    const execId = id.replace(`${prefix}-`, '');
    const scripts = [
      brief(execId, code(count)),
      talkative(20_000, code(count)),
      stubborn(),
      lasting(8, execId, code(count)),
      obedient(code(count)),
      lasting(20, execId, code(count)),
    ];
    await container.exec(execId, nth(scripts, count));
  };

  const probe = async (container: Container): Promise<void> => {
    const { id, count } = idOf('probe');
    await container.exec(id.replace(`${prefix}-`, ''), brief(`alive-${count}`, code(count)));
  };

  const probes = (container: Container): Promise<void> =>
    every(1, 2, async () => {
      if (container.lives) await probe(container);
    });

  const execs = (container: Container): Promise<void> =>
    every(4, 25, async () => {
      if (container.lives) await oneExec(container);
    });

  const bursts = (container: Container): Promise<void> =>
    every(15, 5, async () => {
      if (container.lives) await Promise.all(Array.from({ length: 6 }, () => probe(container)));
    });

  /** A member that joins the residents' pod late, and stays as long as there is work. */
  const late = async (sandbox: string): Promise<void> => {
    await clock.sleep(70 * second);
    if (clock.left() < 10 * second) return;
    const { id } = idOf('late');
    await lives.run({ id, runtime, sandbox, ...obedient(11) }, probes);
  };

  return {
    residents,
    start: async () => {
      await resident('lone', obedient(42));
      await resident('sandbox', obedient(43), `${prefix}-sandbox0`);
      await resident('resident', obedient(44), `${prefix}-sandbox0`);
    },
    warmUp: async () => {
      for (let round = 0; round < 4; round += 1) {
        await Promise.all(residents.flatMap((each) => Array.from({ length: 6 }, () => probe(each))));
        await shortContainer();
      }
      await pod(0);
    },
    run: async () => {
      await Promise.all([
        ...residents.flatMap((each) => [probes(each), execs(each), bursts(each)]),
        late(`${prefix}-sandbox0`),
        every(3, 10, shortContainer),
        every(25, Math.max(...lifetimes) + 5, quietContainer),
        every(20, 90, () => pod(nth(delays, counts.get('pod') ?? 0))),
      ]);
    },
    end: async () => {
      release();
      await Promise.all(lasts);
    },
  };
};
