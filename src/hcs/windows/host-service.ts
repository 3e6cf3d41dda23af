/**
 * Finds the Host Compute Service of this host and the library to reach it by.
 *
 * Nothing is looked for before the first call. Where there is no service, that call says so in one error, of kind
 * `unavailable`, and so does every other.
 */
import { RxshimError } from '../errors.js';
import { normaliseHresult } from '../hcs-codes.js';
import { koffi, type NativeFunction, type NativeType } from '../native/koffi.js';
import type { HcsApi } from './hcs-api.js';
import { type Listeners, listeners } from './listeners.js';
import { type NoticeBoard } from './notices.js';
import { service } from './service-call.js';
import { discardStdio } from './stdio.js';
import type { Warnings } from './system-context.js';
import { freeFor } from './texts.js';
import { type Timeouts, timeoutsFrom } from './timeouts.js';
import { vmcompute, vmcomputeCallback, vmcomputeFunctions, vmcomputeNotices } from './vmcompute.js';

export type LibraryName = HcsApi['name'];

export interface ServiceLocation {
  /** Which of the service's two libraries is spoken to. */
  readonly library: LibraryName;
  /** Where it is, if not where Windows has it. */
  readonly path?: string;
}

export interface HostOptions {
  readonly timeouts?: Partial<Timeouts>;
  readonly log?: Warnings | undefined;
}

/** @throws RxshimError `unavailable` where it is not, or lacks a function. */
export const hostService = (location: ServiceLocation | undefined, options: HostOptions = {}): HcsApi => {
  const { library = 'vmcompute', path = `${library}.dll` } = location ?? {};
  const timeouts = { ...timeoutsFrom(process.env), ...options.timeouts };
  const warn: Warnings['warn'] = (fields, message) => options.log?.warn(fields, message);
  const functions = bind(path, vmcomputeFunctions);
  const parts = { functions, free: freeFor('task memory'), timeout: timeouts.call, warn };
  return vmcompute({ service: service(parts), boards: vmcomputeBoards(), timeouts, discard: discardStdio });
};

const vmcomputeBoards = (): Listeners<NoticeBoard> =>
  listeners<NoticeBoard>(vmcomputeCallback, (find, type: number, context: number, status: number, data: string | null) => {
    const kind = vmcomputeNotices.get(type);
    const code = normaliseHresult(status);
    if (kind) find(context)?.post({ kind, ...(code !== undefined && { code }), ...(data !== null && { data }) });
  });

const bind = (path: string, signatures: Readonly<Record<string, readonly NativeType[]>>) => {
  try {
    const library = koffi().load(path);
    const functions: Record<string, NativeFunction> = {};
    for (const [name, parameters] of Object.entries(signatures))
      functions[name] = library.func('__stdcall', name, 'int32', parameters);
    return functions;
  } catch (cause) {
    throw cause instanceof RxshimError ? cause : missing(path, cause);
  }
};

const missing = (path: string, cause: unknown): RxshimError =>
  new RxshimError('unavailable', `no Host Compute Service here (${path}): Windows containers need …`, { cause });
