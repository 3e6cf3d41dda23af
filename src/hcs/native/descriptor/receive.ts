/**
 * Takes a descriptor that was sent over a socket.
 *
 * Node itself can only receive pipes and sockets, and only from its own children.
 */
import { closeSync } from 'node:fs';
import { endianness } from 'node:os';
import { koffi, type NativeFunction } from '../call/koffi.js';
import { libc, nativeError } from '../call/libc.js';
import { ofThisThread } from './of-this-thread.js';

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_DONTWAIT = 0x40;
const MSG_CMSG_CLOEXEC = 0x40000000;
const EAGAIN = 11;

const word = process.arch === 'arm' || process.arch === 'ia32' ? 4 : 8;
const little = endianness() === 'LE';
/** Room for more than the one that is expected, so that none is dropped without a word. */
const mostDescriptors = 8;

/**
 * The first descriptor of the next message, close-on-exec; any other is closed. `undefined` when there is no message yet.
 *
 * @throws an error with the `code` of the refusal, or without one when the message held no descriptor.
 */
export const receiveDescriptor = (socket: number): number | undefined => {
  const data = Buffer.alloc(4096);
  const control = Buffer.alloc(word + 8 + 4 * mostDescriptors);
  const vector = words(koffi().address(data), BigInt(data.length));
  const message = Buffer.concat([
    words(0n, 0n, koffi().address(vector), 1n, koffi().address(control), BigInt(control.length)),
    Buffer.alloc(8),
  ]);
  const length = recvmsg()(socket, message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (length < 0) {
    const errno = libc().errno();
    if (errno === EAGAIN) return undefined;
    throw nativeError('recvmsg', errno);
  }
  const [first, ...others] = descriptorsIn(control, Number(wordAt(message, 5))).map(ofThisThread);
  for (const other of others) closeSync(other);
  if (first === undefined) throw new Error('the message held no descriptor');
  return first;
};

// A control message is a length, a level, a type, and then the numbers.
const descriptorsIn = (control: Buffer, length: number): number[] => {
  const header = word + 8;
  const view = new DataView(control.buffer, control.byteOffset, control.length);
  if (length < header) return [];
  if (view.getInt32(word, little) !== SOL_SOCKET || view.getInt32(word + 4, little) !== SCM_RIGHTS) return [];
  const count = Math.floor((Number(wordAt(control, 0)) - header) / 4);
  return Array.from({ length: count }, (_, index) => view.getInt32(header + 4 * index, little));
};

const words = (...values: readonly bigint[]): Buffer => {
  const buffer = Buffer.alloc(values.length * word);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  values.forEach((value, index) => {
    if (word === 8) view.setBigUint64(index * 8, value, little);
    else view.setUint32(index * 4, Number(value), little);
  });
  return buffer;
};

const wordAt = (buffer: Buffer, index: number): bigint => {
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  return word === 8 ? view.getBigUint64(index * 8, little) : BigInt(view.getUint32(index * 4, little));
};

let bound: NativeFunction | undefined;

const recvmsg = (): NativeFunction =>
  (bound ??= koffi().load(null).func('recvmsg', 'intptr_t', ['int', 'void *', 'int']));
