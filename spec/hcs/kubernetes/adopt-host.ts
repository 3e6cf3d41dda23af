/**
 * A program with a pod and execs, which is killed: `node … PLACE WISH`. Prints the name of its pod when each process has
 * written something.
 */
import { kubernetes } from '../../../src/hcs/kubernetes/index.js';
import { createTask, type Exec } from '../../../src/index.js';

export interface Wish {
  readonly script: string;
  /** Scripts by the ids of their execs. */
  readonly execs?: Readonly<Record<string, string>>;
}

const [place = '', wish = ''] = process.argv.slice(2);
const { script, execs = {} } = JSON.parse(wish) as Wish;
const shell = (text: string) => ['sh', '-c', text];

const started = async (exec: Exec): Promise<void> => {
  await exec.start();
  for await (const _ of exec.stdout ?? []) break;
};

const system = kubernetes({
  ...JSON.parse(place),
  ...{ owner: 'ci', command: shell(script), terminationGracePeriodSeconds: 1 },
});
const task = await createTask({ id: 'first', system, stdio: { stdout: 'pipe' } });
await started(task.init);
for (const [id, text] of Object.entries(execs))
  await started(await task.createExec({ id, spec: { args: shell(text) }, stdio: { stdout: 'pipe' } }));
process.stdout.write(system.podName);
setInterval(() => undefined, 1_000);
