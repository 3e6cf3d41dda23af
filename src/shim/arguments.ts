/**
 * The arguments with which containerd calls a shim: flags in the style of Go, then a word for what to do.
 *
 * A flag has one dash or two, and its value as the next word or after an equals sign. Unknown flags are ignored, so that a
 * newer containerd can pass more.
 */
import { RxshimError } from '../hcs/failures/errors.js';

export interface ShimArguments {
  readonly action: string;
  flag(name: string): string | undefined;
  /** @throws RxshimError `invalidArgument` when it is missing. */
  required(name: string): string;
}

const withoutValue = new Set(['debug', 'keeper', 'info', 'v', 'version']);

export const shimArguments = (words: readonly string[]): ShimArguments => {
  const flags = new Map<string, string>();
  let action = '';
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [, name, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) action = word;
    else if (value !== undefined) flags.set(name, value);
    else flags.set(name, withoutValue.has(name) ? 'true' : (left.shift() ?? ''));
  }
  return {
    action,
    flag: (name) => flags.get(name),
    required: (name) => {
      const value = flags.get(name);
      if (value) return value;
      throw new RxshimError('invalidArgument', `-${name} is missing`, { invalid: { field: name, value } });
    },
  };
};
