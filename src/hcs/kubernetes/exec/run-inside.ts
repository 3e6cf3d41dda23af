/** Runs a script in a container and waits for its end: what the API cannot do from outside. */
import { messageOf, RxshimError } from '../../failures/errors.js';
import { statusIn } from '../api/api-error.js';
import type { PodContext } from '../pod/pod-context.js';
import { openChannels, v4, v5 } from './channels.js';
import { execRequest } from './exec-request.js';
import { startFailure } from './status.js';

export interface InsideResult {
  readonly code: number;
  readonly output: string;
}

/**
 * Over v4, whose zero is one: it needs no input.
 * @throws RxshimError where the image has no shell, or the connection is lost.
 */
export const runInside = async (
  pod: PodContext,
  script: string,
  ...args: readonly string[]
): Promise<InsideResult> => {
  const request = execRequest(pod, ['sh', '-c', script, 'sh', ...args], {
    stdin: false,
    stderr: true,
    terminal: false,
  });
  const texts = { 1: '', 2: '' };
  const channels = await openChannels(pod.cluster, request, {
    protocols: [v4, v5],
    terminal: false,
    filter: (channel, bytes) => {
      texts[channel] = `${texts[channel]}${bytes.toString()}`.slice(0, maxOutput);
      return [];
    },
  });
  const closing = pod.closed$.subscribe(() => channels.destroy());
  const { status } = await channels.end;
  closing.unsubscribe();
  const output = texts[1] || texts[2];
  switch (status?.kind) {
    case 'code':
      return { code: status.code, output };
    case 'failure':
      throw startFailure(request.what, status.message);
    case 'success':
      if (channels.protocol === v4) return { code: 0, output };
  }
  throw new RxshimError('unavailable', `${request.what}: the connection was lost before its end`);
};

/** The container has ended, or its pod is gone. The server knows it up to a second before the watch reports it. */
export const isContainerGone = (error: unknown): boolean => {
  const status = statusIn(error);
  return status === 404 || (status === 500 && /container not found|is not running/.test(messageOf(error)));
};

const maxOutput = 1_000_000;
