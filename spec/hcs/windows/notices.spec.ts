import { describe, expect, it } from '@jest/globals';
import { TestScheduler } from 'rxjs/testing';
import { type Notice, noticeBoard } from '../../../src/hcs/windows/notices.js';

const exited: Notice = { kind: 'processExited', data: '{}' };
const sentinel = (name: string) => ({ sentinel: name });

const told = (
  act: (board: ReturnType<typeof noticeBoard>) => void,
  kind: Notice['kind'] = 'processExited',
): unknown[] => {
  const board = noticeBoard();
  const heard: unknown[] = [];
  board.when(kind).subscribe({
    next: (notice) => heard.push(notice),
    error: (error) => heard.push(error),
    complete: () => heard.push('complete'),
  });
  act(board);
  return heard;
};

describe('a board of notices tells', () => {
  it('a notice that comes, once', () => {
    expect(told((board) => [board.post(exited), board.post({ ...exited, data: 'again' })])).toEqual([
      exited,
      'complete',
    ]);
  });

  it('one that came before anybody asked', () => {
    const board = noticeBoard();
    board.post(exited);
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ expectObservable }) => {
      expectObservable(board.when('processExited')).toBe('(a|)', { a: exited });
    });
  });

  it('nothing of other kinds', () => {
    expect(told((board) => board.post({ kind: 'started' }))).toEqual([]);
  });

  it.each([
    [
      'the system has gone',
      (b: ReturnType<typeof noticeBoard>) => b.post({ kind: 'systemExited' }),
      'unexpectedContainerExit',
    ],
    [
      'the service has gone',
      (b: ReturnType<typeof noticeBoard>) => b.post({ kind: 'serviceDisconnect' }),
      'unexpectedProcessAbort',
    ],
    ['the handle is closed', (b: ReturnType<typeof noticeBoard>) => b.close(), 'handleClose'],
  ] as const)('that what is waited for will not come when %s', (_, act, name) => {
    expect(told(act)).toEqual([expect.objectContaining(sentinel(name))]);
  });

  it('the end of a system for what it is', () => {
    const gone: Notice = { kind: 'systemExited' };
    expect(told((board) => board.post(gone), 'systemExited')).toEqual([gone, 'complete']);
  });

  it('nobody who has left', () => {
    const board = noticeBoard();
    const heard: unknown[] = [];
    board
      .when('started')
      .subscribe((notice) => heard.push(notice))
      .unsubscribe();
    board.post({ kind: 'started' });
    expect(heard).toEqual([]);
  });
});
