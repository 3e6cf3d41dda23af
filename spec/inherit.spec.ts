/**
 * `stdout: 'inherit'` under a parent whose pipe is non-blocking, or becomes so: as under every Node parent, concurrently,
 * turbo and jest. A program of its own plays the parent's child; the parent reads nothing until the pipe is full.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { descriptorSource, openPipe } from '../src/hcs/native/index.js';
import { describeOnLinux } from './hcs/native/on-linux.js';

const scratch = new URL('../dist-tools/inherit/', import.meta.url);
const program = new URL('program.mjs', scratch).pathname;
const bytes = 4_000_000;

const code = `
import { createTask } from 'rxshim';
import { local } from 'rxshim/local';
const [writes, args] = [process.argv[2], process.argv.slice(3)];
if (writes === 'before') process.stdout.write('start\\n');
const task = await createTask({ id: 't', system: local(), spec: { args }, stdio: { stdin: 'inherit', stdout: 'inherit' } });
await task.init.start();
if (writes === 'after') process.stdout.write('start\\n');
console.error('pid ' + task.init.pid);
const { status } = await task.wait();
console.error('status ' + status);
`;

/** What the program said on stderr, one line at a time. */
const linesOf = async function* ({ stderr }: ChildProcess): AsyncGenerator<string> {
  yield* createInterface({ input: stderr! });
};

/** Waits until a process that would never rest by itself rests, or has ended. */
const stuck = async (pid: string): Promise<void> => {
  for (let resting = 0; resting < 10; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    try {
      const [state] = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] as string).split(' ');
      resting = state === 'S' ? resting + 1 : 0;
    } catch {
      return;
    }
  }
};

const until = async (lines: AsyncGenerator<string>, word: string): Promise<string> => {
  for (;;) {
    const { done, value } = await lines.next();
    if (done === true) throw new Error(`the program ended without '${word}'`);
    if (value.startsWith(word)) return value.slice(word.length + 1);
  }
};

describeOnLinux.each(['before', 'after'])(
  'a process that inherits the stdout of a program, which writes to it %s the start',
  (writes) => {
    beforeAll(() => {
      mkdirSync(scratch, { recursive: true });
      writeFileSync(program, code);
    });
    afterAll(() => rmSync(scratch, { recursive: true, force: true }));
    const args = [program, writes, 'head', '-c', `${bytes}`, '/dev/zero'];

    it('loses nothing under a Node parent that is busy', async () => {
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      const said = linesOf(child);
      await stuck(await until(said, 'pid'));
      let length = 0;
      child.stdout.on('data', (chunk: Buffer) => (length += chunk.length));
      const ended = new Promise((resolve) => child.on('close', resolve));
      expect(await until(said, 'status')).toBe('0');
      await ended;
      expect(length).toBe(bytes + 'start\n'.length);
    });

    it('loses nothing in a pipeline of a shell', async () => {
      const { read, write } = openPipe();
      const child = spawn(process.execPath, args, { stdio: ['ignore', write, 'pipe'] });
      closeSync(write);
      const said = linesOf(child);
      await stuck(await until(said, 'pid'));
      let length = 0;
      for await (const chunk of descriptorSource(read)) length += chunk.length;
      expect(length).toBe(bytes + 'start\n'.length);
      expect(await until(said, 'status')).toBe('0');
    });
  },
);

describeOnLinux('a process that inherits', () => {
  beforeAll(() => {
    mkdirSync(scratch, { recursive: true });
    writeFileSync(program, `void process.stdin;${code}`);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it('the stdin of a program that has looked at it reads without EAGAIN', async () => {
    const child = spawn(process.execPath, [program, 'never', 'cat'], { stdio: ['pipe', 'pipe', 'pipe'] });
    const said = linesOf(child);
    await stuck(await until(said, 'pid'));
    child.stdin.end('typed late\n');
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += String(chunk)));
    const ended = new Promise((resolve) => child.on('close', resolve));
    expect(await until(said, 'status')).toBe('0');
    await ended;
    expect(text).toBe('typed late\n');
  });

  it('a socket of its parent gets SIGPIPE when that has gone', async () => {
    const child = spawn(process.execPath, [program, 'before', 'yes'], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = linesOf(child);
    await until(said, 'pid');
    child.stdout.destroy();
    expect(await until(said, 'status')).toBe(`${128 + 13}`);
  });
});
