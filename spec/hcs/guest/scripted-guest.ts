/** A connected client, and a guest in memory that answers as a spec says. */
import { connectGuest, type Guest, type GuestOptions } from '../../../src/hcs/guest/index.js';
import { type RequestName, requestName } from '../../../src/hcs/guest/protocol/message-types.js';
import { memoryTransport } from '../../../tools/vectors/memory-transport.js';
import { type MemoryConnection, memoryConnection, type Sent } from './memory-connection.js';

export const capabilities = {
  RuntimeOsType: 'Linux',
  GuestDefinedCapabilities: { SignalProcessSupported: true },
};

export interface ScriptedGuest {
  readonly guest: Guest;
  readonly connection: MemoryConnection;
  /** The names of the requests so far, without the negotiation. */
  names(): readonly string[];
}

/** The answer to a request; `undefined`: none. */
export type Script = (name: RequestName, request: Sent, connection: MemoryConnection) => object | undefined;

export const scriptedGuest = async (script: Script, options: GuestOptions = {}): Promise<ScriptedGuest> => {
  const connection: MemoryConnection = memoryConnection((request) => {
    // After the request was sent, as over a socket.
    queueMicrotask(() => {
      const name = requestName(request.type) as RequestName;
      const negotiated = { Version: 4, Capabilities: capabilities };
      const body = name === 'negotiateProtocol' ? negotiated : script(name, request, connection);
      if (body !== undefined) connection.answer(request, body);
    });
  });
  const guest = await connectGuest(memoryTransport(connection), options);
  return {
    guest,
    connection,
    names: () =>
      connection.sent.slice(1).map(({ type, fields }) => {
        const request = fields['Request'] as { readonly RequestType?: string } | undefined;
        return [requestName(type), request?.RequestType].filter(Boolean).join(' ');
      }),
  };
};
