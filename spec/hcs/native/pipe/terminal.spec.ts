import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import {
  descriptorSink,
  descriptorSource,
  duplicate,
  openTerminal,
  resizeTerminal,
} from '../../../../src/hcs/native/index.js';
import { collect, describeOnLinux } from '../on-linux.js';

const inTerminal = (path: string, script: string) => {
  const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const child = spawn('sh', ['-c', script], { stdio: [slave, slave, slave] });
  closeSync(slave);
  return child;
};

describeOnLinux('a terminal', () => {
  it('has the size it was opened with, and the one it was given later', async () => {
    const { master, path } = openTerminal({ width: 101, height: 33 });
    const output = descriptorSource(duplicate(master));
    const input = descriptorSink(duplicate(master));
    inTerminal(path, 'stty -echo; stty size; read line; stty size');
    let text = '';
    for await (const chunk of output) {
      text += Buffer.from(chunk).toString();
      if (text !== '33 101\r\n') continue;
      resizeTerminal(master, { width: 65_535, height: 0 });
      await input.write(Buffer.from('\n'));
    }
    expect(text).toBe('33 101\r\n0 65535\r\n');
    input.close();
    closeSync(master);
  });

  it('gives all its output before it ends with its last process', async () => {
    const { master, path } = openTerminal({ width: 80, height: 24 });
    inTerminal(path, 'stty -opost; seq 1 40000');
    const expected = Array.from({ length: 40_000 }, (_, index) => `${index + 1}\n`).join('');
    expect((await collect(descriptorSource(master))).toString()).toBe(expected);
  });

  it('has a path at which it can be opened', () => {
    const { master, path } = openTerminal({ width: 80, height: 24 });
    expect(path).toMatch(/^\/dev\/pts\/\d+$/);
    closeSync(master);
  });

  it('cannot be resized when it is none', () => {
    const { master } = openTerminal({ width: 80, height: 24 });
    closeSync(master);
    expect(() => resizeTerminal(master, { width: 1, height: 1 })).toThrow(/^EBADF|ENOTTY/);
  });
});
