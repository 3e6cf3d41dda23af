import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type ProcessRequest, processParameters } from '../../../src/hcs/contract/process-parameters.js';
import type { ProcessSpec } from '../../../src/hcs/contract/process-spec.js';
import { RxshimError } from '../../../src/hcs/failures/errors.js';

const none = { stdin: false, stdout: false, stderr: false };
const windows = { os: 'windows', isOci: false } as const;
const linuxGuest = { os: 'linux', isOci: false } as const;
const linuxContainer = { os: 'linux', isOci: true } as const;

/** The part of an observed scenario that says what was asked of the container, and why. */
interface Scenario {
  readonly setup?: {
    readonly kind: 'init' | 'exec';
    readonly os: 'linux' | 'windows';
    readonly spec: ProcessSpec;
    readonly stdin: boolean;
    readonly stdout: boolean;
    readonly stderr: boolean;
  };
  readonly steps?: readonly {
    readonly calls?: readonly { readonly call: string; readonly args?: unknown }[];
  }[];
}

const folder = new URL('../../vectors/exec/', import.meta.url);

const observed = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => {
    const { setup, steps = [] } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Scenario;
    const created = steps.flatMap(({ calls = [] }) => calls.filter(({ call }) => call === 'createProcess'));
    return created.flatMap(({ args }) => (setup ? [{ name, setup, args }] : []));
  });

describe('processParameters', () => {
  it('has scenarios of the original to be compared with', () => {
    expect(observed.length).toBeGreaterThan(60);
  });

  it.each(observed)('asks for a process as the original did in $name', ({ setup, args }) => {
    const { kind, os, spec, stdin, stdout, stderr } = setup;
    const parameters = processParameters({
      system: os === 'linux' ? linuxContainer : windows,
      // The first process of a Linux container is in the container's own document.
      spec: kind === 'init' && os === 'linux' ? undefined : spec,
      streams: { stdin, stdout, stderr },
    });
    expect(JSON.parse(JSON.stringify(parameters))).toEqual(args);
    expect(Object.keys(parameters).sort()).toEqual(Object.keys(args as object).sort());
  });

  describe('for a Windows container', () => {
    const ask = (spec: ProcessSpec) => processParameters({ system: windows, spec, streams: none });

    it.each<[string, ProcessSpec, object]>([
      ['says nothing of an empty description', {}, {}],
      ['makes a command line of arguments', { args: ['a b', 'c'] }, { CommandLine: '"a b" c' }],
      ['keeps an argument that is empty', { args: [''] }, { CommandLine: '""' }],
      ['prefers the command line', { args: ['a'], commandLine: 'b  "c' }, { CommandLine: 'b  "c' }],
      ['ignores an empty command line', { args: ['a'], commandLine: '' }, { CommandLine: 'a' }],
      ['omits an empty list of arguments', { args: [] }, {}],
      ['names the user', { user: { username: 'ContainerUser' } }, { User: 'ContainerUser' }],
      ['omits a user without a name', { user: { uid: 5, gid: 6, username: '' } }, {}],
      ['sets the directory', { cwd: 'C:\\' }, { WorkingDirectory: 'C:\\' }],
      ['omits an empty directory', { cwd: '' }, {}],
      ['passes variables that have a value', { env: ['A=1', 'B='] }, { Environment: { A: '1' } }],
      ['omits variables when none has one', { env: ['B=', 'C'] }, {}],
      ['asks for a console', { terminal: true }, { EmulateConsole: true }],
      ['omits a console not wanted', { terminal: false }, {}],
      ['gives height before width', { consoleSize: { height: 25, width: 80 } }, { ConsoleSize: [25, 80] }],
      ['keeps a size of zero, once given', { consoleSize: { height: 0, width: 0 } }, { ConsoleSize: [0, 0] }],
      ['leaves out what it does not know', { capabilities: { bounding: [] } }, {}],
    ])('%s', (_, spec, expected) => {
      expect(ask(spec)).toStrictEqual(expected);
    });

    it('takes null for absent, as descriptions written by Go have it', () => {
      const spec = { args: null, commandLine: null, env: null, user: null, cwd: null, consoleSize: null };
      expect(ask(spec as unknown as ProcessSpec)).toStrictEqual({});
    });
  });

  describe('for a utility VM of Linux', () => {
    it('gives the arguments as a list, unescaped', () => {
      const spec = { args: ['sh', '-c', 'echo "a b"'], cwd: '/', env: ['PATH=/bin'] };
      expect(processParameters({ system: linuxGuest, spec, streams: none })).toStrictEqual({
        CommandArgs: ['sh', '-c', 'echo "a b"'],
        WorkingDirectory: '/',
        Environment: { PATH: '/bin' },
      });
    });

    it('gives a command line instead when the description has one', () => {
      const spec = { args: ['sh'], commandLine: 'sh -c true' };
      expect(processParameters({ system: linuxGuest, spec, streams: none })).toStrictEqual({
        CommandLine: 'sh -c true',
      });
    });
  });

  describe('for a Linux container', () => {
    it('gives the description as it is, unknown fields and all', () => {
      const spec = { args: ['sh'], env: ['B='], commandLine: '', apparmorProfile: 'x' };
      expect(processParameters({ system: linuxContainer, spec, streams: none })).toStrictEqual({
        OciProcess: spec,
      });
    });

    it('gives an empty description too: only a missing one means the first process', () => {
      expect(processParameters({ system: linuxContainer, spec: {}, streams: none })).toStrictEqual({
        OciProcess: {},
      });
      expect(processParameters({ system: linuxContainer, streams: none })).toStrictEqual({});
    });
  });

  describe.each([
    ['a Windows container', windows],
    ['a utility VM', linuxGuest],
    ['a Linux container', linuxContainer],
  ])('for %s', (_, system) => {
    it.each([
      [{ stdin: true, stdout: false, stderr: false }, { CreateStdInPipe: true }],
      [{ stdin: false, stdout: true, stderr: false }, { CreateStdOutPipe: true }],
      [{ stdin: false, stdout: false, stderr: true }, { CreateStdErrPipe: true }],
    ])('asks for just the streams that are wanted: %j', (streams, expected) => {
      const { OciProcess, ...rest } = processParameters({ system, spec: {}, streams });
      expect(rest).toStrictEqual(expected);
    });
  });

  it.each([
    ['a Windows container', windows, undefined],
    ['a utility VM', linuxGuest, undefined],
    ['a Windows container, given null', windows, null],
  ])('refuses to start nothing in %s', (_, system, spec) => {
    const ask = () => processParameters({ system, spec, streams: none } as ProcessRequest);
    expect(ask).toThrow(RxshimError);
    expect(ask).toThrow('process spec is required for non-OCI ProcessHost');
    expect(ask).toThrow(expect.objectContaining({ kind: 'invalidArgument', field: 'spec' }));
  });
});
