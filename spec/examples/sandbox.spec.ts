/** The sandbox of the examples, attacked. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import type { Limits } from '../../examples/sandbox/limits.js';
import { collected, openSandbox, type Sandbox } from '../../examples/sandbox/sandbox.js';
import { dockerRegistry } from '../../src/hcs/docker/index.js';
import { type ListedTask, listTasks } from '../../src/index.js';
import { ask, onEachDaemon, quickly } from '../hcs/docker/on-daemons.js';
import { bundleProgram } from '../support/bundle-program.js';
import { image } from '../support/docker-daemons.js';

const MiB = 2 ** 20;

const host = bundleProgram(new URL('sandbox-host.ts', import.meta.url));

/** A command that no other process of this machine runs. */
const nap = `sleep 7${process.pid}`;

onEachDaemon(
  'a sandbox',
  ({ name, daemon, containers }) => {
    const opened: Sandbox[] = [];
    const sandboxWith = async (limits: Partial<Limits> = {}, warm = 0): Promise<Sandbox> => {
      const sandbox = await openSandbox({ image, host: daemon().host, owner: 'spec', warm, limits });
      opened.push(sandbox);
      return sandbox;
    };
    const attack = async (script: string, limits: Partial<Limits> = {}, input?: string) => {
      const sandbox = await sandboxWith(limits);
      const end = await collected(sandbox.run(['sh', '-c', script], input));
      // Nothing of it is left when its end is known.
      expect(await containers()).toEqual([]);
      return end;
    };
    afterAll(() => Promise.all(opened.map((sandbox) => sandbox.close())));

    test('has the output of the code as it comes, and its status', async () => {
      expect(await attack('cat; echo err >&2; exit 3', {}, 'typed\n')).toEqual({
        reason: 'exited',
        status: 3,
        stdout: 'typed\n',
        stderr: 'err\n',
      });
    });

    test('takes an exit status of 137 for what it is', async () => {
      expect(await attack('exit 137')).toMatchObject({ reason: 'exited', status: 137 });
      expect(await attack('kill -9 $$')).toMatchObject({ reason: 'exited', status: 137 });
    });

    test('says that a command does not exist', async () => {
      const sandbox = await sandboxWith();
      expect(await collected(sandbox.run(['nosuch']))).toMatchObject({ reason: 'notStarted', status: 127 });
    });

    describe('ends', () => {
      test('code that forks without end', async () => {
        const script = 'f() { f | f & }; f 2>/dev/null & exec sleep 1000';
        expect(await attack(script, { timeout: 1_500 })).toMatchObject({ reason: 'timeout' });
      });

      test('code that ignores every signal', async () => {
        const script = 'trap "" HUP INT QUIT TERM USR1 USR2; echo up; while :; do sleep 1; done';
        expect(await attack(script, { timeout: 5_000 })).toMatchObject({ reason: 'timeout', stdout: 'up\n' });
      });

      test('code that stops itself', async () => {
        expect(await attack('kill -STOP $$', { timeout: 1_000 })).toMatchObject({ reason: 'timeout' });
      });

      test.each([
        ['itself', 'x=a; while :; do x=$x$x; done'],
        ['in a child', 'sh -c "x=a; while :; do x=\\$x\\$x; done"; exit $?'],
        ['with files', 'cat /dev/zero >/tmp/a 2>/dev/null; x=a; while :; do x=$x$x; done'],
      ])('code that takes all memory %s', async (how, script) => {
        const end = await attack(script, { memory: 24 * MiB, disk: 12 * MiB, timeout: 20_000 });
        expect({ how, reason: end.reason, ok: end.status === 0 }).toEqual({
          how,
          reason: 'memory',
          ok: false,
        });
      });

      test.each(['yes', 'yes >&2', 'yes & yes >&2; wait'])(
        'code that floods its output: %s',
        async (script) => {
          const { reason, stdout, stderr } = await attack(script, { maxOutput: 300_000 });
          expect({ reason, length: stdout.length + stderr.length }).toEqual({
            reason: 'output',
            length: 300_000,
          });
        },
      );

      test('what code has left running, with its output open, in a session of its own, and without a trace', async () => {
        expect(await attack(`${nap} & (setsid env -i ${nap} &); echo done; exit 5`)).toEqual({
          reason: 'exited',
          status: 5,
          stdout: 'done\n',
          stderr: '',
        });
        expect(sleeping()).toEqual([]);
      });
    });

    describe('refuses', () => {
      test('to write more than its disk, or anywhere else', async () => {
        const script = `dd if=/dev/zero of=/tmp/f bs=1M count=64 2>&1 | grep -c "No space"
        for place in / /dev /dev/shm /proc /sys /etc /home; do echo x 2>/dev/null >$place/f; done
        dd if=/dev/zero of=/dev/shm/f bs=1M count=1 2>&1 | grep -c "No space"
        wc -c </tmp/f`;
        expect(await attack(script, { disk: 4 * MiB })).toMatchObject({
          reason: 'exited',
          stdout: `1\n1\n${4 * 1024 * 1024}\n`,
        });
      });

      test('a network', async () => {
        expect(await attack('ls /sys/class/net; wc -l </proc/net/route')).toMatchObject({
          stdout: 'lo\n1\n',
        });
      });

      test('to let its first process be signalled, written to, or imitated', async () => {
        const script = `for s in KILL TERM STOP; do kill -$s 1 2>/dev/null || echo refused; done
        (echo 7 >/proc/1/fd/1) 2>/dev/null || echo refused
        (ls /proc/1/fd) 2>/dev/null || echo refused
        id -u; exit 137`;
        expect(await attack(script)).toMatchObject({
          reason: 'exited',
          status: 137,
          stdout: `${'refused\n'.repeat(5)}65534\n`,
        });
      });

      test('privileges, by programs that would give them', async () => {
        const script =
          'grep -E "^(CapEff|CapPrm|NoNewPrivs)" /proc/self/status; mount -t tmpfs x /tmp 2>&1 | grep -c .';
        expect((await attack(script)).stdout).toMatch(/CapPrm:\t0+\nCapEff:\t0+\nNoNewPrivs:\t1\n1\n$/);
      });
    });

    test('that is unsubscribed from leaves nothing', async () => {
      const sandbox = await sandboxWith();
      await firstValueFrom(sandbox.run(['sh', '-c', `echo up; exec ${nap}`]));
      await sandbox.close();
      expect(await containers()).toEqual([]);
    });

    test('uses a warm container once, and keeps another ready', async () => {
      const sandbox = await sandboxWith({}, 1);
      const hostname = async () => (await collected(sandbox.run(['hostname']))).stdout;
      const names = new Set([await hostname(), await hostname(), await hostname()]);
      expect(names.size).toBe(3);
      await sandbox.close();
      expect(await containers()).toEqual([]);
    });

    test('whose container another client removes is lost', async () => {
      const sandbox = await sandboxWith();
      const ended = collected(sandbox.run(['sh', '-c', nap]));
      while (sleeping().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      const [found] = await containers();
      await ask(daemon(), 'DELETE', `/containers/${found}?force=1&t=0`);
      expect(await ended).toMatchObject({ reason: 'lost' });
    });

    describe('whose program is killed', () => {
      test('ends by itself, and the next start of the program removes it', async () => {
        const owner = `crash-${name}`;
        const program = spawn(process.execPath, [host, daemon().host, owner, `echo up; exec ${nap}`], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const exited = once(program, 'exit');
        await once(program.stdout, 'data');
        const registry = dockerRegistry({ host: daemon().host });
        const left = () => listTasks({ registry, owner });
        const isExpired = ({ ownership }: ListedTask) =>
          (ownership?.expiresAt ?? Date.now() + 1) <= Date.now();
        expect((await left()).filter(isExpired)).toEqual([]);
        program.kill('SIGKILL');
        await exited;
        while ((await left()).some(({ state }) => state === 'running'))
          await new Promise((resolve) => setTimeout(resolve, 20));
        expect(sleeping()).toEqual([]);
        expect((await left()).length).toBeGreaterThan(0);
        expect((await left()).every(isExpired)).toBe(true);
        const next = await openSandbox({ image, owner, host: daemon().host });
        expect(await left()).toEqual([]);
        await next.close();
      });
    });

    /** The processes of this machine that sleep for it. */
    const sleeping = (): string[] =>
      [...readdirSync('/proc')].filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').startsWith(`${nap} `);
        } catch {
          return false;
        }
      });
  },
  quickly('docker'),
);
