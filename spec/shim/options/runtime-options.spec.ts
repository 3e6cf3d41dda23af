import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { pack, runc, runcLegacy, runtimeOptions } from '../../../src/shim/messages/index.js';
import { runtimeOptionsOf } from '../../../src/shim/options/runtime-options.js';

const table = (toml: string) =>
  pack(
    runtimeOptions.Options,
    runtimeOptions.Options.create({ typeUrl: 'runtimeoptions/v1.Options', configBody: Buffer.from(toml) }),
  );

describe('the options of a runtime', () => {
  test('are those of runc, under its own name for them', async () => {
    const any = pack(
      runc.Options,
      runc.Options.create({ binaryName: 'crun', root: '/r', systemdCgroup: true, ioUid: 7 }),
    );
    expect(await runtimeOptionsOf(any)).toEqual({
      binary: 'crun',
      root: '/r',
      systemdCgroup: true,
      ioUid: 7,
    });
  });

  test('may have a prefix before their name, as newer clients write it', async () => {
    const any = pack(runc.Options, runc.Options.create({ noPivotRoot: true }));
    const prefixed = { ...any, typeUrl: `type.googleapis.com/${any.typeUrl}` };
    expect(await runtimeOptionsOf(prefixed)).toEqual({ noPivotRoot: true });
  });

  test('are the legacy ones, which clients send to a runtime of another name', async () => {
    const any = pack(
      runcLegacy.CreateOptions,
      runcLegacy.CreateOptions.create({ noNewKeyring: true, ioGid: 3 }),
    );
    expect(await runtimeOptionsOf(any)).toEqual({ noNewKeyring: true, ioGid: 3 });
  });

  test('are the table that stands in the configuration for Kubernetes', async () => {
    expect(await runtimeOptionsOf(table('SystemdCgroup = true\nBinaryName = "/usr/bin/crun"\n'))).toEqual({
      systemdCgroup: true,
      binary: '/usr/bin/crun',
    });
  });

  test('may be the table in a file, which is all that Docker can name', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'rxshim-options-')), 'options.toml');
    writeFileSync(path, 'BinaryName = "/usr/bin/crun"\n');
    const named = (configPath: string) =>
      pack(runtimeOptions.Options, runtimeOptions.Options.create({ configPath }));
    expect(await runtimeOptionsOf(named(path))).toEqual({ binary: '/usr/bin/crun' });
    rmSync(dirname(path), { recursive: true });
    for (const refused of [path, 'options.toml', '/'])
      await expect(runtimeOptionsOf(named(refused))).rejects.toMatchObject({
        kind: 'invalidArgument',
        field: 'options.configPath',
        value: refused,
      });
  });

  test('are none when nothing was said, or something that is for others', async () => {
    expect(await runtimeOptionsOf(undefined)).toEqual({});
    expect(await runtimeOptionsOf({ typeUrl: '', value: new Uint8Array() })).toEqual({});
    expect(await runtimeOptionsOf({ typeUrl: 'io.example.Options', value: new Uint8Array([1]) })).toEqual({});
  });

  test('are refused by name when they make no sense', async () => {
    const bad = { typeUrl: 'containerd.runc.v1.Options', value: new Uint8Array([0xff, 0xff]) };
    await expect(runtimeOptionsOf(bad)).rejects.toMatchObject({ kind: 'invalidArgument', field: 'options' });
    await expect(runtimeOptionsOf(table('SystemdCgroup = "yes"'))).rejects.toMatchObject({
      field: 'options.SystemdCgroup',
      value: 'yes',
    });
    await expect(runtimeOptionsOf(table('what is this'))).rejects.toMatchObject({ kind: 'invalidArgument' });
  });
});
