import { expect, it } from '@jest/globals';
import { taskTable } from '../../src/cli/adopted/task-table.js';

const row = (id: string) => [id, 'running', '4242', '3.5s', 'me'];

it('has a line for each task', () => {
  expect(taskTable([row('web'), row('db')], 80)).toEqual([
    'ID   STATE    PID   AGE   OWNER',
    'web  running  4242  3.5s  me',
    'db   running  4242  3.5s  me',
  ]);
});

it('puts the rest below the names where both are too wide for the terminal, so that nothing is cut', () => {
  const long = 'a-container-with-a-name-of-sixty-characters-which-is-much-too-wide';
  expect(taskTable([row(long), row('db')], 80)).toEqual([
    'ID',
    '  STATE    PID   AGE   OWNER',
    long,
    '  running  4242  3.5s  me',
    'db',
    '  running  4242  3.5s  me',
  ]);
});

it('stays a line for each where it is not a terminal', () => {
  expect(taskTable([row('x'.repeat(100))], undefined)).toHaveLength(2);
});
