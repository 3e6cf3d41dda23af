/**
 * The brain of a keeper is killed at the steps of every call: no call fails, nothing is done twice, no exit is lost
 * (docs/keeper.md). `RXSHIM_SPEC_EVERY_STEP=1` takes each step; else a few that are spread over all.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { isOwn } from '../../support/containerd/runtime.js';
import { useContainerd } from '../../support/containerd/use-containerd.js';

const everyStep = process.env['RXSHIM_SPEC_EVERY_STEP'] !== undefined;

/** Distances that have no divisor with those of the repeated patterns of steps in common. */
const distance = everyStep ? 1 : 37;
const timeout = everyStep ? 3_600_000 : 60_000;

if (isOwn)
  describeContainers('a keeper whose brain is killed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rxshim-steps-'));
    const death = join(folder, 'death');
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const containerd = useContainerd({
      RXSHIM_KEEPER: '1',
      RXSHIM_SPEC_DEATH: death,
      NODE_OPTIONS: `--require ${resolve('spec/support/containerd/dying-brain.cjs')}`,
    });
    let made = 0;

    /** Performs it with a death at step after step, until it has fewer. */
    const atEachStep = async (perform: (step: number) => Promise<unknown>, from = 1): Promise<number> => {
      for (let step = from; ; step += distance) {
        writeFileSync(death, String(step));
        await perform(step);
        if (existsSync(death)) {
          rmSync(death);
          return step;
        }
      }
    };
    const exec = (id: string, execId: string, script: string) =>
      containerd().ctr(['task', 'exec', '--exec-id', execId, id, 'sh', '-c', script]);

    it(
      'runs a container from its creation to its deletion, with its output and its exit code',
      async () => {
        const steps = await atEachStep(async (step) => {
          const id = `run-${++made}`;
          const ran = await containerd().run(['--rm'], id, ['sh', '-c', `echo step ${step}; exit 7`]);
          expect({ step, ...ran }).toMatchObject({ step, code: 7, stdout: `step ${step}\n` });
        });
        expect(steps).toBeGreaterThan(20);
      },
      timeout,
    );

    it(
      'runs an exec once, with its output and its exit code',
      async () => {
        await containerd().run(['-d'], 'host', ['sleep', '600']);
        await exec('host', 'first', 'mkdir -p /tmp');
        const steps = await atEachStep(async (step) => {
          const execId = `e-${++made}`;
          const ran = await exec('host', execId, `echo ran >> /tmp/${execId}; cat /tmp/${execId}; exit 8`);
          expect({ step, ...ran }).toMatchObject({ step, code: 8, stdout: 'ran\n' });
        });
        expect(steps).toBeGreaterThan(20);
      },
      timeout,
    );

    it(
      'kills, pauses, resumes and deletes',
      async () => {
        const steps = await atEachStep(async (step) => {
          const id = `life-${++made}`;
          rmSync(death);
          await containerd().run(['-d'], id, ['sleep', '600']);
          writeFileSync(death, String(step));
          for (const verb of ['pause', 'resume'])
            expect({ step, verb, ...(await containerd().ctr(['task', verb, id])) }).toMatchObject({
              step,
              code: 0,
            });
          expect({ step, ...(await containerd().ctr(['task', 'kill', '-s', 'SIGKILL', id])) }).toMatchObject({
            step,
            code: 0,
          });
          // A kill is answered when the signal is sent; the end is seen a moment later.
          await until(async () => /STOPPED/.test((await containerd().ctr(['task', 'ls'])).stdout));
          const gone = await containerd().ctr(['task', 'delete', id]);
          expect({ step, ...gone }).toMatchObject({
            step,
            stderr: expect.stringMatching(/exit code 137|^$/),
          });
        });
        expect(steps).toBeGreaterThan(20);
      },
      timeout,
    );
  });
