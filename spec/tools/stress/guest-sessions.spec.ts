import { expect, it } from '@jest/globals';
import { faults, guestSessions, steps } from '../../../tools/stress/guest-sessions.js';
import { describeOnLinux, main } from '../../cli/rxshim.js';

/** `node scripts/tool.mjs stress-guest` has a thousand sessions. */
describeOnLinux('sessions with an agent that is killed, stopped for a while or connected to again', () => {
  it('have no wrong exit, with each fault at each step', async () => {
    const sessions = faults.length * steps.length;
    const { wrong, exits, adopted } = await guestSessions(main, sessions);
    expect(wrong).toEqual([]);
    // All of the sessions whose agent was only stopped, and those of the adopted containers.
    expect(exits).toBeGreaterThanOrEqual(steps.length * 3);
    expect(adopted).toBeGreaterThanOrEqual(steps.length - 2);
  }, 120_000);
});
