import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { consoleSocket } from '../../../../src/hcs/runc/launch/console-socket.js';
import { describeOnLinux } from '../../native/on-linux.js';

describeOnLinux('the socket for a terminal', () => {
  let directory = '';
  const path = () => join(directory, 'console');
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'spec-console-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const answer = (): Promise<number | Error> => {
    const socket = consoleSocket(path());
    return new Promise((resolve) => socket.master(resolve));
  };

  test('is there at once, and takes no words for a terminal', async () => {
    const answered = answer();
    connect(path()).end('here it is');
    expect(await answered).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('gave no terminal: the message held no descriptor'),
    });
  });

  test('takes no silence for one either', async () => {
    const answered = answer();
    connect(path()).end();
    expect(await answered).toMatchObject({ kind: 'unavailable' });
  });

  test('says so where it cannot be', async () => {
    const socket = consoleSocket(join(directory, 'nosuch', 'console'));
    const answered = await new Promise((resolve) => socket.master(resolve));
    expect(answered).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('EACCES') });
  });

  test('is removed when nothing is expected any longer, and later connections are refused', async () => {
    const socket = consoleSocket(path());
    const comer = connect(path());
    await new Promise((resolve) => comer.once('connect', resolve));
    socket.close();
    socket.close();
    await new Promise((resolve) => comer.once('close', resolve).resume());
    expect(readdirSync(directory)).toEqual([]);
  });
});
