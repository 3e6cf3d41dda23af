import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { describeLauncher, harness, namespace } from './harness.js';

const hashOf = (...parts: readonly string[]): string =>
  createHash('sha256')
    .update(posix.join(...parts))
    .digest('hex');

const pod = (group: string): object => ({ annotations: { 'io.kubernetes.cri.sandbox-id': group } });

describeLauncher('which containers share a daemon', () => {
  const { address, bundle, daemon, daemons, start } = harness();

  test('a container without a pod has its own', async () => {
    const [one, other] = [bundle(), bundle()];
    const path = await start(one);
    expect(basename(path)).toBe(hashOf(address, namespace, one.id));
    expect(await start(other)).not.toBe(path);
  });

  test('the containers of a pod have one, which takes each in before it is asked for it', async () => {
    const [first, second, third] = [bundle(pod('p1')), bundle(pod('p1')), bundle(pod('p1'))];
    const path = await start(first);
    expect(basename(path)).toBe(hashOf(address, namespace, 'p1'));
    const { pid } = await daemon(path);
    const before = daemons();
    expect([await start(second), await start(third)]).toEqual([path, path]);
    const joined = [second, third].map(({ id, path }) => `${id}=${path}`);
    expect(await daemon(path)).toEqual({ pid, joined });
    expect(daemons()).toEqual(before);
  });

  test("runc's annotation goes before that of the pod", async () => {
    const made = bundle({
      annotations: { 'io.kubernetes.cri.sandbox-id': 'p2', 'io.containerd.runc.v2.group': 'g2' },
    });
    expect(basename(await start(made))).toBe(hashOf(address, namespace, 'g2'));
  });

  test('with grouping by namespace all of a namespace share one', async () => {
    const env = { RXSHIM_GROUPING: 'namespace' };
    const path = await start(bundle(pod('p3')), { env });
    expect(basename(path)).toBe(hashOf(address, namespace));
    expect(await start(bundle(), { env })).toBe(path);
  });

  describe('a group is found by its words alone', () => {
    test.each([
      ['with characters of any alphabet', 'pöd-豆-🫘'],
      ['with what JSON escapes', 'a"b\\c/d\n\t\u0001'],
      ['that is longer than a block of the hash', 'x'.repeat(1000)],
      ['of 55 bytes in all', 'y'],
      ['with dots', 'a/../b/./c//d'],
      ['that goes up', '../../../../../../up'],
      ['that is only dots', '..'],
      ['with the shape of JSON', '{"annotations":{}}'],
    ])('%s', async (_what, group) => {
      expect(basename(await start(bundle(pod(group))))).toBe(hashOf(address, namespace, group));
    });
  });

  test('names that only look like the annotations do not count', async () => {
    const fake = { 'io.kubernetes.cri.sandbox-id': 'fake' };
    const config = {
      annotationsX: fake,
      process: { annotations: fake, env: [`{"annotations":${JSON.stringify(fake)}}`] },
      linux: [{ annotations: fake }],
      annotations: { 'io.kubernetes.cri.sandbox-id.x': 'fake', nested: { ...fake }, other: 'annotations' },
    };
    const made = bundle(config);
    expect(basename(await start(made))).toBe(hashOf(address, namespace, made.id));
  });

  test('an annotation may be written with escapes, names and all', async () => {
    const config = String.raw`{"\u0061nnotations":{"io.kubernetes.cri.sandbox\u002did":"p\u00f6d-\ud83e\uded8"}}`;
    expect(basename(await start(bundle(config)))).toBe(hashOf(address, namespace, 'pöd-🫘'));
  });

  test('of two with one name the last counts, and one that is no text or empty is none', async () => {
    const twice =
      '{"annotations":{"io.containerd.runc.v2.group":"a"},"annotations":{"io.containerd.runc.v2.group":"b"}}';
    expect(basename(await start(bundle(twice)))).toBe(hashOf(address, namespace, 'b'));
    const none = bundle({
      annotations: { 'io.containerd.runc.v2.group': 7, 'io.kubernetes.cri.sandbox-id': '' },
    });
    expect(basename(await start(none))).toBe(hashOf(address, namespace, none.id));
  });

  test('megabytes of other things are read past', async () => {
    const env = Array.from({ length: 100_000 }, (_, at) => `VARIABLE_${at}="{}[],\\"${'é'.repeat(20)}`);
    const made = bundle({ process: { env }, ...pod('p4') });
    expect(basename(await start(made))).toBe(hashOf(address, namespace, 'p4'));
  });

  test('without a config.json, as for a sandbox, the id decides', async () => {
    const made = bundle();
    rmSync(join(made.path, 'config.json'));
    expect(basename(await start(made))).toBe(hashOf(address, namespace, made.id));
  });
});
