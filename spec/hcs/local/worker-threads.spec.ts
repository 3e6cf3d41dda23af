/** Worker threads come and go while a program lives on. Each spec is a Node of its own, whose threads are real. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

const dist = (path: string): string => String(new URL(`../../../dist/${path}`, import.meta.url));

/** Both threads run it: `main` is the program's part, `worker` that of each thread. */
const program = (main: string, worker: string): string => `
  import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
  import { readdirSync, readFileSync } from 'node:fs';
  const code = ${JSON.stringify(worker)};
  const open = () => readdirSync('/proc/self/fd').length;
  const pool = async (count, each) => {
    for (let i = 0; i < count; i += 1) {
      const worker = new Worker(code, { eval: true, workerData: i });
      const exit = new Promise((resolve) => worker.once('exit', resolve));
      const error = new Promise((resolve) => worker.once('error', resolve));
      const said = () => new Promise((resolve) => worker.once('message', resolve));
      await each({ worker, said, exit, error }, i);
    }
  };
  ${main}`;

const inWorker = (body: string): string => `
  (async () => {
    const { parentPort, workerData } = await import('node:worker_threads');
    const { createTask, text } = await import('${dist('index.js')}');
    const { local } = await import('${dist('hcs/local/index.js')}');
    const run = async (...args) => {
      const task = await createTask({ id: 't', system: local(), spec: { args }, stdio: { stdin: 'pipe', stdout: 'pipe' } });
      await task.init.start();
      return task;
    };
    ${body}
  })();`;

const said = (main: string, worker: string): string => {
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program(main, inWorker(worker))],
    { encoding: 'utf8' },
  );
  return `${stdout}${stderr}${signal ?? status}`;
};

describe('a local system in a worker thread', () => {
  it('ends with its thread, time and again, without a warning', () => {
    const main = `
      let total = '';
      await pool(8, async ({ said, exit }) => { total += await said(); await exit; });
      console.log(total.length);`;
    const worker = `
      const task = await run('echo', 'hello');
      const output = await text(task.init.stdout);
      await task.wait();
      await task.delete();
      parentPort.postMessage(output);`;
    expect(said(main, worker)).toBe('48\n0');
  });

  it.each([
    [
      'is terminated',
      'await Promise.all([worker.terminate(), exit])',
      'await new Promise(() => setInterval(() => 0, 1000))',
    ],
    ['ends by process.exit', 'await exit', 'setTimeout(() => process.exit(3), 5)'],
    ['fails', 'await error; await exit', "setTimeout(() => { throw new Error('uncaught') }, 5)"],
  ])(
    'leaves no descriptor open and no process running when its thread %s in the middle of one',
    (_, main, worker) => {
      const program = `
      const started = [];
      await pool(1, async ({ worker, said, exit, error }) => { started.push(await said()); ${main} });
      const before = open();
      await pool(5, async ({ worker, said, exit, error }) => { started.push(await said()); ${main} });
      console.log(open() - before);
      const lives = (pid) => { try { return !/\\) [ZX]/.test(readFileSync('/proc/' + pid + '/stat', 'latin1')) } catch { return false } };
      while (started.some(lives)) await new Promise((resolve) => setTimeout(resolve, 10));
      process.exit(0);`;
      const body = `
      const task = await run('sh', '-c', 'echo up; exec cat');
      await task.init.stdout[Symbol.asyncIterator]().next();
      parentPort.postMessage(task.init.pid);
      ${worker}`;
      expect(said(program, body)).toBe('0\n0');
    },
  );

  it('knows whose the processes are that other threads start at the same time', () => {
    const main = `
      const workers = await Promise.all([0, 1, 2].map(async (i) => {
        const worker = new Worker(code, { eval: true, workerData: i });
        return new Promise((resolve) => worker.once('message', resolve));
      }));
      const started = workers.flatMap(({ started }) => started);
      console.log(workers.map(({ strangers }) => strangers).join(), started.length - new Set(started).size);
      process.exit(0);`;
    const worker = `
      const started = [];
      let strangers = 0;
      for (let i = 0; i < 5; i += 1) {
        const script = 'sleep 0.2; (setsid env -i sh -c "echo \\$\\$; exec sleep 1000" &); exec sleep 1000';
        const task = await run('sh', '-c', script);
        const { value } = await task.init.stdout[Symbol.asyncIterator]().next();
        const pid = Number(Buffer.from(value).toString());
        const pids = (await task.pids()).map((entry) => entry.pid);
        if (!pids.includes(pid)) strangers += 1;
        await task.stop({ grace: 20000 });
        started.push(...pids);
      }
      parentPort.postMessage({ strangers, started });`;
    expect(said(main, worker)).toBe('0,0,0 0\n0');
  });
});
