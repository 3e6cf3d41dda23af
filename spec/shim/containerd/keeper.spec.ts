/** The shim with a keeper (`RXSHIM_KEEPER=1`), under the real containerd: docs/keeper.md. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { inTerminal } from '../../support/containerd/in-terminal.js';
import { until } from '../../support/containerd/run.js';
import { isOwn } from '../../support/containerd/runtime.js';
import { useContainerd } from '../../support/containerd/use-containerd.js';

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);

/** Empty for a process that has ended since it was listed: a runtime command does. */
const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').join(' ');
  } catch {
    return '';
  }
};

if (isOwn)
  describeContainers('a shim with a keeper', () => {
    const containerd = useContainerd({ RXSHIM_KEEPER: '1' });

    const familyOf = async (id: string): Promise<{ readonly keeper: number; readonly brain: number }> => {
      const shim = containerd().shim(id);
      const keeper = await shim.shimPid();
      shim.close();
      const brain = childrenOf(keeper).find((pid) => commandOf(pid).includes('boot.cjs')) as number;
      return { keeper, brain };
    };
    const killed = async (pid: number): Promise<void> => {
      process.kill(pid, 'SIGKILL');
      await until(() => !existsSync(`/proc/${pid}`));
    };

    it('runs a container and its execs, with their output and their exit codes', async () => {
      const ran = await containerd().run(['--rm'], 'short', ['sh', '-c', 'echo said; exit 7']);
      expect(ran).toMatchObject({ code: 7, stdout: 'said\n' });
      await containerd().run(['-d'], 'host', ['sleep', '600']);
      const exec = (id: string, ...command: string[]) =>
        containerd().ctr(['task', 'exec', '--exec-id', id, 'host', ...command]);
      expect(await exec('a', 'sh', '-c', 'echo more; exit 3')).toMatchObject({ code: 3, stdout: 'more\n' });
      const many = await Promise.all(
        [1, 2, 3, 4, 5, 6].map((code) => exec(`e${code}`, 'sh', '-c', `exit ${code}`)),
      );
      expect(many.map(({ code }) => code)).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('is a keeper for containerd, with the brain and the container as its children', async () => {
      await containerd().run(['-d'], 'family', ['sleep', '600']);
      const shim = containerd().shim('family');
      const keeper = await shim.shimPid();
      shim.close();
      expect(commandOf(keeper)).toMatch(/^keeper /);
      const children = childrenOf(keeper).map(commandOf);
      expect(children.some((command) => command.includes('boot.cjs'))).toBe(true);
      expect(children.some((command) => command.startsWith('sleep 600'))).toBe(true);
    });

    it('moves output while the brain stands still, and has the exit for it afterwards', async () => {
      const script = 'trap "echo second; exit 5" USR1; echo first; while :; do sleep 0.1; done';
      const running = containerd().startRun(['--rm'], 'still', ['sh', '-c', script]);
      await running.said(/first/);
      const shim = containerd().shim('still');
      const keeper = await shim.shimPid();
      shim.close();
      const children = childrenOf(keeper);
      const brain = children.find((pid) => commandOf(pid).includes('boot.cjs')) as number;
      const init = children.find((pid) => commandOf(pid).startsWith('sh -c trap')) as number;
      process.kill(brain, 'SIGSTOP');
      process.kill(init, 'SIGUSR1');
      await running.said(/second/);
      await until(() => !existsSync(`/proc/${init}`));
      process.kill(brain, 'SIGCONT');
      expect(await running.ended).toMatchObject({ code: 5, stdout: 'first\nsecond\n' });
    });

    it('goes on with containers and execs when its brain is killed: output, state, execs, exits and deletion', async () => {
      const waiting = (file: string) => `while ! [ -e /tmp/${file} ]; do sleep 0.05; done`;
      const running = containerd().startRun([], 'kept', [
        'sh',
        '-c',
        `mkdir -p /tmp; echo first; ${waiting('last')}; echo last; exit 5`,
      ]);
      await running.said(/first/);
      const exec = containerd().startCtr([
        'task',
        'exec',
        '--exec-id',
        // The id of its container: the two are kept apart.
        'kept',
        'kept',
        'sh',
        '-c',
        `echo begun; ${waiting('over')}; echo over; exit 6`,
      ]);
      await exec.said(/begun/);
      const { keeper, brain } = await familyOf('kept');
      await killed(brain);
      expect(await containerd().ctr(['task', 'ls'])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^kept +\d+ +RUNNING$/m),
      });
      const after = await familyOf('kept');
      expect(after.keeper).toBe(keeper);
      expect(after.brain).not.toBe(brain);
      expect(
        await containerd().ctr([
          'task',
          'exec',
          '--exec-id',
          'later',
          'kept',
          'sh',
          '-c',
          'touch /tmp/over; exit 4',
        ]),
      ).toMatchObject({ code: 4 });
      expect(await exec.ended).toMatchObject({ code: 6, stdout: 'begun\nover\n' });
      await containerd().ctr(['task', 'exec', '--exec-id', 'last', 'kept', 'touch', '/tmp/last']);
      expect(await running.ended).toMatchObject({ code: 5, stdout: 'first\nlast\n' });
    });

    it('has the exits and the output of processes that end while there is no brain', async () => {
      const running = containerd().startRun([], 'alone', [
        'sh',
        '-c',
        'trap "echo ended; exit 9" USR1; echo up; while :; do sleep 0.05; done',
      ]);
      await running.said(/up/);
      const { keeper, brain } = await familyOf('alone');
      const init = childrenOf(keeper).find((pid) => commandOf(pid).startsWith('sh -c trap')) as number;
      process.kill(brain, 'SIGSTOP');
      process.kill(init, 'SIGUSR1');
      await running.said(/ended/);
      await until(() => !existsSync(`/proc/${init}`));
      await killed(brain);
      expect(await running.ended).toMatchObject({ code: 9, stdout: 'up\nended\n' });
    });

    it('keeps the terminal and the input of a shell when its brain is killed', async () => {
      const user = inTerminal(containerd().runCommand(['--rm', '-t'], 'shell', ['sh']));
      await user.reads(/# /);
      const { brain } = await familyOf('shell');
      await killed(brain);
      await user.type('echo still $((40 + 2))\n');
      await user.reads(/still 42\r+\n/);
      await killed((await familyOf('shell')).brain);
      await user.type('exit 3\n');
      expect(await user.ended).toBe(3);
      user.close();
    });

    it('leaves neither keeper nor brain after the last container', async () => {
      await containerd().run(['-d'], 'last', ['sleep', '600']);
      const { keeper } = await familyOf('last');
      const family = [keeper, ...childrenOf(keeper)];
      await containerd().ctr(['task', 'rm', '-f', 'last']);
      await until(() => !family.some((pid) => existsSync(`/proc/${pid}`)));
    });
  });
