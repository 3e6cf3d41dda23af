import { describe, expect, it } from '@jest/globals';
import { environmentOf } from '../../../src/hcs/contract/environment.js';

describe('environmentOf', () => {
  it.each([
    ['nothing', [], {}],
    ['a variable with a value', ['A=1'], { A: '1' }],
    ['a value that holds an equals sign', ['D=a=b'], { D: 'a=b' }],
    ['a value that is only an equals sign', ['E=='], { E: '=' }],
    ['an empty name', ['=x'], { '': 'x' }],
    ['white space, as it is', [' A = 1 '], { ' A ': ' 1 ' }],
    ['names that differ in case', ['a=1', 'A=2'], { a: '1', A: '2' }],
    ['two of a name: the later', ['A=1', 'A=2'], { A: '2' }],
    ['two of a name, the later empty: the earlier', ['A=1', 'A='], { A: '1' }],
  ])('keeps %s', (_, pairs, expected) => {
    expect(environmentOf(pairs)).toEqual(expected);
  });

  it.each([
    ['without a value', 'B='],
    ['without an equals sign', 'C'],
    ['that is empty', ''],
    ['of an equals sign alone', '='],
  ])('drops a pair %s', (_, pair) => {
    expect(environmentOf(['A=1', pair])).toEqual({ A: '1' });
  });

  it('passes on a variable named like a property of every object', () => {
    const environment = environmentOf(['__proto__=1', 'constructor=2', 'toString=3']);
    expect(JSON.stringify(environment)).toBe('{"__proto__":"1","constructor":"2","toString":"3"}');
  });
});
