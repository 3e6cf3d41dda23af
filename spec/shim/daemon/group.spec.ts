import { beforeEach, describe, expect, test } from '@jest/globals';
import { BehaviorSubject, VirtualTimeScheduler } from 'rxjs';
import { type Group, group } from '../../../src/shim/daemon/group.js';

const minute = 60_000;
let time: VirtualTimeScheduler;
let ids$: BehaviorSubject<ReadonlySet<string>>;
let left = 0;

const groupOf = (linger: number): Group =>
  group({
    ids$,
    linger,
    scheduler: time,
    leave: () => {
      left += 1;
    },
  });

const pass = (milliseconds: number): void => {
  time.maxFrames = time.frame + milliseconds;
  time.flush();
  time.frame = time.maxFrames;
};

beforeEach(() => {
  time = new VirtualTimeScheduler();
  ids$ = new BehaviorSubject<ReadonlySet<string>>(new Set());
  left = 0;
});

const have = (...ids: string[]): void => ids$.next(new Set(ids));

describe('a daemon', () => {
  test('never leaves a container, however long that one lives', () => {
    groupOf(0);
    pass(minute - 1);
    have('a');
    pass(1_000 * minute);
    expect(left).toBe(0);
  });

  test('never leaves a pod whose next container comes late', () => {
    const members = groupOf(0);
    members.join('sandbox');
    have('sandbox');
    pass(90 * minute);
    members.join('app');
    have('sandbox', 'app');
    have('sandbox');
    members.shutdown();
    pass(90 * minute);
    expect(left).toBe(0);
  });

  test('without a linger has left when the request for a shutdown returns', () => {
    const members = groupOf(0);
    have('a');
    have();
    expect(left).toBe(0);
    members.shutdown();
    expect(left).toBe(1);
    expect(() => members.join('b')).toThrow(expect.objectContaining({ kind: 'unavailable' }));
    pass(10 * minute);
    expect(left).toBe(1);
  });

  test('stays for the containers that remain, and leaves with the last of them', () => {
    const members = groupOf(0);
    have('a', 'b');
    members.shutdown();
    have('b');
    pass(10 * minute);
    expect(left).toBe(0);
    have();
    pass(0);
    expect(left).toBe(1);
  });

  test('waits for a container that is announced, and for the shutdown that follows it', () => {
    const members = groupOf(0);
    members.join('b');
    members.shutdown();
    expect(left).toBe(0);
    have('b');
    have();
    expect(left).toBe(0);
    members.shutdown();
    pass(0);
    expect(left).toBe(1);
  });

  test('waits for the shutdown of a container that arrived after an earlier one', () => {
    const members = groupOf(0);
    have('a');
    members.shutdown();
    have('a', 'b');
    have();
    expect(left).toBe(0);
    members.shutdown();
    pass(0);
    expect(left).toBe(1);
  });

  test('does not wait for ever for a container that was announced', () => {
    const members = groupOf(0);
    members.join('b');
    members.shutdown();
    pass(minute - 1);
    expect(left).toBe(0);
    pass(1);
    expect(left).toBe(1);
  });

  test('waits anew for a container that is announced again', () => {
    const members = groupOf(0);
    members.join('b');
    pass(minute - 1);
    members.join('b');
    members.shutdown();
    pass(minute - 1);
    expect(left).toBe(0);
    pass(1);
    expect(left).toBe(1);
  });

  test('stays for a container that is announced while it lingers after a shutdown', () => {
    const members = groupOf(1);
    have('a');
    have();
    members.shutdown();
    members.join('b');
    have('b');
    have();
    pass(minute - 1);
    expect(left).toBe(0);
    pass(1);
    expect(left).toBe(1);
  });

  test('stays for a container that is announced while an earlier one of its id is being removed', () => {
    const members = groupOf(0);
    have('a');
    members.join('a');
    have('a', 'b');
    have('a');
    members.shutdown();
    have();
    pass(minute - 1);
    expect(left).toBe(0);
    pass(1);
    expect(left).toBe(1);
  });

  test('promises nothing once its linger is over', () => {
    const members = groupOf(1);
    members.shutdown();
    members.join('b');
    have('b');
    have();
    members.shutdown();
    pass(1);
    expect(() => members.join('c')).toThrow(expect.objectContaining({ kind: 'unavailable' }));
  });

  test('stays warm for its linger, and anew after each container', () => {
    const members = groupOf(minute);
    members.shutdown();
    pass(minute - 1);
    have('a');
    have();
    members.shutdown();
    pass(minute - 1);
    expect(left).toBe(0);
    pass(1);
    expect(left).toBe(1);
  });

  test('without containers and without a request leaves after a minute, whatever is still connected', () => {
    groupOf(0);
    pass(minute - 1);
    expect(left).toBe(0);
    pass(1);
    expect(left).toBe(1);
  });

  test('leaves once, with containers or without, when it is stopped', () => {
    const members = groupOf(0);
    have('a', 'b', 'c');
    members.stop();
    members.stop();
    expect(left).toBe(1);
    pass(10 * minute);
    expect(left).toBe(1);
  });
});
