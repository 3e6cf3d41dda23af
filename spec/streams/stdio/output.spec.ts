import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { as } from 'ix/asynciterable/asynciterablex';
import { map } from 'ix/asynciterable/operators/map';
import { toArray } from 'ix/asynciterable/toarray';
import { lines } from '../../../src/streams/stdio/lines.js';
import { decode, text } from '../../../src/streams/stdio/output.js';

async function* chunks(...pieces: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece as string);
}

/** Cuts bytes at places that need not be borders of characters. */
const pieces = (bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] => {
  const cut: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes.length === 0 ? bytes.length : 1 + sizes[turn % sizes.length]!;
    cut.push(bytes.subarray(at, at + size));
    at += size;
  }
  return cut;
};

/** Whether no character of two units is cut in half. */
const isWhole = (line: string): boolean => Buffer.from(line).toString() === line;

const cuts = fc.array(fc.nat({ max: 5 }), { maxLength: 8 });

describe('the text of an output', () => {
  it('is the same wherever the chunks are cut', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), cuts, async (written, sizes) => {
        const decoded = await toArray(decode(chunks(...pieces(Buffer.from(written), sizes))));
        expect(decoded.join('')).toBe(written);
        expect(decoded).not.toContain('');
      }),
    ));

  it('is decoded alike where a character is cut before text that is ASCII', async () => {
    const decoded = await toArray(decode(chunks(Uint8Array.of(0x61, 0xc3), 'plain', Uint8Array.of(0xb6))));
    expect(decoded.join('')).toBe('a\ufffdplain\ufffd');
  });

  it('has a replacement character for what is not UTF-8, also at its end', async () => {
    expect(await toArray(decode(chunks(Uint8Array.of(0x61, 0xff, 0x62), Uint8Array.of(0xe2, 0x82))))).toEqual(
      ['a\ufffdb', '\ufffd'],
    );
  });
});

describe('the lines of an output', () => {
  const read = (...written: string[]) => toArray(lines(chunks(...written)));

  it('end with a line feed, with or without a carriage return', async () => {
    expect(await read('one\ntwo\r\n\r\n\nthree')).toEqual(['one', 'two', '', '', 'three']);
    expect(await read('one\r', '\ntw', 'o\n')).toEqual(['one', 'two']);
  });

  it('keep the carriage returns that end no line', async () => {
    expect(await read('10%\r50%\r\r\ndone\r')).toEqual(['10%\r50%\r', 'done\r']);
  });

  it('are none where nothing was written', async () => {
    expect(await read()).toEqual([]);
    expect(await read('\n')).toEqual(['']);
  });

  it('are what a split of all of it gives, wherever the chunks are cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'ö', '€', '😀', '\r', '\n', '\r\n'), { maxLength: 60 }),
        cuts,
        async (written, sizes) => {
          const whole = written.join('');
          const expected = whole.split(/\r?\n/);
          if (expected.at(-1) === '') expected.pop();
          expect(await toArray(lines(chunks(...pieces(Buffer.from(whole), sizes))))).toEqual(expected);
        },
      ),
    ));

  it('come in pieces where they are longer than asked for, wherever the chunks are cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', '€', '😀', '\n', '\r\n'), { maxLength: 60 }),
        cuts,
        fc.integer({ min: 2, max: 9 }),
        async (written, sizes, maxLength) => {
          const whole = written.join('');
          const expected = await toArray(lines(chunks(whole), { maxLength }));
          expect(expected.every((line) => line.length <= maxLength && isWhole(line))).toBe(true);
          expect(expected.join('')).toBe(whole.replace(/\r?\n/g, ''));
          expect(await toArray(lines(chunks(...pieces(Buffer.from(whole), sizes)), { maxLength }))).toEqual(
            expected,
          );
        },
      ),
    ));

  it('that are just as long as asked for come whole', async () => {
    expect(await toArray(lines(chunks('abc\r', '\nabc\nabcd\n'), { maxLength: 3 }))).toEqual([
      'abc',
      'abc',
      'abc',
      'd',
    ]);
  });

  it('come before the line after them is written', async () => {
    const output = (async function* () {
      yield Buffer.from('first\n');
      await new Promise(() => undefined);
    })();
    const { value } = await lines(output)[Symbol.asyncIterator]().next();
    expect(value).toBe('first');
  });

  it('leave the output when their reader does', async () => {
    let left = false;
    async function* output() {
      try {
        for (;;) yield Buffer.from('again\n');
      } finally {
        left = true;
      }
    }
    for await (const line of lines(output())) {
      expect(line).toBe('again');
      break;
    }
    expect(left).toBe(true);
  });

  it('that are asked for before they come are given in the order of the asking', async () => {
    const iterator = lines(chunks('a\nb', '\nc\n', 'd'))[Symbol.asyncIterator]();
    const results = await Promise.all(Array.from({ length: 6 }, () => iterator.next()));
    expect(results.map(({ value }) => value)).toEqual(['a', 'b', 'c', 'd', undefined, undefined]);
  });

  it('end with the error of their output, once', async () => {
    const iterator = lines(
      (async function* () {
        yield Buffer.from('whole\npart');
        throw new Error('cut off');
      })(),
    )[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe('whole');
    expect((await iterator.next()).value).toBe('part');
    await expect(iterator.next()).rejects.toThrow('cut off');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('that were read already are not given to a reader that has left', async () => {
    const iterator = lines(chunks('a\nb\nc\n'))[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.return?.();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('without an end are read in time that grows with their length, not with its square', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const output = (async function* () {
      for (let count = 0; count < 2_000; count++) yield chunk;
    })();
    const read = await toArray(lines(output, { maxLength: Number.POSITIVE_INFINITY }));
    expect(read.map(({ length }) => length)).toEqual([2_000 * chunk.length]);
  });

  it('can be piped through operators of ix', async () => {
    expect(await toArray(as(lines(chunks('a\nb'))).pipe(map((line) => line.toUpperCase())))).toEqual([
      'A',
      'B',
    ]);
  });

  it.each([0, -1, 1.5, Number.NaN, '10'])('of at most %p characters are refused', (maxLength) => {
    expect(() => lines(chunks(), { maxLength: maxLength as number })).toThrow(
      expect.objectContaining({ kind: 'invalidArgument', field: 'maxLength', value: maxLength }),
    );
  });
});

describe('text', () => {
  it('is all that was written, across chunk borders', async () => {
    const written = Buffer.from('grüße, 世界\n');
    const bytes = [...written].map((byte) => Uint8Array.of(byte));
    expect(
      await text(
        (async function* () {
          yield* bytes;
        })(),
      ),
    ).toBe('grüße, 世界\n');
  });
});

describe('an output that was not asked for', () => {
  it.each([
    ['lines', lines],
    ['decode', decode],
    ['text', text],
  ])('is refused by %s, which says what to ask for', async (_name, read) => {
    await expect((async () => read(undefined))()).rejects.toMatchObject({
      kind: 'invalidArgument',
      field: 'output',
      message: expect.stringContaining("'pipe'"),
    });
  });
});
