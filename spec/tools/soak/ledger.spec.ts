/** What the soak makes of events that are lost, published twice or out of order, and of those that a restart explains. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Ledger, ledger } from '../../../tools/soak/ledger.js';

const id = 'c';
const life = ['create', 'start', 'exec-added e', 'exec-started e', 'exit e', 'exit', 'delete'];

describe('the ledger of a soak', () => {
  let now = 0;
  let events: Ledger;
  const judged = () => events.judge(() => true);
  const nothingWrong = {
    lost: [],
    duplicated: [],
    misordered: [],
    wrongStatus: [],
    lostByRestart: 0,
    repeated: 0,
    byContainerd: 0,
  };
  /** Handed over, taken and published. */
  const pass = (event: string, status?: number): void => {
    events.forwarded(id, event, 'taken');
    events.heard(id, event, status);
  };

  beforeEach(() => {
    now = 0;
    events = ledger(() => now);
    for (const event of life) events.expect(id, event, event.startsWith('exit') ? 7 : undefined);
  });

  it('finds nothing in a whole life, and does not ask for the deletes of execs', () => {
    for (const event of life) pass(event, event.startsWith('exit') ? 7 : undefined);
    expect(judged()).toEqual({ ...nothingWrong, expected: life.length });
    pass('delete e');
    expect(judged().duplicated).toEqual([]);
    expect(events.isComplete()).toBe(true);
  });

  it('finds what was never handed over, and what containerd took and did not publish', () => {
    for (const event of life.slice(0, -2)) pass(event);
    events.forwarded(id, 'exit', 'taken');
    expect(judged().lost).toEqual(['c: exit (containerd took it)', 'c: delete (not handed over)']);
    expect(events.isComplete()).toBe(false);
  });

  it('counts apart what a containerd took that was ended before it published it, and nothing that is older', () => {
    for (const event of life.slice(0, -1)) pass(event);
    events.forwarded(id, 'delete', 'taken');
    now = 100;
    events.restarts();
    expect(judged()).toMatchObject({ lost: [], lostByRestart: 1 });
    now = 60_000;
    events.expect('later', 'create');
    events.forwarded('later', 'create', 'taken');
    expect(judged()).toMatchObject({ lost: ['later: create (containerd took it)'], lostByRestart: 1 });
  });

  it('finds what was handed over twice, and what was published twice', () => {
    for (const event of life) pass(event);
    events.forwarded(id, 'exit', 'taken');
    events.heard(id, 'start');
    expect(judged().duplicated).toEqual([
      'c: start (published 2 times)',
      'c: exit (handed over: taken after 0 ms, taken after 0 ms)',
    ]);
  });

  it('counts apart the end that containerd publishes by itself near a restart, and no other event', () => {
    for (const event of life) pass(event);
    now = 10_000;
    events.restarts();
    for (const event of ['start', 'exit', 'delete']) events.heard(id, event);
    expect(judged()).toMatchObject({ duplicated: ['c: start (published 2 times)'], byContainerd: 2 });
  });

  it('counts apart what was sent again as the answer was cut', () => {
    for (const event of life) pass(event);
    events.forwarded(id, 'exit', 'cut');
    events.heard(id, 'exit');
    expect(judged()).toMatchObject({ duplicated: [], repeated: 1 });
  });

  it('counts apart what was sent again as containerd had not answered, and not what it had answered', () => {
    for (const event of life.slice(0, -1)) pass(event);
    now = 6_000;
    events.forwarded(id, 'delete', 'taken', 6_000);
    events.forwarded(id, 'delete', 'taken', 900);
    for (const _ of ['once', 'twice']) events.heard(id, 'delete');
    expect(judged()).toMatchObject({ duplicated: [], repeated: 1 });
    now = 7_000;
    events.forwarded(id, 'delete', 'taken', 900);
    expect(judged().duplicated).toHaveLength(1);
  });

  it('finds unexpected events', () => {
    for (const event of [...life, 'oom']) pass(event);
    expect(judged().duplicated).toEqual(['c: oom (unexpected)']);
  });

  it.each([
    ['a start before its creation', ['start', 'create'], 'create after start'],
    ['an end before its start', ['create', 'exit', 'start'], 'start after exit'],
    [
      'an exec that ends after its container',
      ['exec-added e', 'exec-started e', 'exit', 'exit e'],
      'exit e after exit',
    ],
    [
      'an exec that starts before it is added',
      ['exec-started e', 'exec-added e'],
      'exec-added e after exec-started e',
    ],
  ])('finds %s', (_, order, found) => {
    for (const event of order) pass(event);
    expect(judged().misordered).toEqual([`c: ${found}`]);
  });

  it('finds an exit with another status than the process had', () => {
    for (const event of life) pass(event, event === 'exit' ? 137 : 7);
    expect(judged().wrongStatus).toEqual(['c: exit reports 137, not 7']);
  });

  it('requires nothing of a container whose creation was cut, but its events still have an order', () => {
    events.waive(id);
    pass('delete');
    pass('create');
    expect(judged()).toMatchObject({ lost: [], misordered: ['c: create after delete'] });
  });
});
