/**
 * The contents of frames: a call and its answer.
 *
 * The payload is the last field of either. So the fields before it, with the payload's own tag and length, are encoded
 * separately, and the payload need not be copied.
 */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Request, Response } from '../generated/ttrpc.js';
import { statusCode } from '../status-code.js';
import { decodeWhole, noBytes } from './codec.js';
import { fromPairs, type Metadata, toPairs } from './metadata.js';

export interface RequestHead {
  readonly service: string;
  readonly method: string;
  /** Nanoseconds left when it was sent; zero for no limit. */
  readonly timeoutNano: bigint;
  readonly metadata: Metadata;
}

export interface ReceivedRequest extends RequestHead {
  readonly payload: Uint8Array;
}

export interface ReceivedResponse {
  readonly code: number;
  readonly message: string;
  readonly payload: Uint8Array;
}

const requestPayload = (3 << 3) | 2;
const responsePayload = (2 << 3) | 2;

const announce = (writer: BinaryWriter, tag: number, payload: Uint8Array): Uint8Array =>
  (payload.length === 0 ? writer : writer.uint32(tag).uint32(payload.length)).finish();

/** The bytes of a Request that stand before its payload. */
export const requestHead = (head: RequestHead, payload: Uint8Array): Uint8Array => {
  const fields = { ...head, metadata: toPairs(head.metadata), payload: noBytes };
  return announce(Request.encode(fields), requestPayload, payload);
};

/** The bytes of a successful Response that stand before its payload. A status of OK is an absent one. */
export const responseHead = (payload: Uint8Array): Uint8Array =>
  payload.length === 0 ? noBytes : announce(new BinaryWriter(), responsePayload, payload);

/** The bytes of a Response with a failure. */
export const failureHead = (code: number, message: string): Uint8Array =>
  Response.encode({ status: { code, message, details: [] }, payload: noBytes }).finish();

/** @throws for what is no Request. */
export const readRequest = (bytes: Uint8Array): ReceivedRequest => {
  const { service, method, payload, timeoutNano, metadata } = decodeWhole(Request, bytes);
  return { service, method, payload, timeoutNano, metadata: fromPairs(metadata) };
};

/** @throws for what is no Response. */
export const readResponse = (bytes: Uint8Array): ReceivedResponse => {
  const { status, payload } = decodeWhole(Response, bytes);
  return { code: status?.code ?? statusCode.ok, message: status?.message ?? '', payload };
};
