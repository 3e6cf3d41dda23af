/**
 * The options of a container in a guest, and the document made from them.
 */
import { invalid } from '../failures/errors.js';
import { requireKnown } from '../failures/refuse-unknown.js';
import { type Fields, isFields } from './protocol/json.js';
import type { ContainerConfig, ModificationRequest } from './protocol/messages.js';

/** Options of a container. */
export interface ContainerOptions {
  readonly id: string;
  /** The OCI runtime document. Its `root.path` is a path in the guest; its `process` is the init. */
  readonly spec: Fields;
  /** The path of the bundle in the guest, which is created if needed. Default: `/run/gcs/c/<id>`. */
  readonly bundlePath?: string;
  /** The path of the container's scratch space in the guest. */
  readonly scratchPath?: string;
  /** Modifications before the create, in this order: layers, mounts, devices. Default: none are needed. */
  readonly modify?: readonly ModificationRequest[];
  /** Modifications on delete, in this order: they remove what was added. */
  readonly undo?: readonly ModificationRequest[];
}

const known = [
  'id',
  'spec',
  'bundlePath',
  'scratchPath',
  'modify',
  'undo',
] as const satisfies readonly (keyof ContainerOptions)[];

/** @throws RxshimError `invalidArgument` for an option that there is not, or a spec that is no document. */
export const containerConfig = (options: ContainerOptions): ContainerConfig => {
  requireKnown('', options, known);
  const { id, spec, bundlePath, scratchPath } = options;
  if (!isFields(spec)) throw invalid('spec', spec, 'an OCI runtime document');
  return {
    SchemaVersion: { Major: 2, Minor: 1 },
    OciBundlePath: bundlePath ?? bundleOf(id),
    OciSpecification: spec,
    ...(scratchPath === undefined ? {} : { ScratchDirPath: scratchPath }),
  };
};

/** The default path of a container's bundle in a guest. */
export const bundleOf = (id: string): string => `/run/gcs/c/${id}`;
