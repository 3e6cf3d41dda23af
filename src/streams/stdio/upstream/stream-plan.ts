/**
 * Reads what was asked of one stream.
 */
import { fstatSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { invalid, RxshimError } from '../../../hcs/failures/errors.js';
import { handleOf } from '../../../hcs/native/windows/index.js';
import { isInput, isNodeStream } from '../given/given-source.js';
import type { PathPlan } from '../named/path-streams.js';
import type { Input, InputRequest, OutputRequest, Sink } from './stdio-request.js';
import { partsOf, schemeOf } from './uri.js';

interface DescriptorPlan {
  readonly kind: 'descriptor';
  readonly fd: number;
  /** It is this program's own stream of the name. */
  readonly inherited: boolean;
}

interface CallerPlan {
  readonly kind: 'caller';
}

export type InputPlan =
  | DescriptorPlan
  | CallerPlan
  | PathPlan
  | { readonly kind: 'given'; readonly stream: Input };

export type OutputPlan =
  | DescriptorPlan
  | CallerPlan
  | PathPlan
  | { readonly kind: 'given'; readonly stream: Sink };

type Field = 'stdin' | 'stdout' | 'stderr';

const ownDescriptors: Readonly<Record<Field, number>> = { stdin: 0, stdout: 1, stderr: 2 };

const words = "'ignore', 'inherit', 'pipe', an absolute path, a file: URI";

export const isConnected = (asked: unknown): boolean =>
  asked !== undefined && asked !== '' && asked !== 'ignore';

/** Whether it is something that containerd can say, and not one of our words or objects. */
export const isName = (asked: unknown): boolean =>
  asked === undefined ||
  (typeof asked === 'string' && !['ignore', 'inherit', 'pipe', 'stdout'].includes(asked));

export const inputPlan = (asked: InputRequest | string): InputPlan | undefined => {
  if (!isConnected(asked)) return undefined;
  if (typeof asked === 'string') return namedPlan('stdin', asked);
  if (isInput(asked)) return { kind: 'given', stream: asked };
  return givenDescriptor('stdin', asked, 'bytes, an iterable, a readable stream');
};

export const outputPlan = (
  field: 'stdout' | 'stderr',
  asked: OutputRequest | string,
): OutputPlan | undefined => {
  if (!isConnected(asked)) return undefined;
  if (typeof asked === 'string') return namedPlan(field, asked);
  if (has(asked, 'getWriter', 'function')) {
    if ((asked as { locked?: boolean }).locked === true)
      throw invalid(field, asked, 'a stream that is not locked');
    return { kind: 'given', stream: asked as Sink };
  }
  if (has(asked, 'write', 'function')) return { kind: 'given', stream: asked as Sink };
  if (isNodeStream(asked)) throw invalid(field, asked, 'a stream that can be written to');
  return givenDescriptor(field, asked, 'a sink, a writable stream');
};

const namedPlan = (field: Field, asked: string): DescriptorPlan | CallerPlan | PathPlan => {
  if (asked === 'pipe') return { kind: 'caller' };
  if (asked === 'inherit') return descriptor(field, ownDescriptors[field], asked);
  const scheme = schemeOf(asked);
  if (scheme === 'binary') throw invalid(field, asked, 'no logging program but the one of stdout');
  if (scheme !== undefined && scheme !== 'file') throw unknownScheme(field, asked, scheme);
  const path = scheme === 'file' ? partsOf(field, asked).path : asked;
  if (!isAbsolute(path) || path.includes('\0'))
    throw invalid(field, asked, field === 'stdin' ? `${words}; for text to be read take stdio.input` : words);
  return { kind: 'path', path, makeParents: scheme === 'file' && field !== 'stdin', field, given: asked };
};

const unknownScheme = (field: Field, value: string, scheme: string): RxshimError =>
  new RxshimError('invalidArgument', `scheme must be 'binary' or 'file', got: '${scheme}'`, {
    invalid: { field, value },
  });

const givenDescriptor = (field: Field, asked: unknown, objects: string): DescriptorPlan => {
  if (!has(asked, 'fd', 'number')) throw invalid(field, asked, `${words}, ${objects} or { fd }`);
  return descriptor(field, (asked as { fd: number }).fd, asked);
};

const descriptor = (field: Field, fd: number, asked: unknown): DescriptorPlan => {
  try {
    if (process.platform === 'win32') handleOf(field, fd);
    else fstatSync(fd);
    return { kind: 'descriptor', fd, inherited: asked === 'inherit' };
  } catch (cause) {
    throw invalid(field, asked === 'inherit' ? asked : fd, 'an open file descriptor', cause);
  }
};

const has = (asked: unknown, member: PropertyKey, type: 'function' | 'number'): boolean =>
  typeof asked === 'object' &&
  asked !== null &&
  typeof (asked as Record<PropertyKey, unknown>)[member] === type;
