/**
 * Event descriptors (eventfd): the kernel adds to a counter, and a read takes its value.
 */
import { koffi, type NativeFunction } from '../call/koffi.js';
import { openedOrThrow } from './of-this-thread.js';

const EFD_CLOEXEC = 0o2000000;
const EFD_NONBLOCK = 0o4000;

let bound: NativeFunction | undefined;

/** A new one, with a count of 0. Never blocks. */
export const eventDescriptor = (): number => {
  bound ??= koffi().load(null).func('eventfd', 'int', ['uint', 'int']);
  return openedOrThrow('eventfd', bound(0, EFD_CLOEXEC | EFD_NONBLOCK));
};
