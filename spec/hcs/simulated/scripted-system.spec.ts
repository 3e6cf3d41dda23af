import { describe, expect, it } from '@jest/globals';
import { createTask, type StopOutcome, type Task } from '../../../src/index.js';
import { scriptedSystem } from '../../../src/testing.js';
import { inMarbles } from '../../support/marbles.js';

describe('an obedient scripted system', () => {
  const acting = (obedient: boolean, act: (task: Task) => void): number =>
    inMarbles(({ scheduler, flush }) => {
      createTask({ id: 't', system: scriptedSystem({ obedient }), scheduler }).subscribe((task) => {
        task.init.start().subscribe();
        act(task);
      });
      flush();
      return scheduler.now();
    });

  it('stops by its signal, without grace or bound being used up', () => {
    let outcome: StopOutcome | undefined;
    acting(true, (task) => task.stop().subscribe((stopped) => (outcome = stopped)));
    expect(outcome).toMatchObject({ by: 'signal', kind: 'signaled', signal: 15, forced: false });
  });

  it('is gone at once when its task is left', async () => {
    const task = await createTask({ id: 't', system: scriptedSystem({ obedient: true }) });
    await task.init.start();
    await task[Symbol.asyncDispose]();
    expect(task.init.status()).toMatchObject({ status: 'STOPPED', exitStatus: 137 });
  });

  it('differs from one that does only what its script says', () => {
    let outcome: StopOutcome | undefined;
    acting(false, (task) => task.stop({ grace: 100 }).subscribe((stopped) => (outcome = stopped)));
    expect(outcome).toMatchObject({ by: 'kill', kind: 'lost', forced: true });
  });
});
