import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Group, group } from '../../../src/shim/daemon/group.js';

const minute = 60_000;
let containers = 0;
let left = 0;

const groupOf = (linger: number): Group =>
  group({
    linger,
    size: () => containers,
    leave: () => {
      left += 1;
    },
  });

beforeEach(() => {
  jest.useFakeTimers();
  [containers, left] = [0, 0];
});

afterEach(() => {
  jest.useRealTimers();
});

/** A container comes, is made, and is deleted. */
const live = (members: Group, id: string): void => {
  members.arrived(id);
  containers += 1;
  members.changed();
  containers -= 1;
  members.changed();
};

describe('a daemon', () => {
  test('leaves as soon as it is told to after its last container', () => {
    const members = groupOf(0);
    live(members, 'a');
    expect(left).toBe(0);
    members.shutdown();
    expect(left).toBe(1);
  });

  test('stays for the containers that are left, and leaves with the last of them', () => {
    const members = groupOf(0);
    containers = 2;
    members.shutdown();
    expect(left).toBe(0);
    containers = 0;
    members.changed();
    expect(left).toBe(1);
  });

  test('keeps what it has promised: a container that is announced finds it', () => {
    const members = groupOf(0);
    members.join('b');
    members.shutdown();
    expect(left).toBe(0);
    live(members, 'b');
    expect(left).toBe(0);
    members.shutdown();
    expect(left).toBe(1);
  });

  test('does not wait for ever for a container that was announced', () => {
    const members = groupOf(0);
    members.join('b');
    members.shutdown();
    jest.advanceTimersByTime(minute);
    expect(left).toBe(1);
  });

  test('promises nothing when it is about to leave', () => {
    const members = groupOf(0);
    members.shutdown();
    expect(() => members.join('c')).toThrow(expect.objectContaining({ kind: 'unavailable' }));
  });

  test('stays warm for as long as it is told to, and anew with each container', () => {
    const members = groupOf(minute);
    members.shutdown();
    jest.advanceTimersByTime(minute - 1);
    live(members, 'a');
    members.shutdown();
    jest.advanceTimersByTime(minute - 1);
    expect(left).toBe(0);
    jest.advanceTimersByTime(1);
    expect(left).toBe(1);
  });

  test('that nobody asks anything of leaves after a while, whoever is still connected', () => {
    groupOf(0);
    jest.advanceTimersByTime(minute - 1);
    expect(left).toBe(0);
    jest.advanceTimersByTime(1);
    expect(left).toBe(1);
  });

  test('leaves once, with containers or without, when it is stopped', () => {
    const members = groupOf(0);
    containers = 3;
    members.stop();
    members.stop();
    expect(left).toBe(1);
    jest.advanceTimersByTime(10 * minute);
    expect(left).toBe(1);
  });
});
