import { expect, it } from '@jest/globals';
import { timeoutsFrom } from '../../../../src/hcs/windows/service/timeouts.js';

it('the service has four minutes for everything, unless the environment says otherwise', () => {
  expect(timeoutsFrom({})).toEqual({ call: 240_000, create: 240_000, start: 240_000 });
  expect(timeoutsFrom({ HCSSHIM_TIMEOUT_SYSTEMSTART: '30', HCSSHIM_TIMEOUT_SYSCALLWATCHER: '7' })).toEqual({
    call: 7_000,
    create: 240_000,
    start: 30_000,
  });
});

it.each(['0', '-1', '1.5', 'soon', ''])('what is no number of seconds, as %p, says nothing', (text) => {
  expect(timeoutsFrom({ HCSSHIM_TIMEOUT_SYSTEMCREATE: text }).create).toBe(240_000);
});
