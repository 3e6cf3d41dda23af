import { describe, expect, it } from '@jest/globals';
import { invalid, RxshimError } from '../../src/hcs/failures/errors.js';
import { hcsStatusError } from '../../src/hcs/failures/status-error.js';
import { errorData, errorFrom } from '../../src/streams/error-data.js';

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const circular: { self?: unknown } = {};
circular.self = circular;
const loop = new Error('loop');
loop.cause = loop;

describe('an error as data', () => {
  it.each<[string, unknown]>([
    ['of rxshim', new RxshimError('notFound', 'no such exec')],
    ['that names a field and its value', invalid('grace', '5 parsecs', 'milliseconds')],
    [
      'that a shell would give a status for',
      new RxshimError('notFound', 'no such file', { exitStatus: 127 }),
    ],
    [
      'with causes',
      new RxshimError('unavailable', 'a', { cause: new Error('b', { cause: new TypeError('c') }) }),
    ],
    ['of the engine, with an HRESULT', hcsStatusError(0xc0370110)],
    ['of Node, with a code', Object.assign(new Error('no'), { code: 'ENOENT' })],
    ['of any class', new RangeError('too far')],
  ])('is rebuilt from JSON: one %s', (_, error) => {
    const data = errorData(error);
    expect(throughJson(data)).toEqual(data);
    const rebuilt = errorFrom(throughJson(data)) as Error;
    expect(rebuilt).not.toBe(error);
    expect(rebuilt).toBeInstanceOf(error instanceof RxshimError ? RxshimError : Error);
    // It says the same of itself.
    expect(errorData(rebuilt)).toEqual(data);
    expect(rebuilt.message).toBe((error as Error).message);
  });

  it.each<[string, unknown]>([
    ['an error', new Error('no')],
    ['a text', 'no'],
    ['nothing', undefined],
    ['an object', circular],
  ])('leads back to the very same thing that was thrown: %s', (_, thrown) => {
    expect(errorFrom(errorData(thrown))).toBe(thrown);
  });

  it('holds what JSON can of a value', () => {
    expect(errorData(invalid('f', 7n, 'a number')).value).toBe('7');
    expect(errorData(invalid('f', circular, 'a number')).value).toBe('[object Object]');
    expect(errorData(invalid('f', { a: [1] }, 'a number')).value).toEqual({ a: [1] });
    expect(errorData(invalid('f', undefined, 'a number'))).not.toHaveProperty('value');
  });

  it('ends where causes go round in a circle', () => {
    expect(JSON.stringify(errorData(loop)).length).toBeLessThan(1_000);
  });

  it('holds the members of an aggregate', () => {
    const data = errorData(new AggregateError([new Error('one'), 'two'], 'both'));
    expect(data.causes?.map(({ message }) => message)).toEqual(['one', 'two']);
  });
});
