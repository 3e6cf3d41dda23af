import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parseVector } from '../tools/vectors/parse-vector.js';
import { runFile, runFolder, vectorFiles } from '../tools/vectors/run-folder.js';
import { correct, runVector } from '../tools/vectors/run-vector.js';

const folder = (name: string): string => fileURLToPath(new URL(`vectors/${name}`, import.meta.url));
const recorded = vectorFiles(folder('exec'));
const derived = vectorFiles(folder('exec-extra'));

// biome-ignore lint/suspicious/noExplicitAny: raw JSON, to be tampered with
type Raw = any;

const raw = (scenario: string): Raw => {
  const file = [...recorded, ...derived].find((path) => basename(path) === `${scenario}.json`);
  return JSON.parse(readFileSync(file ?? scenario, 'utf8'));
};

const parsed = (file: Raw) => parseVector(JSON.stringify(file))!;

/** What the runner says of a vector that was tampered with. */
const saidOf = async (scenario: string, tamper: (file: Raw) => void): Promise<string> => {
  const file = raw(scenario);
  tamper(file);
  return (await runVector(parsed(file))).differences.join('\n');
};

const step = (file: Raw, op: string): Raw => file.steps.find((one: Raw) => one.op === op);
const index = (one: Raw, call: string): number => one.calls.findIndex((other: Raw) => other.call === call);

describe('the exec does as the original was seen to do', () => {
  it.each(recorded.map((file) => [basename(file, '.json'), file]))('%s', async (_, file) => {
    expect((await runFile(file))?.differences ?? []).toEqual([]);
  });
});

describe('the exec does as the original must, by what is known of it', () => {
  it.each(derived.map((file) => [basename(file, '.json'), file]))('%s', async (_, file) => {
    expect((await runFile(file))?.differences).toEqual([]);
  });
});

describe('a correction applies where its reason is, and nowhere else', () => {
  const corrections = (files: readonly string[]) =>
    Object.fromEntries(
      files.flatMap((file) => {
        const vector = parseVector(readFileSync(file, 'utf8'));
        const { corrected } = vector === undefined ? { corrected: [] } : correct(vector);
        return corrected.length === 0 ? [] : [[basename(file, '.json'), corrected.join()]];
      }),
    );

  it('among the recorded vectors', () => {
    expect(corrections(recorded)).toEqual({
      'exit-code--1': 'C4',
      'exit-code-error': 'C4',
      'kill-blocked-lcow': 'C5,C2',
      'start-blocked-locks': 'C2',
      'start-concurrent': 'C2',
      'start-container-exits-meanwhile': 'C2',
      'start-exec-publish-fails': 'C1',
      'start-exec-publish-fails-streams': 'C1',
    });
  });

  it('among the derived ones', () => {
    const found = corrections(derived);
    const without = derived.map((file) => basename(file, '.json')).filter((name) => !(name in found));
    expect(found).toMatchObject({
      'forceexit-never-exits': 'C3',
      'container-exit-process-stays': 'C3',
      'upstream-never-reads': 'C6',
      'exit-publish-fails-time-passes': 'C8',
      'start-publish-fails-blocked': 'C1,C2',
      'kill-blocked-code-unreadable': 'C4,C5,C2',
    });
    expect(without).toEqual([
      'exit-code--2',
      'exit-code-0',
      'exit-code-256',
      'exit-code-3221225786',
      'exit-code-4294967295',
      'exit-code-asked-late',
      'exit-steps-blocked',
      'forceexit-created-4294967295',
      'io-drain-never-ends-init',
      'io-stdout-write-fails',
      'kill-blocked-wcow-signal',
      'output-close-blocked',
      'process-close-blocked',
      'resize-fails',
      'start-init-publish-fails-streams',
      'start-init-wcow',
      'stdin-given-early',
      'upstream-does-not-read',
    ]);
  });

  it('whatever the scenario is called', () => {
    const file = raw('kill-blocked-lcow');
    file.scenario = 'exit-code--1';
    expect(correct(parsed(file)).corrected).toEqual(['C5', 'C2']);
  });

  it('and an init that cannot be announced is none of its business', () => {
    expect(correct(parsed(raw('start-init-publish-fails'))).corrected).toEqual([]);
  });
});

