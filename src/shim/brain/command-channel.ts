/**
 * The brain's end of the command channel: one packet asks, one answers, each with the descriptors that belong to it.
 *
 * It blocks, as a system call does: the keeper answers at once and waits for nothing. A keeper that is gone fails the
 * command with `unavailable`.
 */
import { closeSync } from 'node:fs';
import { endianness } from 'node:os';
import { RxshimError } from '../../hcs/failures/errors.js';
import { koffi, type NativeFunction } from '../../hcs/native/call/koffi.js';
import { libc, nativeError } from '../../hcs/native/call/libc.js';
import { ofThisThread } from '../../hcs/native/descriptor/of-this-thread.js';
import { type Reader, reader } from './wire.js';

export interface CommandAnswer {
  readonly body: Reader;
  /** Which the answer came with, if any. */
  readonly descriptor: number | undefined;
}

export interface CommandChannel {
  /** @throws an error with the `code` that the keeper answered with, or RxshimError `unavailable`. */
  ask(name: string, request: Buffer, descriptors?: readonly number[]): CommandAnswer;
}

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const EINTR = 4;

const word = 8;
const headSize = word + 8;
const little = endianness() === 'LE';
const largestAnswer = 64 * 1024;

export const commandChannel = (socket: number): CommandChannel => {
  const received = Buffer.alloc(largestAnswer);
  const call = (name: 'sendmsg' | 'recvmsg', data: Buffer, control: Buffer, flags: number): number => {
    const vector = words(koffi().address(data), BigInt(data.length));
    const place = control.length === 0 ? 0n : koffi().address(control);
    const message = Buffer.concat([
      words(0n, 0n, koffi().address(vector), 1n, place, BigInt(control.length)),
      Buffer.alloc(8),
    ]);
    for (;;) {
      const length = native()[name](socket, message, flags);
      if (length > 0) return length;
      const errno = length < 0 ? libc().errno() : 0;
      if (errno === EINTR) continue;
      throw new RxshimError('unavailable', `the keeper is gone: ${name} failed with errno ${errno}`);
    }
  };
  return {
    ask: (name, request, descriptors = []) => {
      call('sendmsg', request, rights(descriptors), MSG_NOSIGNAL);
      const control = Buffer.alloc(headSize + 8);
      const length = call('recvmsg', received, control, MSG_CMSG_CLOEXEC);
      const body = reader(Buffer.from(received.subarray(0, length)));
      const sent = descriptorIn(control);
      const errno = body.u32();
      if (errno === 0) return { body, descriptor: sent };
      if (sent !== undefined) closeSync(sent);
      throw nativeError(name, errno);
    },
  };
};

// A control message is a length, a level, a type, and then the numbers.
const rights = (descriptors: readonly number[]): Buffer => {
  if (descriptors.length === 0) return Buffer.alloc(0);
  const control = Buffer.alloc(headSize + Math.ceil((4 * descriptors.length) / word) * word);
  words(BigInt(headSize + 4 * descriptors.length)).copy(control);
  const view = new DataView(control.buffer, control.byteOffset, control.length);
  view.setInt32(word, SOL_SOCKET, little);
  view.setInt32(word + 4, SCM_RIGHTS, little);
  descriptors.forEach((descriptor, index) => view.setInt32(headSize + 4 * index, descriptor, little));
  return control;
};

const descriptorIn = (control: Buffer): number | undefined => {
  const view = new DataView(control.buffer, control.byteOffset, control.length);
  if (view.getBigUint64(0, little) < BigInt(headSize + 4)) return undefined;
  return ofThisThread(view.getInt32(headSize, little));
};

const words = (...values: readonly bigint[]): Buffer => {
  const buffer = Buffer.alloc(values.length * word);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  values.forEach((value, index) => view.setBigUint64(index * word, value, little));
  return buffer;
};

let bound: Readonly<Record<'sendmsg' | 'recvmsg', NativeFunction>> | undefined;

const native = () => (bound ??= bind());

const bind = () => {
  const library = koffi().load(null);
  const signature = ['int', 'void *', 'int'];
  return {
    sendmsg: library.func('sendmsg', 'intptr_t', signature),
    recvmsg: library.func('recvmsg', 'intptr_t', signature),
  };
};
