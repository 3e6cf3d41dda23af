import { createServer, type Server } from 'node:http';
import { expect } from '@jest/globals';
import { describeContainers, itIsBetter } from '../../support/containerd/describe-containers.js';
import { shell } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

const spans: Span[] = [];

/** As much of a collector as takes spans. */
const collector: Server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString());
    for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
    response.end('{}');
  });
});

await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
collector.unref();
const { port } = collector.address() as { port: number };

describeContainers('the traces of a container', () => {
  const host = useShimHost({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });

  itIsBetter('are one trace, from its creation to its deletion, with those of its execs', async () => {
    const container = await host().container(shell('sleep 600'));
    await container.run();
    await container.exec('e', shell('exit 3'));
    expect(await container.exitOf('e')).toBe(3);
    await container.task.delete({ id: container.id, execId: 'e' });
    await container.task.kill({ id: container.id, execId: '', signal: 9, all: false });
    await container.exitOf();
    await container.remove();
    const root = () => spans.find(({ name }) => name === 'container');
    while (root() === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    const trace = spans.filter(({ traceId }) => traceId === root()?.traceId).map(({ name }) => name);
    for (const name of [
      'Create',
      'Start',
      'Exec',
      'Wait',
      'Kill',
      'Delete',
      'publishEvent',
      'hcsExec::waitForExit',
    ]) {
      expect(trace).toContain(name);
    }
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(spans.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name)).toEqual(['container']);
  });
});
