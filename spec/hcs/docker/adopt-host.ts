/**
 * A program with a task and execs, which is killed: `node … HOST WISH`. Prints the name of its container when each process
 * has written something.
 */
import { docker } from '../../../src/hcs/docker/index.js';
import { createTask, type Exec } from '../../../src/index.js';

export interface Wish {
  readonly script: string;
  /** Scripts by the ids of their execs. */
  readonly execs?: Readonly<Record<string, string>>;
  /** Whether it stays as it was created. */
  readonly unstarted?: boolean;
}

const [host = '', wish = ''] = process.argv.slice(2);
const { script, execs = {}, unstarted = false } = JSON.parse(wish) as Wish;
const shell = (text: string) => ['sh', '-c', text];

const started = async (exec: Exec): Promise<void> => {
  await exec.start();
  for await (const _ of exec.stdout ?? []) break;
};

const system = docker({ host, image: 'bb', network: 'none', command: shell(script) });
const task = await createTask({ id: 'first', system, stdio: { stdout: 'pipe' } });
if (!unstarted) await started(task.init);
for (const [id, text] of Object.entries(execs))
  await started(await task.createExec({ id, spec: { args: shell(text) }, stdio: { stdout: 'pipe' } }));
process.stdout.write(system.id);
setInterval(() => undefined, 1_000);
