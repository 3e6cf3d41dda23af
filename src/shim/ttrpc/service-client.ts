/** The methods of a service as functions from message to message, over a client that carries bytes. */
import type { CallOptions, TtrpcClient } from './client.js';
import { decodeWhole, encodeWhole } from './frames/codec.js';
import type { MethodDefinition, Methods, ServiceDefinition } from './server/service.js';
import { TtrpcError, textOf } from './ttrpc-error.js';

/**
 * The methods of a service, typed, over a client.
 *
 * @param shared options of every call, such as the metadata that a service wants.
 * @example
 * const task = serviceClient(client, TaskDefinition);
 * const { pid } = await task.connect({ id }, { timeout: 5_000 });
 */
export const serviceClient = <D extends ServiceDefinition>(
  client: TtrpcClient,
  definition: D,
  shared: CallOptions = {},
): Methods<D, CallOptions> => {
  const caller =
    ({ name, requestType, responseType }: MethodDefinition<unknown, unknown>) =>
    async (request: unknown, options?: CallOptions): Promise<unknown> => {
      const payload = encodeWhole(requestType, request);
      const answer = await client.call(definition.fullName, name, payload, { ...shared, ...options });
      try {
        return decodeWhole(responseType, answer);
      } catch (cause) {
        throw new TtrpcError('internal', `${name}: the answer cannot be decoded: ${textOf(cause)}`, {
          cause,
        });
      }
    };
  const methods = Object.entries(definition.methods).map(([name, method]) => [name, caller(method)]);
  return Object.fromEntries(methods) as Methods<D, CallOptions>;
};
