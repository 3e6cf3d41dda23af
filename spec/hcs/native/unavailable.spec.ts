import { afterEach, describe, expect, it } from '@jest/globals';
import { koffi } from '../../../src/hcs/native/call/koffi.js';
import { libc } from '../../../src/hcs/native/call/libc.js';

const { platform, arch } = process;
const pretend = (machine: { platform: string; arch: string }): void => {
  for (const [key, value] of Object.entries(machine)) Object.defineProperty(process, key, { value });
};

describe('native calls', () => {
  afterEach(() => pretend({ platform, arch }));

  it('say which package is missing, when they are first needed and not before', () => {
    pretend({ platform: 'linux', arch: 's390x' });
    expect(koffi).toThrow(
      expect.objectContaining({
        kind: 'unavailable',
        message: expect.stringContaining('koffi with its binary for linux-s390x'),
      }),
    );
  });

  it('say that they need Linux', () => {
    pretend({ platform: 'sunos', arch });
    expect(libc).toThrow(
      expect.objectContaining({ kind: 'unavailable', message: expect.stringContaining('sunos') }),
    );
  });
});
