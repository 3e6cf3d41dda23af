/**
 * The public types: what compiles and what does not, for every entry point, and that no `any` leaks out of one.
 *
 * `uses/` holds the uses; a use that must not compile is marked by `@ts-expect-error` with the reason.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { compileUses, failuresOf, findAny, root } from './api-types.js';

const read = (file: string): string => readFileSync(root + file, 'utf8');

const { exports } = JSON.parse(read('package.json')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
};
const entries = Object.values(exports).flatMap((entry) =>
  typeof entry === 'string' ? [] : [entry.types.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts')],
);

const seen = compileUses({}, (project) => ({
  failures: failuresOf(project),
  unused: entries.filter((entry) => project.program.getSourceFile(root + entry) === undefined),
  anys: findAny(project, entries),
}));

it('Each use of an entry point compiles, or does not compile, as it says', () => {
  expect(seen.failures).toEqual([]);
});

it('Each entry point is used', () => {
  expect(seen.unused).toEqual([]);
});

it('No exported symbol has `any` in its type', () => {
  expect(seen.anys).toEqual([]);
});

/** A type made wider, and the line of the use that must notice it. */
interface Loosening {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly noticedBy: string;
}

const loosenings: readonly Loosening[] = [
  {
    file: 'src/streams/stdio/upstream/stdio-request.ts',
    from: "export type StreamName =\n  | ''",
    to: 'export type StreamName =\n  | (string & {})',
    noticedBy: '// @ts-expect-error a slip in a word',
  },
  {
    file: 'src/run/run-interface.ts',
    from: 'readonly stdout: T;',
    to: 'readonly stdout: any;',
    noticedBy: 'is<Equal<typeof result.stdout, string>>(true);',
  },
  {
    file: 'src/run/run-interface.ts',
    from: 'readonly timeout?: number;',
    to: 'readonly timeout?: unknown;',
    noticedBy: '// @ts-expect-error a number of milliseconds',
  },
  {
    file: 'src/streams/exec/state/state.ts',
    from: "{ readonly kind: 'signaled'; readonly signal: number }",
    to: "{ readonly kind: 'signaled'; readonly signal: number } | { readonly kind: 'paused' }",
    noticedBy: 'return exit satisfies never;',
  },
  {
    file: 'src/streams/exec/interface.ts',
    from: 'readonly exit$: Observable<ExecExit>;',
    to: 'readonly exit$: Observable<unknown>;',
    noticedBy: 'is<Equal<ObservedValueOf<typeof exec.exit$>, ExecExit>>(true);',
  },
  {
    file: 'src/streams/exec/interface.ts',
    from: 'export type KillMode =',
    to: 'export type KillMode = string |',
    noticedBy: '// @ts-expect-error tree or leader',
  },
  {
    file: 'src/hcs/contract/process-spec.ts',
    from: 'export interface ProcessSpec {',
    to: 'export interface ProcessSpec { readonly [name: string]: unknown;',
    noticedBy: '// @ts-expect-error a slip in the description of the process',
  },
  {
    file: 'src/streams/task/interface.ts',
    from: 'readonly system: ComputeSystem;\n  /** The path',
    to: 'readonly system?: ComputeSystem;\n  /** The path',
    noticedBy: '// @ts-expect-error a task has a system',
  },
  {
    file: 'src/hcs/docker/container/options.ts',
    from: "readonly pull?: 'missing' | 'always' | 'never';",
    to: 'readonly pull?: string;',
    noticedBy: '// @ts-expect-error missing, always or never',
  },
  {
    file: 'src/hcs/runc/options.ts',
    from: 'readonly bundle: string;\n  /** Enter',
    to: 'readonly bundle?: string;\n  /** Enter',
    noticedBy: '// @ts-expect-error a container has a bundle',
  },
  {
    file: 'src/orchestrate/condition.ts',
    from: '{ readonly port: number; readonly host?: string }',
    to: '{ readonly port: number | string; readonly host?: string }',
    noticedBy: '// @ts-expect-error a port is a number',
  },
];

it('A type that is made wider is noticed by a use, and an `any` is found', () => {
  const replaced: Record<string, string> = {};
  for (const { file, from, to } of loosenings) {
    const source = replaced[file] ?? read(file);
    expect({ file, from, times: source.split(from).length - 1 }).toEqual({ file, from, times: 1 });
    replaced[file] = source.replace(from, to);
  }
  const { failures, anys } = compileUses(replaced, (project) => ({
    failures: failuresOf(project),
    anys: findAny(project, ['src/index.ts']),
  }));
  const unnoticed = loosenings.filter(
    ({ noticedBy }) => !failures.some((failure) => failure.includes(`: ${noticedBy}`)),
  );
  expect(unnoticed).toEqual([]);
  expect(anys).toContain('src/index.ts: RunResult.stdout');
});
