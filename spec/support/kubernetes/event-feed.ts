/** The events of the stand-in: a list and a watch of them. */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { ApiPod } from '../../../src/hcs/kubernetes/pods/api-pod.js';

export const eventFeed = () => {
  const all: { readonly version: number; readonly document: ReturnType<typeof documentOf> }[] = [];
  const watchers = new Set<ServerResponse>();
  const documentOf = (pod: ApiPod, reason: string, message: string, version: number) => ({
    metadata: { uid: randomUUID(), resourceVersion: String(version) },
    involvedObject: { kind: 'Pod', name: pod.metadata?.name, uid: pod.metadata?.uid },
    type: reason === 'Failed' ? 'Warning' : 'Normal',
    ...{ reason, message, count: 1, lastTimestamp: new Date().toISOString() },
    source: { component: 'kubelet' },
  });
  const lineOf = (document: object): string => `${JSON.stringify({ type: 'ADDED', object: document })}\n`;
  return {
    add: (pod: ApiPod, reason: string, message: string): void => {
      const document = documentOf(pod, reason, message, all.length + 1);
      all.push({ version: all.length + 1, document });
      for (const watcher of watchers) watcher.write(lineOf(document));
    },
    answer: (query: URLSearchParams, response: ServerResponse): void => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      if (!query.has('watch')) {
        const name = /involvedObject\.name=([^,]+)/.exec(query.get('fieldSelector') ?? '')?.[1];
        const found = all.filter(({ document }) => !name || document.involvedObject.name === name);
        const items = found.map(({ document }) => document);
        return void response.end(
          JSON.stringify({ metadata: { resourceVersion: String(all.length) }, items }),
        );
      }
      response.flushHeaders();
      const from = Number(query.get('resourceVersion') ?? 0);
      for (const { version, document } of all) if (version > from) response.write(lineOf(document));
      watchers.add(response);
      response.once('close', () => watchers.delete(response));
    },
  };
};
