import { describe, expect, it } from '@jest/globals';
import {
  type HcsError,
  hcsError,
  isHcsError,
  processError,
  systemError,
} from '../../../src/hcs/failures/hcs-error.js';
import { ranOutOfTime } from '../../../src/hcs/failures/network.js';
import { hcsSentinelError } from '../../../src/hcs/failures/sentinels.js';
import { hcsStatusError } from '../../../src/hcs/failures/status-error.js';

const cause = new Error('it broke');

const makers: [string, string, (cause: unknown) => Error][] = [
  ['hcs', 'HcsError', (inner) => hcsError('op', inner)],
  ['system', 'SystemError', (inner) => systemError('op', 'id', inner)],
  ['process', 'ProcessError', (inner) => processError('op', 'id', 4, inner)],
];

describe('a failure with its place', () => {
  it.each([
    ['an operation', hcsError('hcs::ModifyServiceSettings', cause), 'hcs::ModifyServiceSettings: it broke'],
    ['a system', systemError('hcs::System::Start', 'abc', cause), 'hcs::System::Start abc: it broke'],
    [
      'a process',
      processError('hcs::Process::Signal', 'abc', 42, cause),
      'hcs::Process::Signal abc:42: it broke',
    ],
    ['pid 0', processError('op', 'abc', 0, cause), 'op abc:0: it broke'],
    ['a cause that is text', hcsError('op', 'odd'), 'op: odd'],
    ['no cause', hcsError('op', undefined), 'op: undefined'],
  ])('names %s', (_, error, text) => {
    expect(error.message).toBe(text);
  });

  it('puts each event on a line of its own', () => {
    const events = [{ message: 'one' }, { message: 'two', source: 'vmms' }];
    expect(systemError('op', 'id', cause, events).message).toBe(
      'op id: it broke\n[Event Detail: one]\n[Event Detail: two Source: vmms]',
    );
    expect((systemError('op', 'id', cause, events) as HcsError).events).toEqual(events);
  });

  it.each(makers)(
    'of kind %s is an error named %s that exposes its cause and its place',
    (kind, name, make) => {
      const error = make(cause) as HcsError;
      expect(error).toBeInstanceOf(Error);
      expect(error.name).toBe(name);
      expect(error.cause).toBe(cause);
      expect(error.place).toEqual(expect.objectContaining({ kind, op: 'op' }));
      expect(error.events).toEqual([]);
      expect(isHcsError(error)).toBe(true);
    },
  );

  it.each(makers)('of kind %s is not given the same kind of place again', (_, __, make) => {
    const first = make(cause);
    const between = new AggregateError([new Error('x'), first], 'between');
    expect(make(first)).toBe(first);
    expect(make(between)).toBe(between);
  });

  it('may be given a place of another kind', () => {
    const inner = systemError('inner', 'id', cause);
    expect(processError('outer', 'id', 7, inner).message).toBe('outer id:7: inner id: it broke');
  });

  it('becomes an error even when what carries the place is none', () => {
    const odd = { cause: hcsError('inner', cause) };
    expect(hcsError('outer', odd)).toBeInstanceOf(Error);
    expect((hcsError('outer', odd) as HcsError).cause).toBe(odd);
  });

  it.each(makers)('of kind %s passes on what a network error behind it says', (_, __, make) => {
    const network = { timeout: () => true, temporary: () => false };
    const error = make(new Error('between', { cause: network })) as HcsError;
    expect([error.timeout(), error.temporary()]).toEqual([true, false]);
    const other = make({ timeout: () => false, temporary: () => true }) as HcsError;
    expect([other.timeout(), other.temporary()]).toEqual([false, true]);
  });

  it.each([cause, undefined, hcsStatusError(5), hcsSentinelError('timeout')])(
    'neither ran out of time nor may pass when no network error is behind it: %p',
    (inner) => {
      const error = hcsError('op', inner) as HcsError;
      expect([error.timeout(), error.temporary()]).toEqual([false, false]);
    },
  );

  it('answers even when its causes go in a circle', () => {
    const inner = new Error('inner');
    const outer = hcsError('op', inner) as HcsError;
    inner.cause = outer;
    expect([outer.timeout(), outer.temporary(), ranOutOfTime(inner)]).toEqual([false, false, false]);
  });
});

describe('isHcsError', () => {
  it('reports the kinds apart', () => {
    const error = systemError('op', 'id', cause);
    expect([isHcsError(error, 'system'), isHcsError(error, 'process'), isHcsError(error, 'hcs')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each([undefined, null, 'text', cause, { place: { kind: 'hcs', op: 'op' } }])(
    'is false for %p',
    (value) => {
      expect(isHcsError(value)).toBe(false);
    },
  );
});
