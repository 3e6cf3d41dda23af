/** The request for a remote command in a container. */
import type { ApiRequest, Query } from '../api/request.js';
import { type PodContext, podPath } from '../pod/pod-context.js';

export interface ExecStreams {
  readonly stdin: boolean;
  readonly stderr: boolean;
  readonly terminal: boolean;
}

export const execRequest = (
  pod: PodContext,
  command: readonly string[],
  { stdin, stderr, terminal }: ExecStreams,
): ApiRequest => {
  const query: Query = [
    ['container', pod.container],
    ...command.map((word) => ['command', word] as const),
    ['stdin', stdin ? true : undefined],
    // A command without a stream is refused.
    ['stdout', true],
    ['stderr', stderr && !terminal ? true : undefined],
    ['tty', terminal ? true : undefined],
  ];
  return {
    path: podPath(pod, '/exec'),
    query,
    what: `exec in pod ${pod.name}`,
    needs: 'get and create on pods/exec',
  };
};
