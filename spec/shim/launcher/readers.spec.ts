/**
 * The launcher's own readers of JSON and protobuf, built with sanitizers and put before thousands of inputs, beside the
 * readers of Node and of the messages.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Any, BootstrapParams, pack, runc, runcLegacy } from '../../../src/shim/messages/index.js';
import { describeWith } from '../../support/needs.js';

const sources = fileURLToPath(new URL('../../../src/shim/launcher', import.meta.url));
const probeSource = fileURLToPath(new URL('probe.c', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rxshim-probe-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Without sanitizers where the compiler has none. */
const build = (sanitizers: readonly string[]): boolean => {
  const names = [
    'base/text',
    'base/failure',
    'base/files',
    'formats/json',
    'formats/protobuf',
    'request/options',
  ].map((name) => join(sources, `${name}.c`));
  const flags = ['-std=gnu11', '-D_GNU_SOURCE', '-g', '-O1', '-Wall', '-Wextra', '-Werror'];
  const args = [...flags, ...sanitizers, probeSource, ...names, '-o', join(folder, 'probe')];
  return spawnSync('gcc', args, { stdio: 'ignore' }).status === 0;
};

const hasCompiler = process.platform === 'linux' && spawnSync('gcc', ['--version']).status === 0;
const describeReaders = describeWith(hasCompiler ? undefined : 'needs gcc');

const probe = (
  kind: 'json' | 'options',
  inputs: readonly Uint8Array[],
): (readonly [string, string] | undefined)[] => {
  const rows = inputs.flatMap((input) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(input.length);
    return [length, input];
  });
  const output = execFileSync(join(folder, 'probe'), [kind], {
    input: Buffer.concat(rows),
    maxBuffer: 2 ** 28,
    // That nothing is freed is how it is meant.
    env: { ASAN_OPTIONS: 'detect_leaks=0', UBSAN_OPTIONS: 'halt_on_error=1' },
  });
  const lines = output.toString().split('\n').slice(0, -1);
  return lines.map((line) => {
    if (line === '-') return undefined;
    const [first = '', second = ''] = line.split(' ').map((hex) => Buffer.from(hex, 'hex').toString());
    return [first, second];
  });
};

const [group, sandbox] = ['io.containerd.runc.v2.group', 'io.kubernetes.cri.sandbox-id'] as const;

const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] =>
  fc.sample(arbitrary, { numRuns: count, seed: 20 });

/** Cut off, a byte changed, a piece said twice: as what is almost right goes wrong. */
const damaged = (input: Uint8Array, by: number): Uint8Array => {
  const copy = Uint8Array.from(input);
  const at = by % Math.max(1, copy.length);
  switch (by % 4) {
    case 0:
      return copy.slice(0, at);
    case 1:
      copy[at] = (by >> 8) & 0xff;
      return copy;
    case 2:
      return Uint8Array.from([...copy.slice(0, at), ...copy.slice(at >> 1)]);
    default:
      copy[at] = (copy[at] ?? 0) ^ (1 << ((by >> 8) % 8));
      return copy;
  }
};

