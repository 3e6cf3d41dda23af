/**
 * Reads the part of a bundle's `config.json` that the engine needs. Everything else is the runtime's business.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessSpec } from '../contract/process-spec.js';
import { invalid } from '../failures/errors.js';

export interface Config {
  readonly process: ProcessSpec;
  /**
   * The container has no pid namespace of its own: when its init ends, the kernel does not kill the other processes.
   */
  readonly sharesPids: boolean;
}

/** @throws RxshimError `invalidArgument` if the bundle has no readable config.json. */
export const readConfig = (bundle: string): Config => {
  const { process, linux } = parsed(bundle);
  const namespaces = Array.isArray(linux?.namespaces) ? linux.namespaces : [];
  return {
    process: process ?? {},
    sharesPids: !namespaces.some((namespace) => namespace?.type === 'pid' && !namespace.path),
  };
};

interface Document {
  readonly process?: ProcessSpec | null;
  readonly linux?: { readonly namespaces?: readonly ({ type?: unknown; path?: unknown } | null)[] | null };
}

const parsed = (bundle: string): Document => {
  try {
    const document: unknown = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
    if (typeof document === 'object' && document !== null) return document;
  } catch (cause) {
    throw invalid('bundle', bundle, 'a directory with a config.json that can be read', cause);
  }
  throw invalid('bundle', bundle, 'a directory with a config.json that describes a container');
};
