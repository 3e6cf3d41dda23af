/** The launcher for arm64, cross-compiled: what the build makes of it, and that it does its work under an emulator. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { programPath } from '../../support/lacks.js';
import { describeWith } from '../../support/needs.js';
import { harness, launcherFor, namespace } from './harness.js';

const program = launcherFor('arm64');
const compilerLacks = existsSync(program)
  ? undefined
  : 'needs npm run build with apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross';

describeWith(compilerLacks)('the launcher for arm64', () => {
  test('is a program for that processor which needs no library', () => {
    const file = readFileSync(program);
    const [machine, headers, size, count] = [
      file.readUInt16LE(18),
      Number(file.readBigUInt64LE(32)),
      file.readUInt16LE(54),
      file.readUInt16LE(56),
    ];
    const types = Array.from({ length: count }, (_, index) => file.readUInt32LE(headers + index * size));
    const [aarch64, interpreter] = [183, 3];
    expect(machine).toBe(aarch64);
    expect(types).not.toContain(interpreter);
  });

  // 60 MiB, so CI does not install it.
  const emulator = ['qemu-aarch64-static', 'qemu-aarch64'].find((name) => programPath(name) !== undefined);
  const describeEmulated = emulator === undefined ? describe.skip : describe;
  const title =
    emulator === undefined ? 'under qemu (skipped: needs apt-get install qemu-user-static)' : 'under qemu';
  describeEmulated(title, () => {
    const { bundle, daemon, run, shutdown, start } = harness({ program, interpreter: [emulator ?? ''] });

    test('starts a daemon, and a second container of its group joins that', async () => {
      const config = { annotations: { 'io.kubernetes.cri.sandbox-id': 'pod' } };
      const [first, second] = [bundle(config), bundle(config)];
      const socket = await start(first);
      expect(await start(second)).toBe(socket);
      expect((await daemon(socket)).joined).toEqual([`${second.id}=${second.path}`]);
      expect(readFileSync(join(second.path, 'address'), 'utf8')).toBe(`unix://${socket}`);
      await shutdown(socket);
    });

    test('fails as the other does', async () => {
      const { code, stdout, stderr } = await run(bundle(), { words: ['-namespace', namespace, 'start'] });
      expect({ code, stdout, stderr }).toEqual({
        code: 1,
        stdout: '',
        stderr: 'rxshim: -address is missing\n',
      });
    });
  });
});
