/**
 * Loads koffi, the foreign function interface, on first use.
 *
 * Importing this module costs nothing and cannot fail, so the library can be imported on platforms without a koffi
 * binary. The first use there throws an `RxshimError` of kind `unavailable`. Types must be anonymous: koffi keeps names
 * for the life of the process, and test runners evaluate modules more than once.
 */
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { RxshimError } from '../../failures/errors.js';
import { requireNode } from './runtime.js';

/** A function of a native library. */
export interface NativeFunction {
  (...args: unknown[]): number;
  /** Calls it on a thread of Node's pool. The last argument is called back with the result. */
  async(...args: unknown[]): void;
}

/** A type made with koffi. Named types are strings. */
export type NativeType = string | { readonly __brand: 'native type' };

/** Polls a descriptor on the event loop of Node. */
export interface PollHandle {
  ref(): void;
  unref(): void;
  close(): void;
}

/** The part of koffi that is used here. */
export interface Koffi {
  /** `null` means everything that Node is linked to, including the C library. */
  load(library: string | null): {
    func(name: string, result: NativeType, parameters: readonly NativeType[]): NativeFunction;
    func(
      convention: '__stdcall',
      name: string,
      result: NativeType,
      parameters: readonly NativeType[],
    ): NativeFunction;
  };
  proto(convention: '__stdcall', result: NativeType, parameters: readonly NativeType[]): NativeType;
  pointer(to: NativeType): NativeType;
  /** Returns an address by which any thread can call the function. It runs on this thread and is never freed. */
  register(callback: (...args: never[]) => void, type: NativeType): bigint;
  readonly decode: {
    string16(pointer: bigint): string;
    uint32(pointer: bigint): number;
    uint64(pointer: bigint): number | bigint;
  };
  errno(): number;
  /** The address of the buffer. */
  address(buffer: Uint8Array): bigint;
  readonly node: { poll(fd: number, options: { readable: boolean }, callback: () => void): PollHandle };
}

let loaded: Koffi | undefined;

/** @throws RxshimError `unavailable` if koffi or its binary for this platform is not installed, or outside of Node. */
export const koffi = (): Koffi => (loaded ??= load());

const load = (): Koffi => {
  requireNode();
  const require = createRequire(import.meta.url);
  try {
    // Opening the binary takes 2 ms; koffi's own loader, which reads the executable of Node to find out about its C
    // library, takes 10 to 15. A container shim starts in 35.
    return prebuilt(require) ?? (require('koffi') as Koffi);
  } catch (cause) {
    throw new RxshimError(
      'unavailable',
      `native calls need the package koffi with its binary for ${process.platform}-${process.arch}`,
      { cause },
    );
  }
};

/** The path of the binary that works here, for a bundler that copies it. */
export const koffiBinary = (): string | undefined =>
  binaries(createRequire(import.meta.url)).find((place) => opened(place) !== undefined)?.();

const prebuilt = (require: NodeJS.Require): Koffi | undefined => {
  for (const place of binaries(require)) {
    const found = opened(place);
    if (found !== undefined) return found;
  }
  // Another C library or packaging: koffi's own loader reports the error.
  return undefined;
};

/** Candidate paths. */
const binaries = (require: NodeJS.Require): readonly (() => string)[] => {
  const target = `${process.platform}-${process.arch}`;
  const folder = `${process.platform}_${process.arch}`;
  const packaged = (libc: string) => (): string =>
    createRequire(require.resolve('koffi')).resolve(`@koromix/koffi-${target}/${libc}/koffi.node`);
  // An installed shim is a bundle without packages. Its binary is in the same folder.
  const beside = (): string => fileURLToPath(new URL('koffi.node', import.meta.url));
  return [beside, packaged(folder), packaged(`musl_${process.arch}`)];
};

// Node unloads a library that only a worker thread has opened when the thread ends. A moment later the event loop of the
// thread closes the handles made here by a function that is no longer loaded. RTLD_NODELETE prevents that; Linux only.
const stayLoaded = process.platform === 'linux' ? 0x1000 : 0;

const opened = (place: () => string): Koffi | undefined => {
  try {
    const module = { exports: {} as Partial<Koffi> };
    process.dlopen(module, place(), constants.dlopen.RTLD_LAZY | stayLoaded);
    return module.exports.node === undefined ? undefined : (module.exports as Koffi);
  } catch {
    return undefined;
  }
};
