/**
 * Finds the Host Compute Service of this host and the library to reach it by.
 *
 * Nothing is loaded before the first call. Without a service that call and every later one fail with an error of kind
 * `unavailable`.
 */
import { messageOf, RxshimError } from '../../failures/errors.js';
import { koffi, type NativeFunction, type NativeType } from '../../native/call/koffi.js';
import { closeStdio } from '../stdio.js';
import type { Warnings } from '../system-context.js';
import type { HcsApi } from './api.js';
import { service } from './call.js';
import { computecore } from './computecore/computecore.js';
import { computecoreFunctions } from './computecore/library.js';
import { operations } from './computecore/operations.js';
import {
  computecoreCompletions,
  computecoreRegistries,
  vmcomputeRegistries,
} from './notification-callbacks.js';
import { freeFor } from './strings.js';
import { type Timeouts, timeoutsFrom } from './timeouts.js';
import { vmcomputeFunctions } from './vmcompute/library.js';
import { vmcompute } from './vmcompute/vmcompute.js';

/** The library through which the Host Compute Service is called. */
export type LibraryName = 'vmcompute' | 'computecore';

/** Where the library of the Host Compute Service is. */
export interface ServiceLocation {
  /** Which of the service's two libraries to use. */
  readonly library: LibraryName;
  /** Its path, if it is not the system's own. */
  readonly path?: string;
}

export interface HostOptions {
  readonly timeouts?: Partial<Timeouts> | undefined;
  readonly log?: Warnings | undefined;
}

/**
 * The service at the given place, or by the newer library that this Windows has.
 *
 * @throws RxshimError `unavailable` if there is none.
 */
export const locateService = (place: ServiceLocation | undefined, options: HostOptions): HcsApi => {
  if (place) return reach(place, options);
  if (process.platform !== 'win32') throw missing(`this is ${process.platform}`);
  try {
    return reach({ library: 'computecore' }, options);
  } catch (error) {
    if (!(error instanceof RxshimError) || error.cause === undefined) throw error;
    // Windows is older than Windows Server 2019, or lacks the feature. The older library reports which.
    return reach({ library: 'vmcompute' }, options);
  }
};

const reach = (
  { library, path = `${library}.dll` }: ServiceLocation,
  { timeouts: given, log }: HostOptions,
) => {
  const timeouts = { ...timeoutsFrom(process.env), ...given };
  const warn: Warnings['warn'] = (fields, message) => log?.warn(fields, message);
  const common = { timeouts, discard: closeStdio };
  if (library === 'vmcompute') {
    const functions = bind(path, vmcomputeFunctions);
    const calls = service({ functions, free: freeFor('task memory'), timeout: timeouts.call, warn });
    return vmcompute({ service: calls, registries: vmcomputeRegistries(), ...common });
  }
  const functions = bind(path, computecoreFunctions);
  const calls = service({ functions, free: freeFor('local memory'), timeout: timeouts.call, warn });
  const operate = operations({ service: calls, functions, completions: computecoreCompletions() });
  return computecore({ service: calls, operate, registries: computecoreRegistries(), ...common });
};

type Signatures = Readonly<Record<string, readonly [result: NativeType, ...parameters: NativeType[]]>>;

const bind = (path: string, signatures: Signatures): Readonly<Record<string, NativeFunction>> => {
  // If koffi itself is missing, that is the error.
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
