/** The job queue and the supervisor of the examples over engines that differ in one line: the system of their task. */
import { describe, expect, it } from '@jest/globals';
import { asyncScheduler, lastValueFrom, map, take, toArray } from 'rxjs';
import { jobQueue } from '../../examples/job-queue.js';
import { supervisor } from '../../examples/supervisor.js';
import { docker } from '../../src/hcs/docker/index.js';
import { kubernetes } from '../../src/hcs/kubernetes/index.js';
import { local } from '../../src/hcs/local/index.js';
import { type ComputeSystem, createTask, type Task } from '../../src/index.js';
import { onEachDaemon, quickly } from '../hcs/docker/on-daemons.js';
import { onCluster } from '../hcs/kubernetes/on-cluster.js';
import { image } from '../support/docker-daemons.js';

const command = ['sleep', '1000'];
const sh = (script: string): readonly string[] => ['sh', '-c', script];

const runExamples = (system: () => ComputeSystem): void => {
  const inATask = async (use: (task: Task) => Promise<void>): Promise<void> => {
    const task = await createTask({ id: 'example', system: system() });
    await task.init.start();
    await use(task);
    await task[Symbol.asyncDispose]();
  };

  it('run the job queue', () =>
    inATask(async (task) => {
      const jobs = ['exit 3', 'sleep 60', 'kill -9 $$'].map(sh);
      const results$ = jobQueue(task, jobs, asyncScheduler).pipe(
        map(({ job, outcome }) => `${job.at(-1)}: ${outcome}`),
        toArray(),
      );
      const results = await lastValueFrom(results$);
      // Which of them ends first is not for an engine to promise; nor is it that a short job ends in time on a busy machine.
      expect([...results].sort()).toEqual([
        expect.stringMatching(/^exit 3: (failed|timed out)$/),
        expect.stringMatching(/^kill -9 \$\$: (failed|timed out)$/),
        'sleep 60: timed out',
      ]);
    }));

  it('run the supervisor', () =>
    inATask(async (task) => {
      const kinds$ = supervisor(task, sh('exit 1'), asyncScheduler).pipe(
        map(({ kind }) => kind),
        take(5),
        toArray(),
      );
      expect(await lastValueFrom(kinds$)).toEqual(['started', 'ended', 'waiting', 'started', 'ended']);
    }));
};

describe('the examples, by processes of this host', () => {
  runExamples(() => local());
});

onEachDaemon(
  'the examples, in containers',
  ({ daemon }) => {
    runExamples(() => docker({ host: daemon().host, image, network: 'none', command }));
  },
  quickly('docker'),
);

onCluster('the examples, in pods', ({ cluster, place }) => {
  runExamples(() => kubernetes({ ...place(), image: cluster().image, command }));
});
