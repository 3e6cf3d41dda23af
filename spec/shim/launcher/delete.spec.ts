import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DeleteResponse, toTimestamp } from '../../../src/shim/messages/index.js';
import { describeLauncher, harness } from './harness.js';

describeLauncher('deleting what a daemon has already deleted', () => {
  const { bundle, daemon, prefix, run, start } = harness();
  const answer = DeleteResponse.encode({
    pid: 7,
    exitStatus: 3,
    exitedAt: toTimestamp(new Date('2026-11-23T20:00:00Z')),
  }).finish();
  /** That node would not be found shows that it was not asked. */
  const env = { RXSHIM_NODE: '/no/such/node' };
  const words = ({ id, path }: { id: string; path: string }): string[] => [
    '-id',
    id,
    '-bundle',
    path,
    'delete',
  ];

  test('answers what the daemon has written down, without node', async () => {
    const made = bundle();
    writeFileSync(join(made.path, 'delete.response'), answer);
    const elsewhere = { ...made, path: prefix };
    const { code, stdout, stderr } = await run(elsewhere, { words: words(made), env });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: Buffer.from(answer).toString(), stderr: '' });
  });

  test('looks in its own folder when no bundle is named', async () => {
    const made = bundle();
    writeFileSync(join(made.path, 'delete.response'), answer);
    const { stdout } = await run(made, { words: ['-id', made.id, 'delete'], env });
    expect(stdout).toBe(Buffer.from(answer).toString());
  });

  test('takes the socket of a daemon that was killed with it, and never that of one that lives', async () => {
    const made = bundle();
    const socket = await start(made);
    const { pid } = await daemon(socket);
    await run(made, { words: words(made) });
    expect(existsSync(socket)).toBe(true);
    process.kill(pid, 'SIGKILL');
    while (existsSync(`/proc/${pid}/fd/3`)) await new Promise((resolve) => setTimeout(resolve, 5));
    await run(made, { words: words(made) });
    expect(existsSync(socket)).toBe(false);
  });

  test('removes nothing but sockets, whatever the bundle says', async () => {
    const made = bundle();
    const file = join(made.path, 'config.json');
    for (const address of [
      `unix://${file}`,
      'unix://',
      'unix:///no/such',
      'vsock://1:2',
      `unix://${'x'.repeat(5000)}`,
    ]) {
      writeFileSync(join(made.path, 'address'), address);
      expect((await run(made, { words: words(made) })).code).toBe(0);
    }
    expect(existsSync(file)).toBe(true);
  });

  test('leaves everything else to node, also where there is no bundle any more', async () => {
    const [made, odd] = [bundle(), bundle()];
    mkdirSync(join(odd.path, 'delete.response'));
    for (const path of [made.path, odd.path, '/no/such/bundle']) {
      const { code, stdout } = await run(made, { words: words({ id: made.id, path }) });
      expect(code).toBe(0);
      expect(JSON.parse(stdout).words).toEqual(words({ id: made.id, path }));
    }
  });
});
