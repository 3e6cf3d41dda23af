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
export type { CallScope } from './call.js';
export { type CallOptions, type TtrpcClient, ttrpcClient } from './client.js';
export { type Clock, longTimer, systemClock } from './clock.js';
export type { Codec } from './codec.js';
export { type Frame, type FrameHeader, frameType, headerSize, maxPayload } from './frame.js';
export { type FrameListener, type FrameReader, frameReader } from './frame-reader.js';
export { type Metadata, metadataOf } from './metadata.js';
export { type TtrpcServer, type TtrpcServerOptions, ttrpcServer } from './server.js';
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
} from './service.js';
export { serviceClient } from './service-client.js';
export { type FailureKind, statusCode } from './status-code.js';
export { TtrpcError, type TtrpcErrorKind } from './ttrpc-error.js';
