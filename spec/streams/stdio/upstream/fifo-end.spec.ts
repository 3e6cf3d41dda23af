import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { local } from '../../../../src/hcs/local/index.js';
import { descriptorSource } from '../../../../src/hcs/native/index.js';
import type { StdioRequest } from '../../../../src/streams/stdio/upstream/stdio-request.js';
import { createTask } from '../../../../src/streams/task/task.js';
import { describeOnLinux } from '../../../hcs/native/on-linux.js';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxshim-fifo-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const fifo = (name: string): string => {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return path;
};

/** What a client reads, to the end of it. */
const readAll = async (path: string): Promise<string> => {
  let text = '';
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  for await (const chunk of descriptorSource(fd)) text += Buffer.from(chunk).toString();
  return text;
};

/** A system that hands its descriptors over, or one that does not, so that bytes are relayed. */
const systems = [
  ['handed over', () => local()],
  ['relayed', () => Object.assign(local(), { takesDescriptors: false })],
] as const;

const started = async (system: ReturnType<typeof local>, script: string, stdio: StdioRequest) => {
  const task = await createTask({ id: 't', system, spec: { args: ['sh', '-c', script] }, stdio });
  await task.init.start();
  return task;
};

for (const [how, system] of systems) {
  describeOnLinux(`a named pipe that is ${how}`, () => {
    test('ends for its reader when the process closes it, however long the process lives', async () => {
      const stdout = fifo('out');
      const reading = readAll(stdout);
      const task = await started(system(), 'echo said; exec >&-; sleep 600', { stdout: { path: stdout } });
      expect(await reading).toBe('said\n');
      expect(task.init.state).toBe('running');
      await task[Symbol.asyncDispose]();
    });

    test('that is stdout and stderr ends when both are closed', async () => {
      const both = fifo('both');
      const reading = readAll(both);
      const task = await started(system(), 'exec 2>&-; echo still; exec >&-; sleep 600', {
        stdout: { path: both },
        stderr: { path: both },
      });
      expect(await reading).toBe('still\n');
      await task[Symbol.asyncDispose]();
    });

    test('waits for a client that has gone away, and loses nothing', async () => {
      const stdout = fifo('out');
      const task = await started(system(), 'echo one; sleep 0.2; echo two; exec >&-; sleep 600', {
        stdout: { path: stdout },
      });
      const first = openSync(stdout, constants.O_RDONLY | constants.O_NONBLOCK);
      const source = descriptorSource(first);
      for await (const chunk of source) {
        expect(Buffer.from(chunk).toString()).toBe('one\n');
        break;
      }
      expect(await readAll(stdout)).toBe('two\n');
      await task[Symbol.asyncDispose]();
    });
  });
}
