/** What a user of ctr waits for. */
import { spawn } from 'node:child_process';
import { type Containerd, openContainerd } from '../../spec/support/containerd/containerd.js';
import type { Contender } from './contenders.js';
import { interleaved, type Row, timed } from './row.js';

let made = 0;

/** Runs a command to its end with its output thrown away, as fast as it comes. */
const silently = ([program = '', ...args]: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${args.join(' ')}: exit ${code}`)),
    );
  });

const inPod = (pod: string): string[] => ['--annotation', `io.kubernetes.cri.sandbox-id=${pod}`];

export const commands = async (contenders: readonly Contender[], quick: boolean): Promise<Row[]> => {
  const containerd = await openContainerd({}, contenders[0]?.installed);
  const run = (runtime: string, options: readonly string[], command: readonly string[], id = `c${++made}`) =>
    silently(containerd.runCommand(options, id, command, runtime));
  const rounds = quick ? 1 : 15;
  try {
    for (const [index, { runtime }] of contenders.entries())
      await run(runtime, ['-d', ...inPod(`pod${index}`)], ['sleep', '600'], `host${index}`);
    const alone = await interleaved(contenders, rounds, ({ runtime }) =>
      timed(() => run(runtime, ['--rm'], ['true'])),
    );
    const joined = await interleaved(contenders, rounds, (contender) =>
      timed(() =>
        run(contender.runtime, ['--rm', ...inPod(`pod${contenders.indexOf(contender)}`)], ['true']),
      ),
    );
    const exec = await interleaved(contenders, rounds, (contender) =>
      timed(() => silently(execIn(containerd, `host${contenders.indexOf(contender)}`))),
    );
    const size = quick ? 32 : 1024;
    const output = await interleaved(contenders, quick ? 1 : 3, async ({ runtime }) => {
      const taken = await timed(() =>
        run(runtime, ['--rm'], ['sh', '-c', `dd if=/dev/zero bs=1048576 count=${size} 2>/dev/null`]),
      );
      return size / (taken / 1000);
    });
    return [
      { name: 'ctr run --rm … true', unit: 'ms', values: alone },
      { name: 'the same, into a live pod', unit: 'ms', values: joined },
      { name: 'ctr task exec … true', unit: 'ms', values: exec },
      { name: `${size} MiB of output through ctr run`, unit: 'MiB/s', values: output, moreIsBetter: true },
    ];
  } finally {
    await containerd.tidy();
    await containerd.end();
  }
};

const execIn = ({ execCommand }: Containerd, id: string): string[] => execCommand(id, `e${++made}`, ['true']);
