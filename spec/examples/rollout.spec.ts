/** The rollout of the examples, in virtual time. */
import { describe, expect, it } from '@jest/globals';
import { concat, NEVER, of } from 'rxjs';
import { rolledOut, type Version } from '../../examples/rollout.js';
import { inATask } from '../orchestrate/in-a-task.js';

const version = (name: string): Version => ({ name, serve: [name], check: [`${name}-check`] });

describe('a rollout', () => {
  it('replaces what runs when the check of the new version succeeds, and keeps it otherwise', () => {
    const scripts = {
      v1: 'r',
      v2: 'r',
      'v1-check': 'r(0|)',
      'v2-check': ['r(1|)', 'r(0|)'],
      'v3-check': 'r(1|)',
    };
    return inATask(scripts, async ({ task, scheduler, log, sleep }) => {
      const versions$ = concat(of(version('v1'), version('v2'), version('v3')), NEVER);
      const { lines } = log(
        rolledOut(task, versions$, scheduler),
        ({ kind, version: { name } }) => `${kind} ${name}`,
      );
      await sleep(2_000);
      expect(lines).toEqual([
        '0 started v1',
        '1 ready v1',
        '1 started v2',
        '102 ready v2',
        '102 stopped v1',
        '102 started v3',
        '1602 rolled back v3',
      ]);
    });
  });
});
