import { describe, expect, it } from '@jest/globals';
import { TimeoutError } from 'rxjs';
import { mayPass, ranOutOfTime } from '../../../src/hcs/failures/network.js';

const coded = (code: string) => Object.assign(new Error(code), { code, syscall: 'read' });
const answering = (timeout: boolean, temporary: boolean) => ({
  timeout: () => timeout,
  temporary: () => temporary,
});

describe('an error of the network', () => {
  it.each([
    ['one that answers yes and no', answering(true, false), true, false],
    ['one that answers no and yes', answering(false, true), false, true],
    ['ETIMEDOUT', coded('ETIMEDOUT'), true, true],
    ['EAGAIN', coded('EAGAIN'), true, true],
    ['EMFILE', coded('EMFILE'), false, true],
    ['EINTR', coded('EINTR'), false, true],
    ['ECONNREFUSED', coded('ECONNREFUSED'), false, false],
    ['a timeout of RxJS', new TimeoutError(), true, true],
    ['a timeout of AbortSignal', new DOMException('too late', 'TimeoutError'), true, true],
    ['an abort', new DOMException('stop', 'AbortError'), false, false],
  ])('%s says of itself whether time ran out, and whether it may pass', (_, error, timeout, temporary) => {
    expect([ranOutOfTime(error), mayPass(error)]).toEqual([timeout, temporary]);
  });

  it('is heard through everything that wraps it', () => {
    const wrapped = new AggregateError([new Error('x'), new Error('y', { cause: coded('ETIMEDOUT') })]);
    expect(ranOutOfTime(wrapped)).toBe(true);
  });

  it('has the word over those behind it', () => {
    expect(ranOutOfTime(Object.assign(coded('ECONNRESET'), { cause: coded('ETIMEDOUT') }))).toBe(false);
  });
});

describe('any other error', () => {
  it.each([
    undefined,
    null,
    'ETIMEDOUT',
    5,
    new Error('ETIMEDOUT'),
    { timeout: 5 },
    { timeout: () => true },
    { code: 'X' },
  ])('%p says neither', (error) => {
    expect([ranOutOfTime(error), mayPass(error)]).toEqual([false, false]);
  });
});
