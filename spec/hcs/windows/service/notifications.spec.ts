import { describe, expect, it } from '@jest/globals';
import { TestScheduler } from 'rxjs/testing';
import {
  type Notification,
  notificationRegistry,
} from '../../../../src/hcs/windows/service/notifications.js';

const exited: Notification = { kind: 'processExited', data: '{}' };
const sentinel = (name: string) => ({ sentinel: name });

const emittedBy = (
  act: (board: ReturnType<typeof notificationRegistry>) => void,
  kind: Notification['kind'] = 'processExited',
): unknown[] => {
  const board = notificationRegistry();
  const received: unknown[] = [];
  board.when(kind).subscribe({
    next: (notification) => received.push(notification),
    error: (error) => received.push(error),
    complete: () => received.push('complete'),
  });
  act(board);
  return received;
};

describe('a registry of notifications notifies', () => {
  it('a notice that comes, once', () => {
    expect(emittedBy((board) => [board.add(exited), board.add({ ...exited, data: 'again' })])).toEqual([
      exited,
      'complete',
    ]);
  });

  it('one that came before anybody asked', () => {
    const board = notificationRegistry();
    board.add(exited);
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ expectObservable }) => {
      expectObservable(board.when('processExited')).toBe('(a|)', { a: exited });
    });
  });

  it('nothing of other kinds', () => {
    expect(emittedBy((board) => board.add({ kind: 'started' }))).toEqual([]);
  });

  it.each([
    [
      'the system has gone',
      (b: ReturnType<typeof notificationRegistry>) => b.add({ kind: 'systemExited' }),
      'unexpectedContainerExit',
    ],
    [
      'the service has gone',
      (b: ReturnType<typeof notificationRegistry>) => b.add({ kind: 'serviceDisconnect' }),
      'unexpectedProcessAbort',
    ],
    ['the handle is closed', (b: ReturnType<typeof notificationRegistry>) => b.close(), 'handleClose'],
  ] as const)('that what is waited for will not come when %s', (_, act, name) => {
    expect(emittedBy(act)).toEqual([expect.objectContaining(sentinel(name))]);
  });

  it('the end of a system for what it is', () => {
    const gone: Notification = { kind: 'systemExited' };
    expect(emittedBy((board) => board.add(gone), 'systemExited')).toEqual([gone, 'complete']);
  });

  it('no subscriber that has unsubscribed', () => {
    const board = notificationRegistry();
    const received: unknown[] = [];
    board
      .when('started')
      .subscribe((notification) => received.push(notification))
      .unsubscribe();
    board.add({ kind: 'started' });
    expect(received).toEqual([]);
  });
});
