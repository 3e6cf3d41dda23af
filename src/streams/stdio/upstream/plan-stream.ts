/**
 * Reads what was asked of one stream.
 */
import { fstatSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { ByteSink } from '../../../hcs/bytes.js';
import { invalid, RxshimError } from '../../../hcs/errors.js';
import { handleOf } from '../../../hcs/native/windows/index.js';
import { isNodeStream } from './given-streams.js';
import type { PathPlan } from './path-streams.js';
import type { InputRequest, OutputRequest } from './stdio-request.js';
import { partsOf, schemeOf } from './uri.js';

interface DescriptorPlan {
  readonly kind: 'descriptor';
  readonly fd: number;
}

interface CallerPlan {
  readonly kind: 'caller';
}

export type InputPlan =
  | DescriptorPlan
  | CallerPlan
  | PathPlan
  | { readonly kind: 'given'; readonly stream: AsyncIterable<Uint8Array | string> };

export type OutputPlan =
  | DescriptorPlan
  | CallerPlan
  | PathPlan
  | { readonly kind: 'given'; readonly stream: ByteSink };

type Field = 'stdin' | 'stdout' | 'stderr';

const ownDescriptors: Readonly<Record<Field, number>> = { stdin: 0, stdout: 1, stderr: 2 };

const words = "'ignore', 'inherit', 'pipe', an absolute path, a file: URI";

export const isConnected = (asked: unknown): boolean =>
  asked !== undefined && asked !== '' && asked !== 'ignore';

/** Whether it is something that containerd can say, and not one of our words or objects. */
export const isName = (asked: unknown): boolean =>
  asked === undefined || (typeof asked === 'string' && !['ignore', 'inherit', 'pipe'].includes(asked));

export const inputPlan = (asked: InputRequest): InputPlan | undefined => {
  if (!isConnected(asked)) return undefined;
  if (typeof asked === 'string') return namedPlan('stdin', asked);
  if (has(asked, Symbol.asyncIterator, 'function'))
    return { kind: 'given', stream: asked as AsyncIterable<Uint8Array | string> };
  return givenDescriptor('stdin', asked, 'an async iterable');
};

export const outputPlan = (field: 'stdout' | 'stderr', asked: OutputRequest): OutputPlan | undefined => {
  if (!isConnected(asked)) return undefined;
  if (typeof asked === 'string') return namedPlan(field, asked);
  // Its `write` answers before it is done with the bytes, which may be overwritten then.
  if (isNodeStream(asked)) throw invalid(field, asked, 'a sink rather than a stream of Node');
  if (has(asked, 'write', 'function')) return { kind: 'given', stream: asked as ByteSink };
  return givenDescriptor(field, asked, 'a sink');
};

const namedPlan = (field: Field, asked: string): DescriptorPlan | CallerPlan | PathPlan => {
  if (asked === 'pipe') return { kind: 'caller' };
  if (asked === 'inherit') return descriptor(field, ownDescriptors[field], asked);
  const scheme = schemeOf(asked);
  if (scheme === 'binary') throw invalid(field, asked, 'no logging program but the one of stdout');
  if (scheme !== undefined && scheme !== 'file') throw unknownScheme(field, asked, scheme);
  const path = scheme === 'file' ? partsOf(field, asked).path : asked;
  if (!isAbsolute(path) || path.includes('\0')) throw invalid(field, asked, words);
  return { kind: 'path', path, makeParents: scheme === 'file' && field !== 'stdin', field, given: asked };
};

const unknownScheme = (field: Field, value: string, scheme: string): RxshimError =>
  new RxshimError('invalidArgument', `scheme must be 'binary' or 'file', got: '${scheme}'`, {
    culprit: { field, value },
  });

const givenDescriptor = (field: Field, asked: unknown, objects: string): DescriptorPlan => {
  if (!has(asked, 'fd', 'number')) throw invalid(field, asked, `${words}, ${objects} or { fd }`);
  return descriptor(field, (asked as { fd: number }).fd, asked);
};

const descriptor = (field: Field, fd: number, asked: unknown): DescriptorPlan => {
  try {
    if (process.platform === 'win32') handleOf(field, fd);
    else fstatSync(fd);
    return { kind: 'descriptor', fd };
  } catch (cause) {
    throw invalid(field, asked === 'inherit' ? asked : fd, 'an open file descriptor', cause);
  }
};

const has = (asked: unknown, member: PropertyKey, type: 'function' | 'number'): boolean =>
  typeof asked === 'object' &&
  asked !== null &&
  typeof (asked as Record<PropertyKey, unknown>)[member] === type;
