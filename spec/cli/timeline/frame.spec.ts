import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type FrameOptions, frame } from '../../../src/cli/timeline/frame.js';
import { ascii, exited, facts, livesOf, signaled, unicode } from './some-lives.js';

const web = facts('web', { created: 0, running: 40 });
const job = facts('job', { created: 100, running: 120, exit: 300, drained: 320, released: 340 }, exited(3));
const slow = facts(
  'slow',
  { created: 100, running: 120, stop: 400, exit: 600, drained: 1600, released: 1600 },
  signaled(15),
  true,
);

describe('a picture of several lives', () => {
  it('has an axis, a line for each with how it stands, and what the marbles mean', () => {
    const lines = frame(livesOf(web, job, slow), { now: 1_700, width: 78, legend: true, ...unicode });
    expect(lines).toEqual([
      '      ╷0        ╷500ms    ╷1s       ╷1.5s     ╷2s',
      'web   ○●━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━                pid 4242',
      'job     ○●━━◆◇┃                                          3',
      'slow    ○●━━━━▲━━━◆╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌◇┃                 143 SIGTERM truncated',
      '      ○ created  ● running  □ resized  ▲ stop  ◆ exit  ◇ drained  ┃ released',
    ]);
  });

  it('shows a name of 25 letters in full at 80 columns', () => {
    const long = 'a-name-of-25-letters-in-l';
    const [, line = ''] = frame(livesOf(facts(long, { created: 0, running: 40 })), {
      now: 1_700,
      width: 80,
      ...unicode,
    });
    expect(line).toMatch(new RegExp(`^${long}  ○●━+ +pid 4242$`));
  });

  it('gives up words for marbles where it is narrow', () => {
    const lines = frame(livesOf(web, job), { now: 900, width: 30, ...unicode });
    expect(lines).toEqual([
      '     ╷0        ╷500ms    ╷1s', //
      'web  ○●━━━━━━━━━━━━━━━━━',
      'job    ○●━━◆◇┃',
    ]);
  });

  it('stops at the last release when all have ended', () => {
    const lines = frame(livesOf(job), { now: 99_999, width: 60, ...unicode });
    expect(lines[1]).toMatch(/^job +○●━+◆◇┃ +3$/);
    expect(lines).toEqual(frame(livesOf(job), { now: 340, width: 60, ...unicode }));
  });

  it('shows those that live, and then the latest, where there is no room for all', () => {
    const ended = Array.from({ length: 50 }, (_, index) =>
      facts(`e${index}`, { created: index, running: index, exit: index, drained: index, released: index }),
    );
    const lines = frame(livesOf(web, ...ended), { now: 100, width: 60, most: 4, ...unicode });
    expect(lines.slice(1).map((line) => line.trim().replace(/ .*/, ''))).toEqual([
      'web',
      'e48',
      'e49',
      'and',
    ]);
    expect(lines.at(-1)).toMatch(/and 48 more$/);
  });

  it('has nothing but an axis before there is any life', () => {
    expect(frame([], { now: 0, width: 40, ...unicode })).toHaveLength(1);
  });

  it('is never wider than it may be, and never higher than lives, axis and legend', () => {
    const time = fc.nat(100_000);
    const life = fc
      .tuple(
        fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' }),
        fc.array(time, { minLength: 7, maxLength: 7 }),
      )
      .map(([exec, times]) => {
        const [created = 0, running = 0, resize = 0, stop = 0, exit = 0, drained = 0, released = 0] =
          times.sort((a, b) => a - b);
        return facts(exec, { created, running, resize, stop, exit, drained, released }, signaled(9), true);
      });
    const options: fc.Arbitrary<Omit<FrameOptions, 'now' | 'paint'>> = fc.record({
      width: fc.integer({ min: 12, max: 240 }),
      most: fc.integer({ min: 1, max: 20 }),
      legend: fc.boolean(),
      glyphs: fc.constantFrom(ascii.glyphs, unicode.glyphs),
    });
    fc.assert(
      fc.property(fc.array(life, { maxLength: 30 }), time, options, (lives, now, given) => {
        const lines = frame(livesOf(...lives), { now, paint: unicode.paint, ...given });
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(given.width);
        if (!given.legend) expect(lines.length).toBeLessThanOrEqual(1 + Math.max(given.most ?? 0, 2));
      }),
    );
  });
});
