/**
 * `node scripts/tool.mjs bench/ttrpc [--quick]`: what a call over ttrpc costs, with this server and this client in one process
 * over a unix socket.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Any } from '../../src/shim/messages/index.js';
import { service, serviceClient, ttrpcClient, ttrpcServer } from '../../src/shim/ttrpc/index.js';
import { perSecond, quantile } from './harness.js';

const EchoDefinition = {
  fullName: 'bench.v1.Echo',
  methods: { echo: { name: 'Echo', requestType: Any, responseType: Any } },
};

const measure = async (quick: boolean) => {
  const folder = mkdtempSync(join(tmpdir(), 'ttrpc-bench-'));
  const path = join(folder, 's');
  const server = ttrpcServer({ services: [service(EchoDefinition, { echo: async (request) => request })] });
  await new Promise<void>((resolve) => server.listen(createServer()).listen(path, resolve));
  const client = ttrpcClient(() => connect(path));
  const { echo } = serviceClient(client, EchoDefinition);
  const small = { typeUrl: 'containerd.task.v2.StateRequest', value: new Uint8Array(64) };
  const large = { typeUrl: '', value: new Uint8Array(1024 * 1024) };

  const one = async (count: number, message = small): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) await echo(message);
  };
  const together = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 100) {
      await Promise.all(Array.from({ length: 100 }, () => echo(small)));
    }
  };

  const rounds = quick ? 2 : 5;
  const calls = quick ? 2_000 : 20_000;
  const alone = await perSecond(rounds, calls, one);
  const waits: number[] = [];
  for (let turn = 0; turn < calls; turn += 1) {
    const from = performance.now();
    await echo(small);
    waits.push((performance.now() - from) * 1_000);
  }
  waits.sort((a, b) => a - b);
  const figures = [
    { name: 'echo, one at a time', value: alone, unit: '/s' },
    { name: 'echo, median', value: quantile(waits, 0.5), unit: 'us' },
    { name: 'echo, 99th percentile', value: quantile(waits, 0.99), unit: 'us' },
    { name: 'echo, 100 at a time', value: await perSecond(rounds, calls, together), unit: '/s' },
    {
      name: 'echo of 1 MiB, each way',
      value: await perSecond(rounds, quick ? 20 : 200, (count) => one(count, large)),
      unit: 'MiB/s',
    },
  ];
  client.close();
  await server.close();
  rmSync(folder, { recursive: true });
  return figures;
};

for (const { name, value, unit } of await measure(process.argv.includes('--quick'))) {
  const shown = value.toLocaleString('en', { maximumFractionDigits: value < 1_000 ? 1 : 0 });
  console.log(`${name.padEnd(28)}${`${shown} ${unit}`.padStart(16)}`);
}