describe('the runner notices', () => {
  it('calls in another order', async () => {
    const said = await saidOf('start-init-create-fails', (file) => {
      const { calls } = step(file, 'start');
      [calls[2], calls[3]] = [calls[3], calls[2]];
    });
    expect(said).toContain('order      container.close must come before container.terminate');
  });

  it('an order that was only seen in pairs left out', async () => {
    const said = await saidOf('closeio-created', (file) => {
      const start = step(file, 'start');
      const [stdin] = start.calls.splice(index(start, 'closeStdin'), 1);
      start.calls.unshift(stdin);
      start.unordered = [];
    });
    expect(said).toContain('order      process.closeStdin must come before container.createProcess');
  });

  it.each([
    ['kill-error-other-kill-lcow', 'kill', 'kill'],
    ['exit-code-137', 'process.exit', 'publish TaskExit'],
    ['io-drain-never-ends', 'awaitWaitReleased', 'close'],
    ['kill-blocked-lcow', 'release', 'close'],
  ])('in %s that a call of %s is not in the vector', async (scenario, op, call) => {
    const said = await saidOf(scenario, (file) => {
      const one = step(file, op);
      one.calls.splice(index(one, call), 1);
      one.unordered = [];
    });
    expect(said).toContain(`${call}`);
    expect(said).toContain('is not expected');
  });

  it('that a call of the vector does not come', async () => {
    const said = await saidOf('exit-code-137', (file) =>
      step(file, 'process.exit').calls.push({ obj: 'container', call: 'terminate', result: 'ok' }),
    );
    expect(said).toContain('call       - container.terminate is missing');
  });

  it('other arguments of a call', async () => {
    const said = await saidOf('start-exec-wcow', (file) => {
      step(file, 'start').calls[0].args.CommandLine += ' ';
    });
    expect(said).toContain('- container.createProcess');
  });

  it.each(['exit-code-137', 'exit-code--1', 'kill-blocked-lcow'])(
    'another status in %s',
    async (scenario) => {
      const said = await saidOf(scenario, (file) => {
        for (const { after } of file.steps) if (after.status?.exitedAt === 'set') after.status.exitStatus = 7;
      });
      expect(said).toMatch(/status\.exitStatus expected 7\n +actual \d+/);
    },
  );

  it.each([
    ['state', (after: Raw) => (after.state = 'created')],
    ['pid', (after: Raw) => (after.pid = 1)],
    ['waitReleased', (after: Raw) => (after.waitReleased = true)],
    ['pending', (after: Raw) => (after.pending = ['unknown'])],
    ['data.upstreamStdout', (after: Raw) => (after.data.upstreamStdout = 'x')],
  ])('another %s', async (name, tamper) => {
    expect(await saidOf('io-roundtrip', (file) => tamper(step(file, 'start').after))).toContain(
      `${name.padEnd(10)} expected`,
    );
  });

  it('another result, and another text of an error of our own', async () => {
    const result = (to: Raw) =>
      saidOf('kill-exited-lcow', (file) => {
        step(file, 'kill').result = to;
      });
    expect(await result({ error: null })).toContain('result     expected {"error":null}');
    expect(await result({ error: { kind: 'notFound', message: 'gone' } })).toContain('result     expected');
  });

  it('that an injected error comes as another one', async () => {
    const said = await saidOf('kill-error-other-kill-lcow', (file) => {
      file.setup.faults['container.start'] = 'another';
      step(file, 'kill').result.error.message = 'another';
    });
    expect(said).toContain('"message":"broken bridge"');
  });

  it('that a correction was not made', async () => {
    const said = await saidOf('start-concurrent', (file) => {
      file.steps[0].after = { ...file.initial, state: 'created', pending: [] };
    });
    expect(said).toContain('pending    expected []');
  });
});

