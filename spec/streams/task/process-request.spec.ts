import { describe, expect, it } from '@jest/globals';
import { agreeOnTerminal } from '../../../src/streams/task/process-request.js';

describe('a terminal', () => {
  const args = ['sh'];

  it.each([
    ['in the spec', { spec: { args, terminal: true } }],
    ['in the stdio', { spec: { args }, stdio: { terminal: true } }],
    ['in both', { spec: { args, terminal: true }, stdio: { terminal: true } }],
  ])('asked for %s is asked for in both', (_where, request) => {
    expect(agreeOnTerminal(request)).toEqual({ spec: { args, terminal: true }, stdio: { terminal: true } });
  });

  it('is not asked for by saying nothing', () => {
    expect(agreeOnTerminal({ spec: { args } })).toEqual({ spec: { args }, stdio: {} });
  });

  it('can be asked for where the container describes its own process', () => {
    expect(agreeOnTerminal({ stdio: { terminal: true } })).toEqual({ stdio: { terminal: true } });
  });

  it.each([
    [true, false],
    [false, true],
  ])('is refused when stdio says %s and the spec says %s', (inStdio, inSpec) => {
    const request = { spec: { args, terminal: inSpec }, stdio: { terminal: inStdio } };
    expect(() => agreeOnTerminal(request)).toThrow(
      expect.objectContaining({ kind: 'invalidArgument', field: 'stdio.terminal', value: inStdio }),
    );
  });

  it('does not change what it was given', () => {
    const request = Object.freeze({
      spec: Object.freeze({ args, terminal: true }),
      stdio: Object.freeze({}),
    });
    expect(agreeOnTerminal(request).stdio).toEqual({ terminal: true });
  });
});
