import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { BootstrapResult } from '../../../src/shim/messages/index.js';
import { bootstrap, describeLauncher, harness, namespace } from './harness.js';

describeLauncher('starting the daemon of a new group', () => {
  const { address, bundle, daemon, library, prefix, run, sockets, start } = harness();

  test('prints where it listens and that it serves version 3 of the Task API, and nothing else', async () => {
    const { code, stdout, stderr } = await run(bundle());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { address, ...result } = BootstrapResult.decode(Buffer.from(stdout));
    expect(address).toMatch(new RegExp(`^unix://${sockets}/[0-9a-f]{64}$`));
    expect(result).toEqual({ version: 3, protocol: 'ttrpc', capabilities: [], metadata: {} });
  });

  test('leaves that address in the bundle, for containerd after a restart', async () => {
    const made = bundle();
    const socket = await start(made);
    expect(readFileSync(join(made.path, 'address'), 'utf8')).toBe(`unix://${socket}`);
  });

  test('lets only its own user get to the socket', async () => {
    const socket = await start(bundle());
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  });

  test('reports the daemon what it needs to know', async () => {
    const socket = await start(bundle());
    const { pid } = await daemon(socket);
    expect(wordsOf(pid)).toEqual([
      process.execPath,
      '--v8-pool-size=1',
      join(library, 'boot.cjs'),
      'daemon',
      '-namespace',
      namespace,
      '-address',
      address,
      '-publish-binary',
      '/bin/containerd',
      '-socket',
      socket,
      '-grouping',
      'pod',
      '-linger',
      '0.000',
    ]);
  });

  test('passes -debug on', async () => {
    const made = bundle();
    const words = ['-namespace', namespace, '-address', address, '-id', made.id, '-debug', 'start'];
    const { pid } = await daemon(await start(made, { words }));
    expect(wordsOf(pid).at(-1)).toBe('-debug');
  });

  test('gives the daemon a session of its own, the root as its folder, and no descriptor of containerd', async () => {
    const { pid } = await daemon(await start(bundle()));
    const [, group, session] = /^\) \S \d+ (\d+) (\d+)/.exec(statOf(pid)) ?? [];
    expect([Number(group), Number(session)]).toEqual([pid, pid]);
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/');
    expect([0, 1, 2].map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))).toEqual(Array(3).fill('/dev/null'));
    expect(readlinkSync(`/proc/${pid}/fd/3`)).toMatch(/^socket:/);
  });

  test('keeps from the daemon what is only for containerd', async () => {
    const env = {
      NODE_EXTRA_CA_CERTS: '/dev/null',
      NOTIFY_SOCKET: '/run/notify',
      TTRPC_ADDRESS: '/t',
      KEPT: 'yes',
    };
    const { pid } = await daemon(await start(bundle(), { env }));
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    expect(variables).toContain('KEPT=yes');
    expect(variables).toContain('TTRPC_ADDRESS=/t');
    expect(variables.filter((each) => /^(NODE_EXTRA_CA_CERTS|NOTIFY_SOCKET)=/.test(each))).toEqual([]);
  });

  test('makes the daemon a little easier to kill than containerd when memory runs out', async () => {
    const { pid } = await daemon(await start(bundle()));
    const own = Number(readFileSync('/proc/self/oom_score_adj', 'utf8'));
    expect(Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'))).toBe(Math.min(1000, own + 1));
  });

  test('makes the folder for the sockets, with its parents', async () => {
    const made = bundle();
    const deep = join(prefix, 'x/y/z');
    const input = bootstrap({ instanceId: made.id, namespace, socketDir: deep });
    expect(dirname(await start(made, { input }))).toBe(deep);
    expect(statSync(deep).mode & 0o777).toBe(0o700);
  });

  test('takes ids and namespaces as long as containerd allows', async () => {
    const long = 'n'.repeat(76);
    const made = bundle({}, 'i'.repeat(76));
    const words = ['-namespace', long, '-address', address, '-id', made.id, 'start'];
    const input = bootstrap({ instanceId: made.id, namespace: long, socketDir: sockets });
    const { pid } = await daemon(await start(made, { words, input }));
    expect(wordsOf(pid)).toContain(long);
  });
});

const wordsOf = (pid: number): string[] =>
  readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);

/** From the state on: what stands before it is the name, which may hold anything. */
const statOf = (pid: number): string => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')'));
};
