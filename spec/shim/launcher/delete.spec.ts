import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DeleteResponse, toTimestamp } from '../../../src/shim/messages/index.js';
import { describeLauncher, stage } from './stage.js';

describeLauncher('deleting what a daemon has already deleted', () => {
  const { bundle, prefix, run } = stage();
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
