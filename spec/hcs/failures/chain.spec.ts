import { describe, expect, it } from '@jest/globals';
import { errorChain, findInChain } from '../../../src/hcs/failures/chain.js';

describe('errorChain', () => {
  it('reports an error, then its causes from the outside in', () => {
    const inner = new Error('inner');
    const middle = new Error('middle', { cause: inner });
    const outer = new Error('outer', { cause: middle });
    expect([...errorChain(outer)]).toEqual([outer, middle, inner]);
  });

  it('reports the members of an aggregate in order, each with what is behind it', () => {
    const cause = new Error('cause');
    const first = new Error('first', { cause });
    const second = new Error('second');
    const aggregate = new AggregateError([first, second]);
    expect([...errorChain(aggregate)]).toEqual([aggregate, first, cause, second]);
  });

  it('reports the cause of an aggregate before its members', () => {
    const cause = new Error('cause');
    const member = new Error('member');
    const aggregate = new AggregateError([member], 'both', { cause });
    expect([...errorChain(aggregate)]).toEqual([aggregate, cause, member]);
  });

  it('ends on causes that go in a circle, and tells each once', () => {
    const one = new Error('one');
    const other = new AggregateError([one, one], 'other', { cause: one });
    one.cause = other;
    other.errors.push(other);
    expect([...errorChain(one)]).toEqual([one, other]);
  });

  it.each([undefined, null, 'text', 0, Symbol('s'), 5n])(
    'reports just %p, which has nothing behind it',
    (value) => {
      expect([...errorChain(value)]).toEqual([value]);
    },
  );

  it('follows causes that are no errors', () => {
    expect([...errorChain({ cause: { cause: 'text' } })]).toEqual([
      { cause: { cause: 'text' } },
      { cause: 'text' },
      'text',
    ]);
  });

  it('takes no interest in members that are no list', () => {
    const error = Object.assign(new Error('odd'), { errors: { 0: new Error('no member') } });
    expect([...errorChain(error)]).toEqual([error]);
  });

  it('leaves the members of an aggregate as they were', () => {
    const aggregate = new AggregateError([1, 2, 3]);
    expect([...errorChain(aggregate)]).toEqual([aggregate, 1, 2, 3]);
    expect(aggregate.errors).toEqual([1, 2, 3]);
  });

  it('has room for a chain of any length', () => {
    let error: unknown = 'root';
    for (let depth = 0; depth < 100_000; depth += 1) error = { cause: error };
    expect([...errorChain(error)].at(-1)).toBe('root');
  });
});

describe('findInChain', () => {
  const isText = (link: unknown): link is string => typeof link === 'string';

  it('finds the first that fits', () => {
    expect(findInChain(new AggregateError([{ cause: 'near' }, 'far']), isText)).toBe('near');
  });

  it('finds nothing where nothing fits', () => {
    expect(findInChain(new Error('no', { cause: 5 }), isText)).toBeUndefined();
  });
});
