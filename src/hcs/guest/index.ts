/**
 * Linux containers in a utility VM, over the bridge protocol of its guest agent.
 *
 *     transport     vsockSockets(), guestCommand(), oneSocket(), or one of your own
 *     guest         connectGuest(): capabilities, createContainer(), host, modify, dumpStacks
 *     container     a compute system as any other: createTask({ system })
 */
export type { BridgeConnection } from './bridge/connection.js';
export { streamConnection } from './bridge/connection.js';
export type { BridgeEnd } from './bridge/failures.js';
export { connectGuest, type GuestOptions, type GuestRecordOptions } from './connect-guest.js';
export { containerDocument } from './container-document.js';
export { bundleOf, type ContainerOptions } from './container-options.js';
export type { Guest } from './guest.js';
export type { GuestContainer } from './guest-container.js';
export type { GuestCapabilities, ModificationRequest } from './protocol/messages.js';
export { type GuestCommandOptions, guestCommand, socketsVariable } from './transport/guest-command.js';
export { type OneSocket, oneSocket, type SocketAddress } from './transport/one-socket.js';
export type { GuestTransport, OfferedPort } from './transport/transport.js';
export { vsockSockets } from './transport/vsock-sockets.js';
