/**
 * ttrpc: remote calls with protobuf messages over one socket, as containerd and its shims speak it.
 *
 *     server        ttrpcServer(), service()
 *     client        ttrpcClient(), serviceClient()
 *     failures      TtrpcError, statusCode
 *     the wire      frameReader()
 *
 * It knows nothing of the rest of the project, and could be a package of its own.
 */

export { type CallOptions, type TtrpcClient, ttrpcClient } from './client.js';
export { type Clock, longTimer, systemClock } from './clock.js';
export type { Codec } from './frames/codec.js';
export { type Frame, type FrameHeader, frameType, headerSize, maxPayload } from './frames/frame.js';
export { type Metadata, metadataOf } from './frames/metadata.js';
export { type FrameListener, type FrameReader, frameReader } from './frames/reader.js';
export { KeyValue } from './generated/ttrpc.js';
export type { CallScope } from './server/call.js';
export { type TtrpcServer, type TtrpcServerOptions, ttrpcServer } from './server/server.js';
export {
  type CallContext,
  type Handler,
  type Handlers,
  type MethodDefinition,
  type Methods,
  type Service,
  type ServiceDefinition,
  type Subscribable,
  service,
} from './server/service.js';
export { serviceClient } from './service-client.js';
export { type FailureKind, statusCode } from './status-code.js';
export { TtrpcError, type TtrpcErrorKind } from './ttrpc-error.js';
