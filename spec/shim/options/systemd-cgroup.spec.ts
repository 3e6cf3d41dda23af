import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { asksForSystemd } from '../../../src/shim/options/systemd-cgroup.js';

let bundle = '';

beforeEach(() => {
  bundle = mkdtempSync(join(tmpdir(), 'rxshim-bundle-'));
});

afterEach(() => rmSync(bundle, { recursive: true }));

const asks = (config: unknown): boolean => {
  writeFileSync(join(bundle, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return asksForSystemd(bundle);
};

describe('cgroups made by systemd', () => {
  test('are asked for with a slice, a prefix and a name, as Kubernetes does', () => {
    expect(asks({ linux: { cgroupsPath: 'kubepods-burstable-pod1.slice:cri-containerd:abc' } })).toBe(true);
    expect(asks({ linux: { cgroupsPath: ':docker:abc' } })).toBe(true);
  });

  test('are not asked for with a path, or with nothing', () => {
    expect(asks({ linux: { cgroupsPath: '/default/web' } })).toBe(false);
    expect(asks({ linux: { cgroupsPath: '/k8s.io/a:b:c' } })).toBe(false);
    expect(asks({ linux: {} })).toBe(false);
    expect(asks({})).toBe(false);
    expect(asks('null')).toBe(false);
    expect(asks('{')).toBe(false);
    expect(asksForSystemd(join(bundle, 'nowhere'))).toBe(false);
  });
});
