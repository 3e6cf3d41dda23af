import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CreateTaskRequest,
  cgroups2,
  Envelope,
  StateResponse,
  UpdateTaskRequest,
} from '../../../src/shim/messages/index.js';
import {
  failureHead,
  readRequest,
  readResponse,
  requestHead,
  responseHead,
} from '../../../src/shim/ttrpc/frames/envelope.js';

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const text = fc.string({ unit: 'grapheme' });
// A name of its own: what starts with two underscores is not for a plain object.
const key = fc.string({ unit: 'grapheme-ascii' }).map((name) => `k${name.toLowerCase()}`);
const bytes = fc.uint8Array({ maxLength: 300 });
const any = fc.record({ typeUrl: text, value: bytes });
const timestamp = fc.record({
  seconds: fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
});
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const mount = fc.record({ type: text, source: text, target: text, options: fc.array(text) });
const check = { seed: 6, numRuns: 200 };
const plain = (value: Uint8Array): number[] => [...value];

describe('what is encoded', () => {
  it('is what is decoded', () => {
    const cases = [
      fc.record({
        type: fc.constant(StateResponse),
        message: fc.record({
          id: text,
          bundle: text,
          pid: uint32,
          status: fc.constantFrom(0, 1, 2, 3, 4, 5),
          stdin: text,
          stdout: text,
          stderr: text,
          terminal: fc.boolean(),
          exitStatus: uint32,
          exitedAt: maybe(timestamp),
          execId: text,
        }),
      }),
      fc.record({
        type: fc.constant(CreateTaskRequest),
        message: fc.record({
          id: text,
          bundle: text,
          rootfs: fc.array(mount),
          terminal: fc.boolean(),
          stdin: text,
          stdout: text,
          stderr: text,
          checkpoint: text,
          parentCheckpoint: text,
          options: maybe(any),
        }),
      }),
      fc.record({
        type: fc.constant(UpdateTaskRequest),
        message: fc.record({
          id: text,
          resources: maybe(any),
          annotations: fc.dictionary(key, text, { noNullPrototype: true }),
        }),
      }),
      fc.record({
        type: fc.constant(Envelope),
        message: fc.record({ timestamp: maybe(timestamp), namespace: text, topic: text, event: maybe(any) }),
      }),
      fc.record({
        type: fc.constant(cgroups2.MemoryEvents),
        message: fc.record({ low: uint64, high: uint64, max: uint64, oom: uint64, oomKill: uint64 }),
      }),
    ] as unknown as fc.Arbitrary<{ type: typeof StateResponse; message: StateResponse }>[];
    fc.assert(
      fc.property(fc.oneof(...cases), ({ type, message }) => {
        expect(type.decode(type.encode(message).finish())).toEqual(message);
      }),
      { ...check, numRuns: 500 },
    );
  });

  it('is a request, with its payload behind the rest', () => {
    const metadata = fc
      .dictionary(key, fc.array(text, { minLength: 1 }), { noNullPrototype: true })
      .map((values) => new Map(Object.entries(values)));
    const timeoutNano = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const head = fc.record({ service: text, method: text, timeoutNano, metadata });
    fc.assert(
      fc.property(head, bytes, (fields, payload) => {
        const read = readRequest(Buffer.concat([requestHead(fields, payload), payload]));
        expect({ ...read, payload: plain(read.payload) }).toEqual({ ...fields, payload: plain(payload) });
      }),
      check,
    );
  });

  it('is a response, good or bad', () => {
    fc.assert(
      fc.property(bytes, (payload) => {
        const read = readResponse(Buffer.concat([responseHead(payload), payload]));
        expect({ ...read, payload: plain(read.payload) }).toEqual({
          code: 0,
          message: '',
          payload: plain(payload),
        });
      }),
      check,
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), text, (code, message) => {
        expect(readResponse(failureHead(code, message))).toMatchObject({ code, message });
      }),
      check,
    );
  });

  it('is on the wire what Go makes of it', () => {
    const head = {
      service: 's',
      method: 'M',
      timeoutNano: 5_000_000_000n,
      metadata: new Map([['n', ['d']]]),
    };
    const hex = '0a0173' + '12014d' + '2080e497d012' + '2a06' + '0a016e' + '120164' + '1a02';
    expect(Buffer.from(requestHead(head, Buffer.from('xy'))).toString('hex')).toBe(hex);
    expect(Buffer.from(responseHead(Buffer.from('xy'))).toString('hex')).toBe('1202');
    expect(responseHead(new Uint8Array(0))).toHaveLength(0);
    expect(Buffer.from(failureHead(5, 'x: not found')).toString('hex')).toBe(
      `0a10${'0805'}120c${Buffer.from('x: not found').toString('hex')}`,
    );
  });

  it('is decoded or refused, but never more, when it is rubbish', () => {
    fc.assert(
      fc.property(bytes, (rubbish) => {
        for (const read of [readRequest, readResponse, StateResponse.decode, CreateTaskRequest.decode]) {
          try {
            read(rubbish);
          } catch (error) {
            expect(error).toHaveProperty('message');
          }
        }
      }),
      check,
    );
  });
});
