/**
 * Finds the Host Compute Service of this host and the library to reach it by.
 *
 * Nothing is looked for before the first call. Where there is no service, that call says so in one error, of kind
 * `unavailable`, and so does every other.
 */
import { messageOf, RxshimError } from '../failures/errors.js';
import { koffi, type NativeFunction, type NativeType } from '../native/call/koffi.js';
import { computecore } from './computecore.js';
import { computecoreFunctions } from './computecore-library.js';
import type { HcsApi } from './hcs-api.js';
import { computecoreBoards, computecoreCompletions, vmcomputeBoards } from './notifications.js';
import { operations } from './operations.js';
import { service } from './service-call.js';
import { discardStdio } from './stdio.js';
import type { Warnings } from './system-context.js';
import { freeFor } from './texts.js';
import { type Timeouts, timeoutsFrom } from './timeouts.js';
import { vmcompute } from './vmcompute.js';
import { vmcomputeFunctions } from './vmcompute-library.js';

export type LibraryName = HcsApi['name'];

export interface ServiceLocation {
  /** Which of the service's two libraries is spoken to. */
  readonly library: LibraryName;
  /** Where it is, if not where Windows has it. */
  readonly path?: string;
}

export interface HostOptions {
  readonly timeouts?: Partial<Timeouts> | undefined;
  readonly log?: Warnings | undefined;
}

/**
 * The service at the given place; without one the newer of the libraries that this Windows has.
 *
 * @throws RxshimError `unavailable` where there is none.
 */
export const hostService = (place: ServiceLocation | undefined, options: HostOptions): HcsApi => {
  if (place) return reach(place, options);
  if (process.platform !== 'win32') throw missing(`this is ${process.platform}`);
  try {
    return reach({ library: 'computecore' }, options);
  } catch (error) {
    if (!(error instanceof RxshimError) || error.cause === undefined) throw error;
    // Older than Windows Server 2019, or without the feature: the older library tells.
    return reach({ library: 'vmcompute' }, options);
  }
};

const reach = (
  { library, path = `${library}.dll` }: ServiceLocation,
  { timeouts: given, log }: HostOptions,
) => {
  const timeouts = { ...timeoutsFrom(process.env), ...given };
  const warn: Warnings['warn'] = (fields, message) => log?.warn(fields, message);
  const usual = { timeouts, discard: discardStdio };
  if (library === 'vmcompute') {
    const functions = bind(path, vmcomputeFunctions);
    const calls = service({ functions, free: freeFor('task memory'), timeout: timeouts.call, warn });
    return vmcompute({ service: calls, boards: vmcomputeBoards(), ...usual });
  }
  const functions = bind(path, computecoreFunctions);
  const calls = service({ functions, free: freeFor('local memory'), timeout: timeouts.call, warn });
  const operate = operations({ service: calls, functions, completions: computecoreCompletions() });
  return computecore({ service: calls, operate, boards: computecoreBoards(), ...usual });
};

type Signatures = Readonly<Record<string, readonly [result: NativeType, ...parameters: NativeType[]]>>;

const bind = (path: string, signatures: Signatures): Readonly<Record<string, NativeFunction>> => {
  // Where koffi itself is missing, that is what to say.
  const { load } = koffi();
  try {
    const library = load(path);
    return Object.fromEntries(
      Object.entries(signatures).map(([name, [result, ...parameters]]) => [
        name,
        library.func('__stdcall', name, result, parameters),
      ]),
    );
  } catch (cause) {
    throw missing(messageOf(cause), cause);
  }
};

const missing = (why: string, cause?: unknown): RxshimError =>
  new RxshimError(
    'unavailable',
    `there is no Host Compute Service here (${why}); Windows containers need Windows Server 2016 or Windows 10 1607, or later, with the feature "Containers"`,
    cause === undefined ? {} : { cause },
  );
