/** Replays a request that the server refused, by the engine's own client. */
import { clusterOf } from '../../src/hcs/kubernetes/api/cluster.js';
import { call } from '../../src/hcs/kubernetes/api/request.js';
import { refusalDifferences } from './refusal-differences.js';
import { sendAnswer, startReplayServer } from './replay-server.js';
import type { Step } from './session.js';

export const isRefusal = ({ request, response }: Step): boolean =>
  request !== undefined && response !== undefined && response.status >= 400;

export const replayRefusal = async ({ request, response }: Step): Promise<string[]> => {
  const { status = 0, body, headers } = response ?? {};
  const server = await startReplayServer({ answer: (_, to) => sendAnswer(to, { status, headers, body }) });
  try {
    await call(clusterOf({ server: server.server }), {
      path: request?.path ?? '/',
      what: 'ask',
      needs: 'get on pods',
    });
    return [`a refusal with ${status} expected`];
  } catch (error) {
    return refusalDifferences(error, status, body);
  } finally {
    await server.close();
  }
};
