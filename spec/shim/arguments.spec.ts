import { describe, expect, test } from '@jest/globals';
import { shimArguments } from '../../src/shim/arguments.js';

const asContainerd16Calls = [
  '-namespace',
  'default',
  '-address',
  '/run/containerd/containerd.sock',
  '-publish-binary',
  '/usr/bin/containerd',
  '-id',
  'web',
  '-bundle',
  '/run/bundle',
  'delete',
];

describe('the arguments of a shim', () => {
  test('are read as containerd gives them, the action last', () => {
    const given = shimArguments(asContainerd16Calls);
    expect(given.action).toBe('delete');
    expect(given.required('namespace')).toBe('default');
    expect(given.flag('bundle')).toBe('/run/bundle');
    expect(given.flag('debug')).toBeUndefined();
  });

  test('may have their value after an equals sign, and two dashes', () => {
    const given = shimArguments(['--id=a=b', '-namespace=', 'start']);
    expect(given.flag('id')).toBe('a=b');
    expect(given.flag('namespace')).toBe('');
    expect(given.action).toBe('start');
  });

  test('that stand alone take no word from the action', () => {
    const given = shimArguments(['-debug', 'start']);
    expect(given.flag('debug')).toBe('true');
    expect(given.action).toBe('start');
  });

  test('that a later containerd adds change nothing', () => {
    const given = shimArguments(['-novelty', 'yes', '-id', 'web', 'start']);
    expect(given.flag('id')).toBe('web');
    expect(given.action).toBe('start');
  });

  test('are named when they are missing', () => {
    const given = shimArguments(['-id']);
    expect(given.action).toBe('');
    expect(() => given.required('id')).toThrow(
      expect.objectContaining({ kind: 'invalidArgument', field: 'id' }),
    );
    expect(() => given.required('namespace')).toThrow('-namespace is missing');
  });
});
