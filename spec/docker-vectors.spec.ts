import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { exited, unknownExit } from '../src/index.js';
import { differences } from '../tools/docker-vectors/outcome.js';
import { runDockerFolder } from '../tools/docker-vectors/run-folder.js';

const folder = fileURLToPath(new URL('vectors/docker', import.meta.url));

test('the engine does opposite recorded daemons as their users saw it', async () => {
  const printed: string[] = [];
  expect(await runDockerFolder(folder, { print: (line) => printed.push(line) })).toBe(true);
  expect(printed).toEqual(['10 passed, 0 failed']);
});

describe('the replay notices', () => {
  const wanted = { stdout: 'out\n', stderr: '', mayBeTruncated: false, code: 7 };
  const seen = { stdout: 'out\n', stderr: '', truncated: false, exit: exited(7) };

  test.each([
    ['another exit code', { ...seen, exit: exited(0) }, /exited with 7 expected/],
    ['an exit that is not known', { ...seen, exit: unknownExit('lost') }, /exited with 7 expected/],
    ['output that is lost', { ...seen, stdout: '' }, /stdout: 4 characters/],
    ['output that comes twice', { ...seen, stdout: 'out\nout\n' }, /stdout: 4 characters/],
    ['an error for a reader who lost nothing', { ...seen, truncated: true }, /though nothing was lost/],
    ['a start that failed', { ...seen, failed: { at: 'start', error: 'no' } as const }, /failed to start/],
  ])('%s', (_, outcome, text) => {
    expect(differences(wanted, seen)).toEqual([]);
    expect(differences(wanted, outcome).join()).toMatch(text);
  });
});

test('a folder without sessions proves nothing', async () => {
  const printed: string[] = [];
  expect(await runDockerFolder('/no/such', { print: (line) => printed.push(line) })).toBe(false);
  expect(printed.at(-1)).toBe('0 passed, 1 failed');
});