describeReaders('the readers of the launcher', () => {
  beforeAll(() => {
    if (!build(['-fsanitize=address,undefined', '-fno-sanitize-recover=all']) && !build([])) {
      throw new Error('the probe does not compile');
    }
  });

  const keys = fc.oneof(
    fc.constantFrom('annotations', group, sandbox, 'annotations ', '', 'a"n', 'é'),
    fc.string({ unit: 'binary' }),
  );
  const documents = fc.dictionary(
    keys,
    fc.oneof(
      { weight: 2, arbitrary: fc.dictionary(keys, fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue())) },
      { weight: 1, arbitrary: fc.jsonValue() },
    ),
  );
  const escaped = (text: string): string =>
    text.replace(/[a-z"\\\u0080-\uffff]/g, (unit) =>
      /["\\]/.test(unit) ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  /** Escaping text between quotes changes nothing of its meaning; words of JSON are not between quotes. */
  const written = (value: unknown, at: number): string => {
    const text = JSON.stringify(value, undefined, at % 3);
    return at % 2 === 0
      ? text
      : text.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => (quoted.includes('\\') ? quoted : escaped(quoted)));
  };
  const expectedOf = (text: string): readonly [string, string] | undefined => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return undefined;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const annotations: unknown = Object.getOwnPropertyDescriptor(value, 'annotations')?.value;
    const own = (name: string): string => {
      if (typeof annotations !== 'object' || annotations === null || Array.isArray(annotations)) return '';
      const found: unknown = Object.getOwnPropertyDescriptor(annotations, name)?.value;
      return typeof found === 'string' ? Buffer.from(found).toString() : '';
    };
    return [own(group), own(sandbox)];
  };

  test('find in any JSON what JSON.parse finds', () => {
    const texts = sample(documents, 600).map(written);
    expect(
      probe(
        'json',
        texts.map((text) => Buffer.from(text)),
      ),
    ).toEqual(texts.map(expectedOf));
  });

  test('refuse as no JSON what JSON.parse refuses', () => {
    const texts = [
      ...[
        '',
        ' ',
        '{',
        '}',
        '[]',
        '"{}"',
        'null',
        '{}x',
        '{} {}',
        '{"a":}',
        '{"a" 1}',
        '{"a":1,}',
        '{,}',
        '{a:1}',
        "{'a':1}",
      ],
      ...[
        '{"a":01}',
        '{"a":1.}',
        '{"a":.1}',
        '{"a":1e}',
        '{"a":+1}',
        '{"a":-}',
        '{"a":nul}',
        '{"a":tru}',
        '{"a":[1,]}',
        '{"a":[}]',
      ],
      ...[
        '{"a":"\t"}',
        '{"a":"\\x"}',
        '{"a":"\\u12"}',
        '{"a":"\\u12g4"}',
        '{"a":"',
        '{"a":"\\',
        '{"a":"\\"',
        '{"a":1]',
        '\ufeff{}',
      ],
      ...[
        '{"annotations":{"io.kubernetes.cri.sandbox-id":"\\ud800"}}',
        '{"annotations":{"io.kubernetes.cri.sandbox-id":"\\udc00\\ud800x"}}',
      ],
      ...[
        '{"annotations":{"io.kubernetes.cri.sandbox-id":"\\ud83d\\u0041"}}',
        '{"a":-0.0e-0,"b":1E+2,"c":[[],{}]}',
      ],
    ];
    const found = probe(
      'json',
      texts.map((text) => Buffer.from(text)),
    );
    expect(found).toEqual(texts.map(expectedOf));
  });

  test('come to an end with any bytes, and read nothing beyond', () => {
    const seeds = sample(documents, 100).map((value, at) => Buffer.from(written(value, at)));
    const inputs = sample(fc.tuple(fc.nat(seeds.length - 1), fc.nat(2 ** 24)), 8_000).map(([at, by]) =>
      damaged(seeds[at] as Buffer, by),
    );
    const noise = sample(fc.uint8Array({ maxLength: 64 }), 2_000);
    expect(probe('json', [...inputs, ...noise])).toHaveLength(10_000);
  });

  test('go as deep as is sensible, and no deeper', () => {
    const nested = (depth: number): Buffer => Buffer.from(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    const [shallow, deep, open] = probe('json', [
      nested(5_000),
      nested(1_000_000),
      Buffer.from('[{"a":'.repeat(1_000_000)),
    ]);
    expect([shallow, deep, open]).toEqual([['', ''], undefined, undefined]);
  });

  const text = fc.string({ unit: 'grapheme', maxLength: 300 });
  const legacy = runcLegacy.CreateOptions;
  const options = fc.oneof(
    text.map((shimCgroup) => pack(runc.Options, runc.Options.create({ shimCgroup, root: 'r', ioUid: 7 }))),
    text.map((shimCgroup) => pack(legacy, legacy.create({ shimCgroup, noPivotRoot: true }))),
    fc.record({ typeUrl: text, value: fc.uint8Array() }),
  );
  const cgroupOf = (any: Any): string => {
    if (any.typeUrl === runc.Options.$type) return runc.Options.decode(any.value).shimCgroup;
    return any.typeUrl === legacy.$type ? legacy.decode(any.value).shimCgroup : '';
  };

  test('find in options what their messages hold', () => {
    const given = sample(options, 500);
    const inputs = given.map((any) => Any.encode(any).finish());
    expect(probe('options', inputs)).toEqual(given.map((any) => [cgroupOf(any), '']));
  });

  test('find in parameters what their messages hold', () => {
    const given = sample(fc.record({ any: options, socketDir: text }), 500);
    const inputs = given.map(({ any, socketDir }) =>
      BootstrapParams.encode(
        BootstrapParams.create({
          instanceId: 'id',
          namespace: 'namespace',
          socketDir,
          extensions: [{ value: any }, {}],
        }),
      ).finish(),
    );
    expect(probe('options', inputs)).toEqual(given.map(({ any, socketDir }) => [cgroupOf(any), socketDir]));
  });

  test('take parameters of another container for options, of which they know nothing', () => {
    const other = BootstrapParams.create({ instanceId: 'other', namespace: 'namespace', socketDir: '/x' });
    expect(probe('options', [BootstrapParams.encode(other).finish()])).toEqual([['', '']]);
  });

  test('come to an end with any message, and read nothing beyond', () => {
    const seeds = sample(options, 200).map((any) => Any.encode(any).finish());
    const params = sample(options, 200).map((any) =>
      BootstrapParams.encode(
        BootstrapParams.create({ instanceId: 'id', namespace: 'namespace', extensions: [{ value: any }] }),
      ).finish(),
    );
    const all = [...seeds, ...params];
    const inputs = sample(fc.tuple(fc.nat(all.length - 1), fc.nat(2 ** 24)), 8_000).map(([at, by]) =>
      damaged(all[at] as Uint8Array, by),
    );
    expect(probe('options', inputs)).toHaveLength(8_000);
  });
});