describe('a folder of vectors', () => {
  const run = async (files: Record<string, string>, wanted?: string) => {
    const at = mkdtempSync(join(tmpdir(), 'vectors-'));
    try {
      for (const [name, content] of Object.entries(files)) writeFileSync(join(at, name), content);
      const lines: string[] = [];
      const allIsWell = await runFolder(at, { wanted, print: (line) => lines.push(line) });
      return { allIsWell, said: lines.join('\n'), last: lines.at(-1) };
    } finally {
      rmSync(at, { recursive: true });
    }
  };
  const good = JSON.stringify(raw('exit-code-1'));
  const change = (act: (file: Raw) => void): string => {
    const file = raw('exit-code-1');
    act(file);
    return JSON.stringify(file);
  };

  it('is counted in the last line, files of other kinds aside', async () => {
    const table = readFileSync(join(folder('exec'), 'signal-table.json'), 'utf8');
    const result = await run({
      'a.json': good,
      'b.json': good,
      'README.md': '#',
      'signal-table.json': table,
    });
    expect(result).toMatchObject({ allIsWell: true, last: '2 passed, 0 failed' });
  });

  it.each([
    ['no JSON', '{"scenario":', 'JSON'],
    ['nothing', '', 'JSON'],
    ['a list', '[]', 'expected an object'],
    ['an empty object', '{}', 'expected'],
    ['no steps', change((file) => delete file.steps), 'steps: expected a list'],
    ['an unknown operation', change((file) => (file.steps[0].op = 'pause')), 'a known operation, got pause'],
    ['an operation by heritage', change((file) => (file.steps[0].op = 'toString')), 'a known operation'],
    ['an unknown gate', change((file) => (file.setup.gates = ['io.open'])), 'got io.open'],
    ['an unknown fault', change((file) => (file.setup.faults = { 'io.open': 'no' })), 'got io.open'],
    [
      'an unknown error',
      change((file) => (file.setup.faults = { 'process.kill': 'hcs:whatever' })),
      'unknown error name hcs:whatever',
    ],
    ['an unknown system', change((file) => (file.setup.os = 'plan9')), 'setup.os: expected linux | windows'],
    ['no snapshot', change((file) => delete file.steps[1].after), 'steps[1].after: expected an object'],
    [
      'pairs out of range',
      change((file) => (file.steps[0].unordered = [[0, 99]])),
      'unordered: expected pairs of positions',
    ],
    [
      'a release of no gate',
      change((file) => (file.steps[1] = { ...file.steps[1], op: 'release' })),
      'no shut gate',
    ],
  ])('has failed with a file that holds %s', async (_, content, message) => {
    const result = await run({ 'a.json': good, 'broken.json': content });
    expect(result).toMatchObject({ allIsWell: false, last: '1 passed, 1 failed' });
    expect(result.said).toContain(message);
  });

  it('proves nothing when it is empty, is not there, or has nothing of that name', async () => {
    expect(await run({})).toMatchObject({ allIsWell: false, last: '0 passed, 0 failed' });
    expect(await run({ 'a.json': good }, 'no-such')).toMatchObject({ allIsWell: false });
    const lines: string[] = [];
    expect(await runFolder('/no/such/folder', { print: (line) => lines.push(line) })).toBe(false);
    expect(lines.at(-1)).toBe('0 passed, 1 failed');
  });

  it('can be run in part, by name', async () => {
    const other = change((file) => (file.scenario = 'something-else'));
    const result = await run({ 'a.json': good, 'b.json': other }, 'else');
    expect(result).toMatchObject({ allIsWell: true, last: '1 passed, 0 failed' });
  });
});
