import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  Any,
  type BootstrapParams,
  ociType,
  pack,
  packJson,
  runc,
  runcLegacy,
} from '../../../src/shim/messages/index.js';
import { describeAsRoot } from '../../support/needs.js';
import { bootstrap, describeLauncher, harness, namespace } from './harness.js';

const legacy = runcLegacy.CreateOptions;
const encoded = (any: Any): Uint8Array => Any.encode(any).finish();

/** The usual place of sockets, which only root may use. */
describeAsRoot('what containerd writes on stdin', () => {
  describeLauncher('to start', () => {
    const { bundle, daemon, run, sockets, start } = harness();
    const standard = '/run/containerd/s';

    test('may be nothing', async () => {
      expect(dirname(await start(bundle(), { input: new Uint8Array() }))).toBe(standard);
    });

    test.each([
      ['nothing', new Uint8Array()],
      ['options', encoded(pack(runc.Options, runc.Options.create({ root: '/r' })))],
    ])(
      'gets the bare address for %s, since 1.7 refuses the version of the API that 2.3 wants',
      async (_, input) => {
        const { stdout } = await run(bundle(), { input });
        expect(stdout).toMatch(/^unix:\/\/\/run\/containerd\/s\/[0-9a-f]{64}$/);
      },
    );

    test.each([
      ['the options of runc', pack(runc.Options, runc.Options.create({ binaryName: 'runc', root: '/r' }))],
      ['legacy options', pack(legacy, legacy.create({ noPivotRoot: true }))],
      [
        'options under a name with a prefix',
        { typeUrl: 'type.googleapis.com/x.y.Options', value: Uint8Array.of(8, 1) },
      ],
      [
        'options of an unknown type',
        { typeUrl: 'runtimeoptions.v1.Options', value: Buffer.from('not protobuf') },
      ],
      ['options without a type', { typeUrl: '', value: new Uint8Array() }],
      ['options in JSON', packJson(ociType.process, { args: ['true'] })],
    ])('may be %s', async (_what, any) => {
      expect(dirname(await start(bundle(), { input: encoded(any) }))).toBe(standard);
    });

    test('may be the parameters of containerd 2.3, with or without a folder for sockets', async () => {
      const [one, other] = [bundle(), bundle()];
      const given = (id: string, more: Partial<BootstrapParams>): Uint8Array =>
        bootstrap({
          instanceId: id,
          namespace,
          containerdVersion: '2.3.0',
          containerdBinary: '/usr/bin/containerd',
          ...more,
        });
      expect(dirname(await start(one, { input: given(one.id, {}) }))).toBe(standard);
      expect(dirname(await start(other, { input: given(other.id, { socketDir: sockets }) }))).toBe(sockets);
    });

    test.each([
      [
        'a message that is cut off',
        encoded(pack(runc.Options, runc.Options.create({ root: '/r' }))).slice(0, -1),
      ],
      ['no message at all', Buffer.from('{"options": {}}')],
      [
        'a length beyond all bounds',
        Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
      ],
      ['a number that does not end', new Uint8Array(64).fill(0xff)],
    ])('is refused when it is %s', async (_what, input) => {
      const { code, stdout, stderr } = await run(bundle(), { input });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toBe('rxshim: what came on stdin are no options of a runtime\n');
    });

    describe("puts the daemon into the shim's cgroup", () => {
      const name = `/rxshim-spec-${process.pid}`;
      const hierarchies = existsSync('/sys/fs/cgroup/memory') ? ['memory', 'pids', 'freezer', 'cpu'] : [''];
      const folders = hierarchies.map((hierarchy) => join('/sys/fs/cgroup', hierarchy, name));

      beforeAll(() => {
        for (const folder of folders) mkdirSync(folder);
      });
      afterAll(async () => {
        for (const folder of folders) {
          for (const pid of readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
            process.kill(Number(pid), 'SIGKILL');
          }
          while (readFileSync(join(folder, 'cgroup.procs'), 'utf8') !== '') {
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
          rmdirSync(folder);
        }
      });

      const options = pack(runc.Options, runc.Options.create({ shimCgroup: name }));
      test.each([
        ["named in runc's options", () => encoded(options)],
        ['named in legacy options', () => encoded(pack(legacy, legacy.create({ shimCgroup: name })))],
        [
          'named in an extension of the parameters',
          (id: string) => bootstrap({ instanceId: id, namespace, extensions: [{ value: options }] }),
        ],
      ])('%s', async (_what, input) => {
        const made = bundle();
        const { pid } = await daemon(await start(made, { input: input(made.id) }));
        for (const folder of folders) {
          expect(readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n')).toContain(String(pid));
        }
      });

      test('or says that there is none', async () => {
        const made = bundle();
        const missing = pack(runc.Options, runc.Options.create({ shimCgroup: '/rxshim/no/such' }));
        const input = bootstrap({
          instanceId: made.id,
          namespace,
          socketDir: sockets,
          extensions: [{ value: missing }],
        });
        const { code, stdout, stderr } = await run(made, { input });
        expect({ code, stdout, stderr }).toEqual({
          code: 1,
          stdout: '',
          stderr: 'rxshim: there is no cgroup /rxshim/no/such for the shim\n',
        });
      });
    });
  });
});
