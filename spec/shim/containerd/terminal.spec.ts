/** A shell in a terminal: `ctr run -t` as a user types it, and what containerd asks of the shim for it. */
import { expect, it } from '@jest/globals';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { inTerminal } from '../../support/containerd/in-terminal.js';
import { shell, sleeping } from '../../support/containerd/shim-host.js';
import { useContainerd } from '../../support/containerd/use-containerd.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

describeContainers('a terminal of ctr', () => {
  const containerd = useContainerd();

  it('is a shell that is typed to, has the size of the user’s own, follows it, and ends with the shell’s exit code', async () => {
    const user = inTerminal(containerd().runCommand(['--rm', '-t'], 'shell', ['sh']));
    await user.reads(/# /);
    await user.type('stty size; tty\n');
    expect(await user.reads(/pts\/\d+\r+\n/)).toMatch(/30 90\r+\n/);
    // The size is on its way: ask until it has come.
    await user.type('until [ "$(stty size)" = "41 101" ]; do sleep 0.02; done; echo sized\n');
    const sized = user.reads(/sized\r+\n.*# /s);
    let follows = false;
    void sized.then(
      () => (follows = true),
      () => undefined,
    );
    // ctr looks at the size of its terminal once, and listens for changes a call to the shim later: it misses a change in between.
    while (!follows) {
      user.resize(100, 40);
      user.resize(101, 41);
      await Promise.race([sized, new Promise((resolve) => setTimeout(resolve, 300))]);
    }
    await sized;
    await user.type('exit 6\n');
    expect(await user.ended).toBe(6);
    user.close();
  });

  it('interrupts what runs in it by ^C, as one sitting there would', async () => {
    const user = inTerminal(containerd().runCommand(['--rm', '-t'], 'interrupted', ['sh']));
    await user.reads(/# /);
    // Reported by the process to interrupt: a child that the shell has only just forked may miss the signal.
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
