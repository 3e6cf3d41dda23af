import { expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { Known, known } from '../../src/operators/known.js';

it('emits its value to each subscriber, and completes', async () => {
  const one$ = known('a');
  expect(await lastValueFrom(one$.pipe(toArray()))).toEqual(['a']);
  expect(await lastValueFrom(one$.pipe(toArray()))).toEqual(['a']);
});

it('can be recognised, with its value', () => {
  const one$ = known('a');
  expect(one$ instanceof Known && one$.value).toBe('a');
});
