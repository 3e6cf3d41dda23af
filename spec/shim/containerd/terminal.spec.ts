/** A shell in a terminal: `ctr run -t` as a user types it, and what containerd asks of the shim for it. */
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import {
  descriptorSink,
  descriptorSource,
  duplicate,
  openTerminal,
  resizeTerminal,
} from '../../../src/hcs/native/index.js';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { shell, sleeping } from '../../support/containerd/shim-host.js';
import { useContainerd } from '../../support/containerd/use-containerd.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

/** A program in a terminal of its own, typed to and read like a user does. */
const inTerminal = (command: readonly string[]) => {
  const { master, path } = openTerminal({ width: 90, height: 30 });
  const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: [slave, slave, slave], detached: true });
  closeSync(slave);
  const input = descriptorSink(duplicate(master));
  const output = descriptorSource(duplicate(master))[Symbol.asyncIterator]();
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let text = '';
  return {
    ended,
    child,
    type: (keys: string) => input.write(Buffer.from(keys)),
    reads: async (pattern: RegExp): Promise<string> => {
      while (!pattern.test(text)) {
        const { done, value } = await output.next();
        if (done) throw new Error(`ended before ${pattern}: ${text}`);
        text += Buffer.from(value as Uint8Array).toString();
      }
      const seen = text;
      text = '';
      return seen;
    },
    resize: (width: number, height: number) => {
      resizeTerminal(master, { width, height });
      child.kill('SIGWINCH');
    },
    close: () => {
      input.close();
      void output.return?.();
      closeSync(master);
    },
  };
};

describeContainers('a terminal of ctr', () => {
  const containerd = useContainerd();

  it('is a shell that is typed to, has the size of the user’s own, follows it, and ends with the shell’s exit code', async () => {
    const user = inTerminal(containerd().runCommand(['--rm', '-t'], 'shell', ['sh']));
    await user.reads(/# /);
    await user.type('stty size; tty\n');
    expect(await user.reads(/pts\/\d+\r+\n/)).toMatch(/30 90\r+\n/);
    user.resize(101, 41);
    // The size is on its way: ask until it has come.
    await user.type('until [ "$(stty size)" = "41 101" ]; do sleep 0.02; done; echo sized\n');
    await user.reads(/sized\r+\n.*# /s);
    await user.type('exit 6\n');
    expect(await user.ended).toBe(6);
    user.close();
  });

  it('interrupts what runs in it by ^C, as one sitting there would', async () => {
    const user = inTerminal(containerd().runCommand(['--rm', '-t'], 'interrupted', ['sh']));
    await user.reads(/# /);
    // Told by what is to be interrupted: a child that the shell has only just made may miss the signal.
    await user.type("sh -c 'echo go; exec sleep 600'\n");
    await user.reads(/go\r+\n/);
    await user.type('\x03');
    await user.reads(/# /);
    await user.type('echo code $?; exit 0\n');
    expect(await user.reads(/code \d+\r+\n/)).toMatch(/code 130/);
    expect(await user.ended).toBe(0);
    user.close();
  });

  it('is there for an exec too', async () => {
    await containerd().run(['-d'], 'host', ['sleep', '600']);
    const exec = containerd().runCommand([], 'host', []).slice(0, 5);
    const user = inTerminal([
      ...exec,
      'task',
      'exec',
      '-t',
      '--exec-id',
      'e',
      'host',
      'sh',
      '-c',
      'tty; read line; exit $line',
    ]);
    await user.reads(/pts\/\d+\r+\n/);
    await user.type('17\n');
    expect(await user.ended).toBe(17);
    user.close();
  });
});

describeContainers('a terminal of the shim', () => {
  const host = useShimHost();

  it('carries what is typed and what is said through FIFOs, and can be resized', async () => {
    const container = await host().container(
      shell('stty -echo; echo ready; read line; echo "got $line"; stty size; exit 4', { terminal: true }),
    );
    const { id, task } = container;
    const io = container.streams('init', { stdin: true, terminal: true });
    await container.create(io.paths);
    await task.resizePty({ id, execId: '', width: 120, height: 50 });
    await task.start({ id, execId: '' });
    await io.reads(/ready\r\n/);
    await io.stdin.write(Buffer.from('words\n'));
    expect(await io.stdout()).toBe('ready\r\ngot words\r\n50 120\r\n');
    expect(await container.exitOf()).toBe(4);
    expect(await task.state({ id, execId: '' })).toMatchObject({ terminal: true, stdout: io.paths.stdout });
  });

  it('gives all of a long output before its end', async () => {
    const container = await host().container(sleeping);
    await container.run();
    const io = container.streams('e', { terminal: true });
    await container.exec('e', shell('stty -opost; seq 1 40000', { terminal: true }), io.paths);
    expect(await io.stdout()).toBe(Array.from({ length: 40_000 }, (_, index) => `${index + 1}\n`).join(''));
    expect(await container.exitOf('e')).toBe(0);
  });
});
