import { describe, expect, test } from '@jest/globals';
import { mountFlag } from '../../../src/hcs/native/mount/mount.js';
import { mountOptions } from '../../../src/shim/rootfs/mount-options.js';

describe('the options of a mount', () => {
  test('are flags of the call where they have one, and the rest is for the file system', () => {
    expect(mountOptions(['ro', 'nosuid', 'lowerdir=/a:/b', 'index=off'])).toEqual({
      flags: mountFlag.readOnly | mountFlag.noSuid,
      propagation: 0,
      data: 'lowerdir=/a:/b,index=off',
      loop: false,
      idMap: undefined,
    });
  });

  test('hold as the later word says', () => {
    expect(mountOptions(['ro', 'rw']).flags).toBe(0);
    expect(mountOptions(['noexec', 'exec', 'noexec']).flags).toBe(mountFlag.noExec);
  });

  test('of a recursive bind are a bind', () => {
    expect(mountOptions(['rbind', 'rprivate'])).toMatchObject({
      flags: mountFlag.bind | mountFlag.recursive,
      propagation: mountFlag.private | mountFlag.recursive,
    });
  });

  test('may map the owners of files', () => {
    const words = ['uidmap=0:100000:1000,1000:200000:64536', 'gidmap=0:100000:65536', 'lowerdir=/a'];
    expect(mountOptions(words)).toMatchObject({
      data: 'lowerdir=/a',
      idMap: { uids: '0:100000:1000,1000:200000:64536', gids: '0:100000:65536' },
    });
    for (const refused of [['uidmap=0:1:2'], ['uidmap=0:1:2', 'gidmap=0-1'], ['uidmap=', 'gidmap=0:1:2']])
      expect(() => mountOptions(refused)).toThrow(expect.objectContaining({ kind: 'invalidArgument' }));
  });

  test('that are notes of containerd to itself go nowhere', () => {
    expect(mountOptions(['X-containerd.mkfs.size=1', 'loop'])).toEqual({
      flags: 0,
      propagation: 0,
      data: '',
      loop: true,
      idMap: undefined,
    });
  });

  test('are words, whatever an object calls its own', () => {
    expect(mountOptions(['constructor', 'toString']).data).toBe('constructor,toString');
  });
});
