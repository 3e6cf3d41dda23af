import { describe, expect, test } from '@jest/globals';
import { exited, signaled, unknownExit } from '../../../../src/hcs/contract/exit-code.js';
import type { CommandEnd } from '../../../../src/hcs/runc/command/runtime.js';
import {
  isNotFound,
  isNotRunning,
  runtimeError,
  succeeded,
} from '../../../../src/hcs/runc/command/runtime-error.js';

const logged = (msg: string, level = 'error') => JSON.stringify({ level, msg, time: '2026-01-01T00:00:00Z' });
const ended = (messages: string, more: Partial<CommandEnd> = {}): CommandEnd => ({
  exit: exited(1),
  stdout: '',
  messages,
  timedOut: false,
  ...more,
});

describe('what a failed command of a runtime means', () => {
  test.each([
    // runc 1.1
    ['unable to start container process: exec: "x": executable file not found in $PATH', 'notFound', 127],
    ['unable to start container process: exec: "/x": stat /x: no such file or directory', 'notFound', 127],
    ['unable to start container process: exec: "/etc": permission denied', 'failedPrecondition', 126],
    ['unable to start container process: exec: "/etc": is a directory', 'failedPrecondition', 126],
    ['container with given ID already exists', 'alreadyExists', undefined],
    ['container does not exist', 'notFound', undefined],
    ['cannot delete container x that is not stopped: running', 'failedPrecondition', undefined],
    ['cannot start an already running container', 'failedPrecondition', undefined],
    ['cannot start a container that has stopped', 'failedPrecondition', undefined],
    ['exec failed: cannot exec in a stopped container', 'failedPrecondition', undefined],
    [
      'exec failed: cannot exec in a paused container (use --ignore-paused to override)',
      'failedPrecondition',
      undefined,
    ],
    ['container not running', 'failedPrecondition', undefined],
    // crun 1.8
    ['executable file `nosuch` not found in $PATH: No such file or directory', 'notFound', 127],
    ['open executable: Operation not permitted', 'failedPrecondition', 126],
    ['container `x` already exists', 'alreadyExists', undefined],
    ['the container `x` is not in `created` or `stopped` state', 'failedPrecondition', undefined],
    // crun 1.28
    ['executable file `/nope` not found: No such file or directory', 'notFound', 127],
    [
      'the path `/etc/passwd` exists but it is not executable: Operation not permitted',
      'failedPrecondition',
      126,
    ],
    ['the path `/etc` is not a regular file', 'failedPrecondition', 126],
    // Neither.
    ['no space left on device', 'unknown', undefined],
    ['mount /x: no such file or directory', 'unknown', undefined],
  ])('%s', (message, kind, exitStatus) => {
    const error = runtimeError('runc', 'create', ended(logged(message)));
    expect(error).toMatchObject({ kind, exitStatus });
    expect(error.message).toContain(`OCI runtime create failed: ${message}`);
  });

  test('is said by the last line that is an error', () => {
    const log = [
      logged('first'),
      logged('last'),
      logged('only a warning', 'warning'),
      'throwMalformed',
      '{"cut',
    ].join('\n');
    expect(runtimeError('runc', 'start', ended(log)).message).toMatch(/^OCI runtime start failed: last:/);
  });

  test.each([
    ['', exited(3), 'runc ended with exit status 3'],
    ['panic: oh\n', exited(2), 'runc ended with exit status 2: panic: oh'],
    ['', signaled(9), 'runc was killed by signal 9'],
    ['', unknownExit('process 5 was reaped by someone else'), 'runc: process 5 was reaped by someone else'],
  ])('is made up from how it ended where it said nothing (%j)', (messages, exit, expected) => {
    expect(runtimeError('runc', 'kill', ended(messages, { exit })).message).toContain(
      `kill failed: ${expected}`,
    );
  });

  test('is that it does not answer, when its time was up', () => {
    const error = runtimeError('runc', 'delete', ended('', { exit: signaled(9), timedOut: true }));
    expect(error).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('runc did not answer'),
    });
  });
});

describe('a runtime that did not find what was asked for', () => {
  test.each([
    'process already finished',
    'os: process already finished',
    'container not running',
    'container `x` is not running',
    "container 'x' is not running",
    'no such process',
    'kill container: No such process',
    'container does not exist',
    'container "x" does not exist',
    'cannot open directory `/run/crun/x`: No such file or directory',
    "cannot open directory '/run/crun/x': No such file or directory",
  ])('says "%s"', (message) => {
    expect(isNotRunning(ended(logged(message)))).toBe(true);
    // Without a log, on its stderr.
    expect(isNotRunning(ended(message))).toBe(true);
  });

  test('does not say so of other things', () => {
    expect(isNotRunning(ended(logged('operation not permitted')))).toBe(false);
    expect(isNotFound(ended(logged('container not running')))).toBe(false);
    expect(isNotFound(ended(logged('container does not exist')))).toBe(true);
  });

  test('has not done it all the same', () => {
    expect(succeeded(ended(''))).toBe(false);
    expect(succeeded(ended('', { exit: exited(0) }))).toBe(true);
    expect(succeeded(ended('', { exit: signaled(9) }))).toBe(false);
  });
});
