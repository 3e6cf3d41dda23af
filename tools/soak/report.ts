/** The table at the end of a soak, and whether anything in it is a failure. */
import type { Census } from '../../spec/support/containerd/census.js';
import type { Contender } from './contender.js';
import type { Ledger, Verdict } from './ledger.js';
import type { Fault } from './tally.js';

export interface Report {
  readonly table: string;
  /** Each failure in words. */
  readonly failures: readonly string[];
}

type Row = readonly [name: string, ...values: (string | number)[]];

export const reportOf = (
  contenders: readonly Contender[],
  ledger: Ledger,
  restarts: number,
  left: Census,
): Report => {
  const columns = contenders.map((contender) => ({
    ...contender,
    growth: contender.growth,
    verdict: ledger.judge(contender.owns),
  }));
  const each = (name: string, value: (column: (typeof columns)[number]) => string | number): Row => [
    name,
    ...columns.map(value),
  ];
  const faults = (kind: Fault) => (column: (typeof columns)[number]) =>
    column.tally.faults.filter((fault) => fault.kind === kind).length;
  const of = (key: keyof Verdict) => (column: (typeof columns)[number]) => {
    const value = column.verdict[key];
    return typeof value === 'number' ? value : value.length;
  };
  const growth = (key: 'memory' | 'descriptors') => (column: (typeof columns)[number]) =>
    column.growth
      .map(
        ({ first, last }) =>
          `${first[key].toFixed(0)} → ${last === undefined ? 'gone' : last[key].toFixed(0)}`,
      )
      .join(', ') || '–';

  const table = lined([
    ['', ...columns.map(({ name }) => name)],
    each('containers', ({ tally }) => tally.containers),
    each('execs', ({ tally }) => tally.execs),
    each('wrong exit codes', faults('exit code')),
    each('wrong output', faults('output')),
    each('calls that failed', faults('call')),
    each('events', of('expected')),
    each('events lost', of('lost')),
    each('events published twice, or unexpected', of('duplicated')),
    each('events out of order', of('misordered')),
    each('exit events with a wrong status', of('wrongStatus')),
    each('daemons: private memory, first → last, MiB', growth('memory')),
    each('daemons: descriptors, first → last', growth('descriptors')),
    ...Object.entries(left).map(([kind, { length }]): Row => [`left behind: ${kind}`, length]),
    [`not counted, with ${restarts} restarts of containerd`],
    each('  containers while they were created', ({ tally }) => tally.cutShort),
    each('  events that containerd took and never published', of('lostByRestart')),
    each('  events sent again, as the answer was cut or late', of('repeated')),
    each('  ends that containerd published by itself, too', of('byContainerd')),
  ]);

  const failures = columns.flatMap(({ name, tally, verdict, growth }) =>
    [
      ...tally.faults.map(({ kind, text }) => `${kind}: ${text}`),
      ...verdict.lost.map((text) => `event lost: ${text}`),
      ...verdict.duplicated.map((text) => `event too many: ${text}`),
      ...verdict.misordered.map((text) => `event out of order: ${text}`),
      ...verdict.wrongStatus.map((text) => `event with a wrong status: ${text}`),
      ...growth.flatMap(({ last, isGrowth }) =>
        last === undefined ? ['a daemon of residents is gone'] : isGrowth ? ['a daemon has grown'] : [],
      ),
    ].map((text) => `${name}: ${text}`),
  );
  const remains = Object.entries(left).flatMap(([kind, names]: [string, readonly string[]]) =>
    names.map((name) => `left behind: ${kind}: ${name}`),
  );
  return { table, failures: [...failures, ...remains] };
};

const lined = (rows: readonly Row[]): string => {
  const first = Math.max(...rows.map(([name]) => name.length));
  const widths: number[] = [];
  for (const [, ...values] of rows)
    values.forEach((value, at) => {
      widths[at] = Math.max(widths[at] ?? 0, String(value).length);
    });
  return rows
    .map(([name, ...values]) =>
      [name.padEnd(first), ...values.map((value, at) => String(value).padStart((widths[at] ?? 0) + 2))].join(
        '',
      ),
    )
    .join('\n');
};
