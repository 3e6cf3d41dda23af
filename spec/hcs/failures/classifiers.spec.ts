import { describe, expect, it } from '@jest/globals';
import * as exported from '../../../src/hcs/failures/classifiers.js';
import { hcsCodes } from '../../../src/hcs/failures/codes.js';
import { hcsError, processError, systemError } from '../../../src/hcs/failures/hcs-error.js';
import { type HcsSentinel, hcsSentinelError, hcsSentinels } from '../../../src/hcs/failures/sentinels.js';
import { hcsStatusError } from '../../../src/hcs/failures/status-error.js';

// All of them, so that a new one cannot be forgotten below.
const classifiers = { ...exported };
type Name = keyof typeof classifiers;
const names = Object.keys(classifiers) as Name[];

/** Everything that is said of an error. */
const saidOf = (error: unknown): Name[] => names.filter((name) => classifiers[name](error)).sort();

const meanings: Record<keyof typeof hcsCodes, Name[]> = {
  operationAccessIsDenied: ['isAccessIsDenied'],
  invalidHandle: ['isErrorInvalidHandle'],
  invalidData: ['isNotSupported'],
  notSupported: ['isNotSupported'],
  procNotFound: [],
  elementNotFound: ['isAlreadyStopped', 'isNotExist'],
  operationInvalidState: ['isOperationInvalidState'],
  invalidState: [],
  operationPending: ['isPending'],
  unexpectedExit: [],
  unknownMessage: ['isNotSupported'],
  invalidJson: ['isNotSupported'],
  computeSystemDoesNotExist: ['isNotExist'],
  alreadyStopped: ['isAlreadyStopped'],
  systemAlreadyStopped: ['isAlreadyStopped'],
  operationTimeout: [],
  processAlreadyStopped: ['isAlreadyStopped'],
};

const codes = Object.entries(meanings).map(
  ([name, said]) => [name, said, hcsCodes[name as keyof typeof hcsCodes]] as const,
);

const wrappings: [string, (error: unknown) => unknown][] = [
  ['by itself', (error) => error],
  ['with a place', (error) => processError('op', 'id', 1, systemError('op', 'id', hcsError('op', error)))],
  ['as a cause of a cause', (error) => new Error('outer', { cause: new Error('inner', { cause: error }) })],
  [
    'among others',
    (error) => new AggregateError([new Error('other'), new Error('with cause', { cause: error })]),
  ],
  ['behind what is no error', (error) => ({ cause: error })],
];

describe.each(wrappings)('a failure %s', (_, wrap) => {
  it.each(codes)('with the code %s means %j', (__, said, code) => {
    expect(saidOf(wrap(hcsStatusError(code)))).toEqual(said);
  });

  it('with no code, no name and nothing to do with the network means nothing', () => {
    expect(saidOf(wrap(new Error('whatever')))).toEqual([]);
  });

  it.each(Object.keys(hcsSentinels) as HcsSentinel[])(
    'that is the sentinel %s means just that',
    (sentinel) => {
      const said = { alreadyClosed: ['isAlreadyClosed'], timeout: ['isTimeout'] }[sentinel as string] ?? [];
      expect(saidOf(wrap(hcsSentinelError(sentinel)))).toEqual(said);
    },
  );

  it('of the network that ran out of time is a timeout', () => {
    expect(saidOf(wrap(Object.assign(new Error('late'), { code: 'ETIMEDOUT', syscall: 'connect' })))).toEqual(
      ['isTimeout'],
    );
    expect(saidOf(wrap({ timeout: () => false, temporary: () => true }))).toEqual([]);
  });
});

describe('the meaning of a failure', () => {
  it.each([
    ['a signed HRESULT', 0xc0370110 | 0],
    ['an HRESULT that wraps a Win32 code', 0x80070490],
  ])('does not depend on the form of its number: %s', (_, hresult) => {
    expect(classifiers.isAlreadyStopped({ hresult })).toBe(true);
  });

  it('may be several things at once', () => {
    const error = new AggregateError([
      hcsSentinelError('alreadyClosed'),
      hcsStatusError(hcsCodes.operationPending),
    ]);
    expect(saidOf(error)).toEqual(['isAlreadyClosed', 'isPending']);
  });

  it('is found where causes go in a circle', () => {
    const error = new Error('outer');
    error.cause = new AggregateError([error, hcsStatusError(hcsCodes.operationPending)]);
    expect(saidOf(error)).toEqual(['isPending']);
  });

  it('is not read into the text of a message', () => {
    expect(saidOf(new Error(hcsSentinels.alreadyClosed))).toEqual([]);
  });

  it.each([undefined, null, 0x490, 'timeout', Symbol('s'), {}, [], () => 5, { code: 5 }, { hresult: '5' }])(
    'is nothing for %p',
    (value) => {
      expect(saidOf(value)).toEqual([]);
    },
  );
});
