/**
 * The guest agent: serves the processes of this machine to a remote client over the bridge protocol (LCOW).
 *
 *     runAgent()       dials the client, serves it, and dials again when it has gone
 *     serveAgent()     serves one connection that exists already
 *     localEngine()    runs containers as plain processes of this host
 *     runcEngine()     runs containers by runc
 *
 * `rxshim/guest` is the client. Security: the client can run anything as the user of the agent. So unix sockets are
 * dialled only in directories that no other user can write to, and their owner is checked.
 */

export type { Fields } from '../hcs/guest/protocol/json.js';
export type {
  ContainerConfig,
  ModificationRequest,
} from '../hcs/guest/protocol/messages.js';
export { type Dial, type DialOptions, dialOneSocket, dialSockets } from './dialer.js';
export type { AgentEngine, ContainerRequest } from './engine.js';
export { localEngine } from './engines/local.js';
export { runcEngine } from './engines/runc.js';
export { type AgentOptions, runAgent } from './run.js';
export { type Served, type ServeOptions, serveAgent } from './serve.js';
