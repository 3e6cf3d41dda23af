/**
 * The options of a container's runtime, in whichever of their forms a client sent them.
 *
 * Clients choose the form by the name of the runtime: under `io.containerd.runc…` they send runc's own options, under any
 * other name the legacy ones or, from Kubernetes, the options table of containerd's configuration as it stands there.
 */
import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { invalid } from '../../hcs/failures/errors.js';
import { type Any, runc, runcLegacy, runtimeOptions, typeRegistry } from '../messages/index.js';

/** The runtime options of a container. Absent means the runtime's default. */
export interface RuntimeOptions {
  readonly binary?: string;
  /** The folder of the runtime's state, without the namespace. */
  readonly root?: string;
  readonly systemdCgroup?: boolean;
  readonly noPivotRoot?: boolean;
  readonly noNewKeyring?: boolean;
  readonly ioUid?: number;
  readonly ioGid?: number;
  readonly criuImagePath?: string;
  readonly criuWorkPath?: string;
}

const registry = typeRegistry({
  runc: runc.Options,
  legacy: runcLegacy.CreateOptions,
  cri: runtimeOptions.Options,
});

/** @throws RxshimError `invalidArgument` for what is no message of its type, or a table that cannot be read. */
export const runtimeOptionsOf = async (any: Any | undefined): Promise<RuntimeOptions> => {
  const given = decoded(any);
  switch (given?.name) {
    case 'runc': {
      const { binaryName, ...options } = given.message;
      return said({ binary: binaryName, ...picked(options) });
    }
    case 'legacy':
      return said(picked(given.message));
    case 'cri': {
      const { configBody, configPath } = given.message;
      if (configBody.length > 0) return fromTable(configBody);
      return configPath === '' ? {} : fromTable(await readTable(configPath));
    }
    default:
      return {};
  }
};

const decoded = (any: Any | undefined) => {
  try {
    return registry(any);
  } catch (cause) {
    throw invalid('options', any?.typeUrl, 'a message of that type', cause);
  }
};

type Given = { readonly [Name in keyof RuntimeOptions]?: RuntimeOptions[Name] | undefined };

const picked = ({
  noPivotRoot,
  noNewKeyring,
  ioUid,
  ioGid,
  criuImagePath,
  criuWorkPath,
  ...rest
}: Given & { readonly root?: string; readonly systemdCgroup?: boolean }): Given => ({
  noPivotRoot,
  noNewKeyring,
  ioUid,
  ioGid,
  criuImagePath,
  criuWorkPath,
  root: rest.root,
  systemdCgroup: rest.systemdCgroup,
});

/** A field that was not set is empty on the wire. */
const said = (options: Given): RuntimeOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value)) as RuntimeOptions;

/** Docker only offers a file. An unreadable file is an error: without its options the container would run differently. */
const readTable = async (path: string): Promise<Uint8Array> => {
  try {
    if (!isAbsolute(path)) throw new Error('a relative path');
    return await readFile(path);
  } catch (cause) {
    throw invalid('options.configPath', path, 'the absolute path of a file that can be read', cause);
  }
};

/** The table `[plugins…runtimes.NAME.options]`, with the names that runc's options have there. */
const fromTable = async (body: Uint8Array): Promise<RuntimeOptions> => {
  const { parse } = await import('smol-toml');
  const text = Buffer.from(body).toString();
  try {
    const table = parse(text);
    const field = <T>(name: string, type: 'string' | 'boolean' | 'number'): T | undefined => {
      const value = table[name];
      if (value !== undefined && typeof value !== type) throw invalid(`options.${name}`, value, `a ${type}`);
      return value as T | undefined;
    };
    return said({
      binary: field('BinaryName', 'string'),
      root: field('Root', 'string'),
      systemdCgroup: field('SystemdCgroup', 'boolean'),
      noPivotRoot: field('NoPivotRoot', 'boolean'),
      noNewKeyring: field('NoNewKeyring', 'boolean'),
      ioUid: field('IoUid', 'number'),
      ioGid: field('IoGid', 'number'),
      criuImagePath: field('CriuImagePath', 'string'),
      criuWorkPath: field('CriuWorkPath', 'string'),
    });
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'RxshimError') throw cause;
    throw invalid('options', text, 'a table in TOML', cause);
  }
};
