/**
 * The keeper's parsers under AddressSanitizer and UndefinedBehaviorSanitizer: see fuzz.c. Short here; for hours:
 *
 *     gcc -std=gnu11 -D_GNU_SOURCE -g -fsanitize=address,undefined … && ./keeper-fuzz 14400 SEED
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeLauncher } from '../launcher/harness.js';

const shim = fileURLToPath(new URL('../../../src/shim', import.meta.url));
const fuzz = fileURLToPath(new URL('fuzz.c', import.meta.url));

/** Without the program's entry, and what fuzz.c takes in by itself. */
const sources = ['keeper', 'launcher'].flatMap((folder) =>
  readdirSync(join(shim, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.c') && name !== 'main.c' && name !== 'exits.c')
    .map((name) => join(shim, folder, name)),
);

describeLauncher('what the keeper reads from others', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxshim-fuzz-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('does no harm, whatever its bytes are', () => {
    const program = join(folder, 'keeper-fuzz');
    const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
    const flags = ['-std=gnu11', '-D_GNU_SOURCE', '-O1', '-g', ...sanitizers];
    const built = spawnSync('gcc', [...flags, fuzz, ...sources, '-o', program], { encoding: 'utf8' });
    expect(built.stderr).toBe('');
    const seed = String(Date.now() % 1_000_000);
    const ran = spawnSync(program, ['3', seed], { encoding: 'utf8' });
    expect({ seed, status: ran.status, stderr: ran.stderr }).toEqual({ seed, status: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^\d+ inputs\n$/);
  });
});
