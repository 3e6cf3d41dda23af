/** The process of an exec, from the JSON that containerd sends. */

import type { ProcessSpec } from '../../hcs/contract/process-spec.js';
import { invalid } from '../../hcs/failures/errors.js';
import { type Any, unpackJson } from '../messages/index.js';

/**
 * Whether there is a terminal is for the request to say, as with containerd's own shims.
 *
 * @throws RxshimError `invalidArgument` for what is no process.
 */
export const specOf = (any: Any | undefined, terminal: boolean): ProcessSpec => {
  if (any === undefined) throw invalid('spec', any, 'an OCI process');
  const spec = jsonOf('spec', any);
  return { ...(spec as ProcessSpec), terminal };
};

/** @throws RxshimError `invalidArgument` naming the field, for what is no object in JSON. */
export const jsonOf = (field: string, any: Any): object => {
  let value: unknown;
  try {
    value = unpackJson(any);
  } catch (cause) {
    throw invalid(field, Buffer.from(any.value).toString().slice(0, 200), 'an object in JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(field, value, 'an object in JSON');
  }
  return value;
};
