/** What `rxshim run` shows of a command must be the same wherever the command runs. */
import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { phasesIn, phasesOfSuccess } from './phases.js';

type InNew = (
  options: readonly string[],
  script: string,
) => Promise<{ readonly stdout: string; readonly stderr: string }>;

/** @param file for the recorded facts. */
export const showsTheSameLife = async (inNew: InNew, file: string): Promise<void> => {
  const drawn = await inNew(['--timeline'], 'exit 0');
  expect(phasesIn(drawn.stderr)).toEqual(phasesOfSuccess);
  await inNew(['--events', file], 'exit 4');
  const facts = readFileSync(file, 'utf8').trim().split('\n');
  expect(facts.map((line) => Object.keys(JSON.parse(line) as object)).length).toBeGreaterThan(3);
  const { stdout } = await inNew(['--json', '--name', 'job'], 'echo out; echo err >&2; exit 5');
  expect(JSON.parse(stdout)).toMatchObject({
    name: 'job',
    status: 5,
    end: 'exited',
    timedOut: false,
    stdout: 'out\n',
    stderr: 'err\n',
  });
};
