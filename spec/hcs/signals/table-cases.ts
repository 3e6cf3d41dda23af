/**
 * What every signal table has in common, put as checks that the spec of each table runs.
 *
 * The accepted numbers come from observations of the original; this file holds no expectation of its own about them.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import type { SignalAction, SignalOptions, SignalTable } from '../../../src/hcs/signals/options.js';

interface Taken {
  readonly signal: number;
  readonly options: SignalOptions | null;
}

type Observed = Readonly<
  Record<
    'linuxSignalsSupported' | 'linuxNotSupported' | 'windowsSignalsSupported' | 'windowsNotSupported',
    Taken[]
  >
>;

export const observed = JSON.parse(
  readFileSync(new URL('../../vectors/exec/signal-table.json', import.meta.url), 'utf8'),
) as Observed;

export const kill: SignalAction = { kind: 'kill' };

export const send = (signal: SignalOptions['Signal']): SignalAction => ({
  kind: 'signal',
  options: { Signal: signal } as SignalOptions,
});

export const matchesWhatWasObserved = (table: SignalTable, taken: readonly Taken[]) => {
  const expected = new Map(
    taken.map(({ signal, options }) => [signal, options ? { kind: 'signal', options } : kill] as const),
  );
  const range = Array.from({ length: 302 }, (_, index) => index - 2);

  it('takes the numbers that the original takes, and no others from -2 to 299', () => {
    expect(taken.length).toBeGreaterThan(0);
    expect(range.map((n) => [n, table.forNumber(n)])).toEqual(range.map((n) => [n, expected.get(n)]));
  });

  it('reads numbers in text by the same rule, with a sign or leading zeros too', () => {
    for (const form of [(n: number) => `${n}`, (n: number) => (n < 0 ? `-00${-n}` : `+00${n}`)]) {
      expect(range.map((n) => [n, table.forText(form(n))])).toEqual(range.map((n) => [n, expected.get(n)]));
    }
  });

  refusesNonsense(table);
};

export const refusesNonsense = (table: SignalTable) => {
  it.each([
    9.5,
    14.999,
    Number.NaN,
    Infinity,
    -Infinity,
    2 ** 32 + 9,
    '9',
    null,
    undefined,
    {},
    9n,
    true,
    [9],
  ])('refuses %p as a number', (value) => {
    expect(table.forNumber(value as number)).toBeUndefined();
  });

  it.each([
    ' 9',
    '9 ',
    '9\n',
    '0x9',
    '9.0',
    '9e0',
    '٩',
    '+',
    '-',
    '+-9',
    '99999999999999999999',
    'NOPE',
    ' TERM',
    'TERM ',
  ])('refuses the text %j', (text) => {
    expect(table.forText(text)).toBeUndefined();
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'refuses %s, which is in every object',
    (text) => {
      expect(table.forText(text)).toBeUndefined();
    },
  );

  it.each([9, null, undefined, {}, ['TERM'], Symbol('TERM')])('refuses %p as text', (value) => {
    expect(table.forText(value as string)).toBeUndefined();
  });

  it('gives actions that cannot be modified', () => {
    const action = table.forText('TERM');
    expect(Object.isFrozen(action)).toBe(true);
    if (action?.kind === 'signal') expect(Object.isFrozen(action.options)).toBe(true);
  });
};
