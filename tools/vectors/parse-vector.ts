/**
 * From the text of a file to a vector. Refuses, with the place and what was expected there, whatever the runner would
 * otherwise misread: a vector that cannot be run as meant must not pass.
 */
import { callNames } from './call-names.js';
import { namedError } from './faults.js';
import { operations } from './operations.js';
import { check, type Fields, list, record, text } from './shape.js';
import type { ExpectedCall, Pair, Setup, Snapshot, Step, Vector } from './vector.js';

/** The vector, or `undefined` for a file that holds something else. */
export const parseVector = (content: string): Vector | undefined => {
  const file = record('the file', JSON.parse(content));
  const isOther = !['scenario', 'setup', 'steps'].some((key) => key in file);
  if (isOther && Object.keys(file).length > 0) return undefined;
  const ids = record('ids', file['ids']);
  const numbered = numbering();
  const steps: Step[] = [];
  for (const [index, raw] of list('steps', file['steps']).entries()) {
    steps.push(parseStep(`steps[${index}]`, record(`steps[${index}]`, raw), { earlier: steps, numbered }));
  }
  return {
    scenario: text('scenario', file['scenario']),
    ids: {
      task: text('ids.task', ids['task']),
      exec: text('ids.exec', ids['exec']),
      bundle: text('ids.bundle', ids['bundle']),
    },
    setup: parseSetup(record('setup', file['setup'])),
    initial: parseSnapshot('initial', file['initial']),
    steps,
  };
};

const parseSetup = (setup: Fields): Setup => {
  const has = (name: string): boolean =>
    check(typeof setup[name] === 'boolean', `setup.${name}`, 'true or false') && setup[name] === true;
  const oneOf = <T extends string>(name: string, ...allowed: T[]): T => {
    check(allowed.includes(setup[name] as T), `setup.${name}`, allowed.join(' | '));
    return setup[name] as T;
  };
  const number = (name: string): number => {
    check(Number.isInteger(setup[name]), `setup.${name}`, 'a whole number');
    return setup[name] as number;
  };
  const faults = record('setup.faults', setup['faults'] ?? {});
  for (const [name, fault] of Object.entries(faults)) {
    const isDelivery = /^process\.(kill|signal)\.delivered$/.test(name);
    check(isDelivery || callNames.has(name), `setup.faults`, `calls that can fail, got ${name}`);
    if (isDelivery) check(fault === false, `setup.faults["${name}"]`, 'false');
    // Said now rather than when it is to be made, where it would pass for the error that it could not be made of.
    else namedError(text(`setup.faults["${name}"]`, fault));
  }
  const gates = list('setup.gates', setup['gates'] ?? []).map((gate) => text('setup.gates', gate));
  for (const gate of gates) check(callNames.has(gate), 'setup.gates', `calls that can wait, got ${gate}`);
  const spec = setup['spec'] ?? undefined;
  return {
    kind: oneOf('kind', 'init', 'exec'),
    os: oneOf('os', 'linux', 'windows'),
    host: oneOf('host', 'none', 'signals', 'noSignals'),
    osBuild: number('osBuild'),
    terminal: has('terminal'),
    stdin: has('stdin'),
    stdout: has('stdout'),
    stderr: has('stderr'),
    spec: spec === undefined ? undefined : record('setup.spec', spec),
    pid: number('pid'),
    faults: faults as Setup['faults'],
    gates,
  };
};

interface Context {
  readonly earlier: readonly Step[];
  readonly numbered: () => number;
}

const parseStep = (place: string, step: Fields, { earlier, numbered }: Context): Step => {
  const op = text(`${place}.op`, step['op']);
  check(Object.hasOwn(operations, op), `${place}.op`, `a known operation, got ${op}`);
  const as = step['as'] === undefined ? undefined : text(`${place}.as`, step['as']);
  const issuer = (name: unknown): number | undefined => {
    if (name === (as ?? 'call')) return earlier.length;
    const index = earlier
      .map((other) => (other.op === 'join' ? undefined : other.as))
      .lastIndexOf(String(name));
    return index < 0 ? undefined : index;
  };
  const seen = list(`${place}.calls`, step['calls']).map((raw, position): ExpectedCall => {
    const at = `${place}.calls[${position}]`;
    const { obj, call, args, result, query } = record(at, raw);
    const isReturn = obj === 'api';
    return {
      id: numbered(),
      obj: query === true ? 'query' : text(`${at}.obj`, obj),
      call: text(`${at}.call`, call),
      ...(args === undefined ? {} : { args }),
      ...(result === undefined ? {} : { result }),
      ...(isReturn ? { of: issuer(args) } : {}),
    };
  });
  const unordered = list(`${place}.unordered`, step['unordered'] ?? []).map((pair): Pair => {
    const [a, b] = list(`${place}.unordered`, pair).map((position) => seen[position as number]?.id);
    check(a !== undefined && b !== undefined, `${place}.unordered`, 'pairs of positions in calls');
    return [a as number, b as number];
  });
  return {
    op,
    args: record(`${place}.args`, step['args'] ?? {}),
    as,
    result: step['result'],
    calls: seen.filter((call) => call.obj !== 'query' && !bytes.has(`${call.obj}.${call.call}`)),
    unordered,
    optional: [],
    after: parseSnapshot(`${place}.after`, step['after']),
  };
};

// What a stream carries is compared as data; how often it was written is not.
const bytes = new Set(['io.stdoutWrite', 'io.stderrWrite', 'process.stdinWrite']);

const parseSnapshot = (place: string, raw: unknown): Snapshot => {
  const { state, pid, status, waitReleased, pending = [], data = {} } = record(place, raw);
  check(states.has(state), `${place}.state`, [...states].join(' | '));
  check(typeof waitReleased === 'boolean', `${place}.waitReleased`, 'true or false');
  if (state !== 'blocked') check(Number.isInteger(pid), `${place}.pid`, 'a whole number');
  return {
    state: state as Snapshot['state'],
    pid: pid as number | undefined,
    status: state === 'blocked' ? undefined : record(`${place}.status`, status),
    waitReleased: waitReleased as boolean,
    pending: list(`${place}.pending`, pending).map((name) => text(`${place}.pending`, name)),
    data: record(`${place}.data`, data) as Record<string, string>,
  };
};

const states = new Set<unknown>(['created', 'running', 'exited', 'blocked']);

const numbering = (): (() => number) => {
  let last = 0;
  return () => (last += 1);
};
