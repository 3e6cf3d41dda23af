import { describe, expect, it } from '@jest/globals';
import {
  fromTimestamp,
  ociType,
  pack,
  packJson,
  runc,
  runcLegacy,
  runtimeOptions,
  TaskExit,
  toTimestamp,
  typeName,
  typeRegistry,
  unpack,
  unpackJson,
  zeroTime,
} from '../../../src/shim/messages/index.js';

const exit = TaskExit.create({ containerId: 'c', pid: 7 });

describe('a value of any type', () => {
  it('goes out under its bare name', () => {
    expect(pack(TaskExit, exit).typeUrl).toBe('containerd.events.TaskExit');
  });

  it('is read under a bare name and behind any prefix', () => {
    const any = pack(TaskExit, exit);
    for (const prefix of ['', 'type.googleapis.com/', 'example.com/a/b/', '/']) {
      expect(unpack(TaskExit, { ...any, typeUrl: `${prefix}${any.typeUrl}` })).toEqual(exit);
    }
  });

  it('is not read as another type, nor where there is none', () => {
    expect(unpack(runc.Options, pack(TaskExit, exit))).toBeUndefined();
    expect(
      unpack(TaskExit, { typeUrl: 'containerd.events.TaskExitX', value: new Uint8Array(0) }),
    ).toBeUndefined();
    expect(unpack(TaskExit, undefined)).toBeUndefined();
    expect(unpack(TaskExit, { typeUrl: '', value: new Uint8Array(0) })).toBeUndefined();
  });

  it('is JSON for types of the OCI specification', () => {
    const any = packJson(ociType.process, { args: ['/bin/true'], cwd: '/ü' });
    expect(any.typeUrl).toBe('types.containerd.io/opencontainers/runtime-spec/1/Process');
    expect(typeName(any)).toBe(ociType.process);
    expect(unpackJson(any)).toEqual({ args: ['/bin/true'], cwd: '/ü' });
    // As it comes off the wire: a view into something larger.
    const wire = Buffer.concat([Buffer.from('xx'), any.value, Buffer.from('yy')]);
    expect(unpackJson({ ...any, value: wire.subarray(2, -2) })).toEqual({ args: ['/bin/true'], cwd: '/ü' });
    expect(() => unpackJson({ ...any, value: Buffer.from('{') })).toThrow();
  });

  it('is distinguished from the other possible types', () => {
    const options = typeRegistry({
      runc: runc.Options,
      legacy: runcLegacy.CreateOptions,
      cri: runtimeOptions.Options,
    });
    const given = options(pack(runc.Options, runc.Options.create({ systemdCgroup: true })));
    if (given?.name !== 'runc') throw new Error('not discriminated');
    expect(given.message.systemdCgroup).toBe(true);
    const legacy = pack(runcLegacy.CreateOptions, runcLegacy.CreateOptions.create({ ioUid: 5 }));
    expect(options(legacy)).toMatchObject({ name: 'legacy', message: { ioUid: 5 } });
    expect(options(pack(TaskExit, exit))).toBeUndefined();
    expect(options({ typeUrl: '', value: new Uint8Array(0) })).toBeUndefined();
    expect(options(undefined)).toBeUndefined();
  });
});

describe('a time', () => {
  it('survives the way there and back, also before the epoch', () => {
    for (const time of ['2026-11-23T17:41:03.123Z', '1970-01-01T00:00:00.000Z', '1969-12-31T23:59:59.999Z']) {
      const { nanos } = toTimestamp(new Date(time));
      expect(nanos).toBeGreaterThanOrEqual(0);
      expect(fromTimestamp(toTimestamp(new Date(time)))?.toISOString()).toBe(time);
    }
    expect(toTimestamp(new Date('1969-12-31T23:59:59.999Z'))).toEqual({ seconds: -1, nanos: 999_000_000 });
  });

  it('is none when it is absent or Go has none', () => {
    expect(fromTimestamp(undefined)).toBeUndefined();
    expect(fromTimestamp(zeroTime)).toBeUndefined();
  });
});
