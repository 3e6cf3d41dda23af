/**
 * One request to the API server: an answer, or a stream that is read as it comes.
 *
 * The invariant: a failed request affects no other. A request that the server refuses for lack of capacity (429, priority
 * and fairness) is retried at the time that the server names.
 */
import { type ClientRequest, type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps, type RequestOptions } from 'node:https';
import { bodyOf, queryText } from '../../remote/http.js';
import { backoff, pause } from '../../remote/pause.js';
import { refused, statusIn, unreachable } from './api-error.js';
import type { ApiRequest, Query } from './api-request.js';
import type { Access, Cluster } from './cluster.js';

export type { ApiRequest, Query };

/** The whole answer, as JSON. @throws RxshimError for a refusal, or a server that cannot be reached. */
export const call = async <T>(cluster: Cluster, request: ApiRequest): Promise<T> => {
  const next = backoff(500, 8_000);
  for (let tries = 0; ; tries += 1) {
    try {
      const response = await respond(cluster, request, undefined);
      const text = await textOf(response);
      const status = response.statusCode ?? 0;
      if (status >= 400) {
        if (status === 429 && tries < maxTries) {
          await pause(retryAfter(response) ?? next());
          continue;
        }
        throw refused(request.what, status, text, request.needs);
      }
      return JSON.parse(text) as T;
    } catch (error) {
      // A token that has expired: once with a new one.
      if (statusIn(error) !== 401 || tries > 0) throw error;
      cluster.forget();
    }
  }
};

const maxTries = 6;

const retryAfter = ({ headers }: IncomingMessage): number | undefined => {
  const seconds = Number(headers['retry-after']);
  return seconds > 0 ? Math.min(seconds, 30) * 1_000 : undefined;
};

/** The head of an answer whose body is read as it comes. @throws RxshimError as `call` does. */
export const open = async (
  cluster: Cluster,
  request: ApiRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> => {
  const response = await respond(cluster, request, signal);
  const status = response.statusCode ?? 0;
  if (status < 400) return response;
  if (status === 401) cluster.forget();
  throw refused(request.what, status, await textOf(response), request.needs);
};

const respond = async (
  cluster: Cluster,
  request: ApiRequest,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> => {
  if (cluster.answer !== undefined) return cluster.answer(request, signal);
  const access = await cluster.access();
  return new Promise((resolve, reject) => {
    const sent = send(access, request, signal === undefined ? {} : { signal, agent: streamAgent(access) });
    sent.once('response', (response) => {
      // An error without a listener would end the program; the reader of the body gets it.
      response.on('error', () => undefined);
      resolve(response);
    });
    sent.on('error', (cause) => reject(unreachable(request.what, access.server, cause)));
    sent.end(payloadOf(request));
  });
};

const payloadOf = ({ body }: ApiRequest): string | undefined =>
  body === undefined ? undefined : JSON.stringify(body);

/** A stream has a connection of its own, unless a proxy is between. */
export const streamAgent = ({ options }: Access): RequestOptions['agent'] => {
  const { agent } = options;
  return typeof agent === 'object' && 'keepAlive' in agent && agent.constructor.name !== 'Agent'
    ? agent
    : false;
};

/** Sends the head of a request. */
export const send = (
  { server, options }: Access,
  request: ApiRequest,
  more: RequestOptions,
): ClientRequest => {
  const { method = 'GET', path, query = [], contentType = 'application/json' } = request;
  const payload = payloadOf(request);
  const all: RequestOptions = {
    ...options,
    ...more,
    method,
    host: server.hostname,
    port: server.port || (server.protocol === 'https:' ? 443 : 80),
    path: `${server.pathname.replace(/\/$/, '')}${path}${queryText(query)}`,
    headers: {
      Accept: 'application/json',
      ...(options.headers as Record<string, string>),
      // Node sends the body of a DELETE without a length of its own.
      ...(payload !== undefined && {
        'Content-Type': contentType,
        'Content-Length': String(Buffer.byteLength(payload)),
      }),
      ...(more.headers as Record<string, string>),
    },
  };
  return server.protocol === 'https:' ? overHttps(all) : overHttp(all);
};

/** The whole body. @throws RxshimError for one that is cut off or too long. */
export const textOf = (response: IncomingMessage): Promise<string> => bodyOf(response, 'the API server');
