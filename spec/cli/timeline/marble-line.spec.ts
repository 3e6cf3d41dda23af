import { describe, expect, it } from '@jest/globals';
import { marbleLine } from '../../../src/cli/timeline/marble-line.js';
import { ascii, facts, lifeOf, unicode } from './some-lives.js';

const axis = { step: 10, columns: 30 };

describe('the line of one life', () => {
  it('shows each milestone in the column of its time', () => {
    const life = lifeOf(
      facts('a', { created: 0, running: 20, stop: 100, exit: 150, drained: 200, released: 210 }),
    );
    const line = '○╌●━━━━━━━▲━━━━◆╌╌╌╌◇┃        ';
    expect(marbleLine(life, 290, { axis, ...unicode })).toBe(line);
  });

  it('says the same without Unicode', () => {
    const life = lifeOf(
      facts('a', { created: 0, running: 20, stop: 100, exit: 150, drained: 200, released: 210 }),
    );
    const line = 'o.*=======!====x....d|        ';
    expect(marbleLine(life, 290, { axis, ...ascii })).toBe(line);
  });

  it('goes on to the present while the exec lives', () => {
    const life = lifeOf(facts('a', { created: 50, running: 60 }));
    const line = '     ○●━━━━━━━━━━━━━━         ';
    expect(marbleLine(life, 200, { axis, ...unicode })).toBe(line);
  });

  it('ends with the release, whatever the time', () => {
    const life = lifeOf(facts('a', { created: 0, running: 10, exit: 50, drained: 60, released: 70 }));
    const line = '○●━━━◆◇┃                      ';
    expect(marbleLine(life, 80, { axis, ...unicode })).toBe(line);
    expect(marbleLine(life, 99_999, { axis, ...unicode })).toBe(line);
  });

  it('sets marbles of one moment side by side', () => {
    const life = lifeOf(facts('a', { created: 50, running: 51, exit: 52, drained: 53, released: 54 }));
    const line = '     ○●◆◇┃                    ';
    expect(marbleLine(life, 54, { axis, ...unicode })).toBe(line);
  });

  it('keeps them all at the right edge', () => {
    const life = lifeOf(facts('a', { created: 0, running: 280, exit: 298, drained: 299, released: 299 }));
    const line = '○╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌●◆◇┃';
    expect(marbleLine(life, 299, { axis, ...unicode })).toBe(line);
  });

  it('shows the latest where there are more marbles than columns', () => {
    const life = lifeOf(facts('a', { created: 0, running: 1, stop: 2, exit: 3, drained: 4, released: 5 }));
    expect(marbleLine(life, 5, { axis: { step: 10, columns: 3 }, ...unicode })).toBe('◆◇┃');
  });

  it('paints nothing but marbles and lines', () => {
    const life = lifeOf(facts('a', { created: 0, running: 20 }));
    const paint = (colour: string, text: string) => (text === '' ? '' : `<${colour} ${text}>`);
    expect(marbleLine(life, 50, { axis: { step: 10, columns: 8 }, glyphs: unicode.glyphs, paint })).toBe(
      '<blue ○><blue ╌><green ●><green ━━━>  ',
    );
  });
});
