import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { RxshimError } from '../src/index.js';
import { refusalDifferences } from '../tools/kubernetes-vectors/refusal-differences.js';
import { runKubernetesFolder } from '../tools/kubernetes-vectors/run-folder.js';

const folder = fileURLToPath(new URL('vectors/kubernetes', import.meta.url));

test('the engine sees in recorded sessions of a cluster what was to be seen', async () => {
  const printed: string[] = [];
  await runKubernetesFolder(folder, { print: (line) => printed.push(line) });
  expect(printed).toEqual(['7 passed, 0 failed']);
});

test('the replay notices a refusal without its kind, its text or the missing verb', () => {
  const message = 'ask: pods is forbidden (the role must allow get on pods)';
  expect(refusalDifferences(new RxshimError('permissionDenied', message), 403, 'pods is forbidden')).toEqual(
    [],
  );
  expect(refusalDifferences(new RxshimError('notFound', message), 403, 'pods is forbidden').join()).toMatch(
    /kind/,
  );
  expect(refusalDifferences(new RxshimError('permissionDenied', 'ask'), 403, 'forbidden')).toHaveLength(2);
});

test('a folder without sessions proves nothing', async () => {
  const printed: string[] = [];
  expect(await runKubernetesFolder(`${folder}-absent`, { print: (line) => printed.push(line) })).toBe(false);
  expect(printed.at(-1)).toBe('0 passed, 1 failed');
});
