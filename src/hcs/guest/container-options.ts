/** What a container in a guest is made of, and the document that says so. */
import { invalid } from '../failures/errors.js';
import { type Fields, isFields } from './protocol/json.js';
import type { ContainerConfig, ModificationRequest } from './protocol/messages.js';

export interface ContainerOptions {
  readonly id: string;
  /** The OCI runtime document. Its `root.path` is a path in the guest; its `process` is the init. */
  readonly spec: Fields;
  /** Where in the guest the bundle lies, or is to be made. Default: `/run/gcs/c/<id>`. */
  readonly bundlePath?: string;
  /** Where in the guest the container's scratch space is. */
  readonly scratchPath?: string;
  /** What the guest is asked before, in this order: layers, mounts, devices. Default: all is there already. */
  readonly modify?: readonly ModificationRequest[];
  /** What the guest is asked when the container is deleted, in this order: to remove what was added. */
  readonly undo?: readonly ModificationRequest[];
}

/** @throws RxshimError `invalidArgument` for what is no document. */
export const containerConfig = ({ id, spec, bundlePath, scratchPath }: ContainerOptions): ContainerConfig => {
  if (!isFields(spec)) throw invalid('spec', spec, 'an OCI runtime document');
  return {
    SchemaVersion: { Major: 2, Minor: 1 },
    OciBundlePath: bundlePath ?? bundleOf(id),
    OciSpecification: spec,
    ...(scratchPath === undefined ? {} : { ScratchDirPath: scratchPath }),
  };
};

/** Where guests have the bundle of a container unless they are told otherwise. */
export const bundleOf = (id: string): string => `/run/gcs/c/${id}`;
