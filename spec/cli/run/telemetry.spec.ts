import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeOnLinux, rxshim } from '../rxshim.js';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes?: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly events?: readonly { readonly name: string }[];
}

describeOnLinux('--otlp', () => {
  let server: Server;
  let spans: Span[] = [];
  let paths: (string | undefined)[] = [];
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  beforeAll(
    () =>
      new Promise<void>((resolve) => {
        server = createServer(async (request, response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of request) chunks.push(chunk);
          const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString());
          for (const { scopeSpans } of resourceSpans)
            for (const scope of scopeSpans) spans.push(...scope.spans);
          paths.push(request.url);
          response.setHeader('content-type', 'application/json').end('{}');
        }).listen(0, '127.0.0.1', resolve);
      }),
  );
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it('sends one trace of the whole run, before it ends', async () => {
    [spans, paths] = [[], []];
    expect(await rxshim(['run', '--otlp', url(), '--', 'true'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(new Set(paths)).toEqual(new Set(['/v1/traces']));
    const root = spans.find(({ name }) => name === 'rxshim run');
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([root?.traceId]));
    expect(spans.find(({ name }) => name === 'Start')?.parentSpanId).toBe(root?.spanId);
    const wait = spans.find(({ name }) => name === 'hcsExec::waitForExit');
    expect(wait?.events?.map(({ name }) => name)).toEqual(['running', 'draining', 'releasing', 'released']);
  });

  it('has the process and its end as attributes, its arguments only on request', async () => {
    [spans, paths] = [[], []];
    const script = ['--', 'sh', '-c', 'exit 4'];
    await rxshim(['run', '--otlp', url(), ...script]);
    const root = spans.find(({ name }) => name === 'rxshim run');
    const attributes = new Map(root?.attributes?.map(({ key, value }) => [key, value]));
    expect([...attributes.keys()]).toEqual(['process.pid', 'process.command', 'process.exit.code']);
    expect(attributes.get('process.command')).toEqual({ stringValue: 'sh' });
    expect(attributes.get('process.exit.code')).toEqual({ intValue: 4 });
    expect(root?.status).toMatchObject({ code: 2, message: 'exited with 4' });
    [spans, paths] = [[], []];
    await rxshim(['run', '--otlp', url(), '--trace-arguments', ...script]);
    expect(JSON.stringify(spans.find(({ name }) => name === 'rxshim run'))).toContain('exit 4');
  });

  it('takes the endpoint from the environment as well', async () => {
    [spans, paths] = [[], []];
    await rxshim(['run', '--', 'true'], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: url() } });
    expect(spans.map(({ name }) => name)).toContain('rxshim run');
  });

  it('says in one line that the traces could not be sent, and keeps the exit code', async () => {
    const { code, stderr } = await rxshim([
      'run',
      '--otlp',
      'http://127.0.0.1:9',
      '--',
      'sh',
      '-c',
      'exit 4',
    ]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/^rxshim: --otlp: http:\/\/127\.0\.0\.1:9: .*ECONNREFUSED.*\n$/);
  });
});

describeOnLinux('--log-level', () => {
  it('logs as JSON on stderr, with the task and the exec', async () => {
    const { stderr, stdout } = await rxshim(['run', '--log-level', 'debug', '--', 'echo', 'hi']);
    expect(stdout).toBe('hi\n');
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const line of lines)
      expect(line).toMatchObject({ tid: expect.stringMatching(/^run-/), eid: line.tid });
    expect(lines.map(({ msg }) => msg)).toContain('newHcsExec');
  });
});
