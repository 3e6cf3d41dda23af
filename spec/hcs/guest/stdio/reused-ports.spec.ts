import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { firstValueFrom, from, type Observable } from 'rxjs';
import { dialSockets, dialStdio } from '../../../../src/agent/dialer.js';
import type { ComputeProcess } from '../../../../src/hcs/contract/compute-process.js';
import { exited, unknownExit } from '../../../../src/hcs/contract/exit-code.js';
import type { Bridge } from '../../../../src/hcs/guest/bridge/bridge.js';
import { guestProcess } from '../../../../src/hcs/guest/guest-process.js';
import { offerStdio } from '../../../../src/hcs/guest/stdio/offer-stdio.js';
import type { SendingEnd, StdioSocket } from '../../../../src/hcs/guest/stdio/stdio-socket.js';
import { vsockSockets } from '../../../../src/hcs/guest/transport/vsock-sockets.js';
import { describeOnLinux } from '../../native/on-linux.js';

let folder = '';
let lastPort = 0;
const open: { close(): void }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxshim-spec-'));
  lastPort = 0;
});

afterEach(() => {
  for (const one of open.splice(0)) one.close();
  rmSync(folder, { recursive: true, force: true });
});

const transport = () => vsockSockets(join(folder, 'v'));
type Transport = ReturnType<typeof transport>;
const nextPort = () => (lastPort += 1);

const dial = (port: number): Promise<StdioSocket> =>
  firstValueFrom(dialStdio(dialSockets(join(folder, 'v')), port));

interface Exec {
  readonly process: ComputeProcess;
  readonly port: number;
  /** The agent's end. */
  readonly output: SendingEnd;
}

const OciProcess = { args: ['true'], cwd: '/' };

/** A process with an output, as an agent has started it. */
const started = async (
  by: Transport,
  exit: Observable<ReturnType<typeof exited>>,
  parameters: object = { OciProcess },
): Promise<Exec> => {
  const streams = await firstValueFrom(offerStdio({ ...parameters, CreateStdOutPipe: true }, by, nextPort));
  const port = streams.ports.StdOut as number;
  const output = (await dial(port)).sending();
  open.push(output, streams);
  streams.accept();
  const process = guestProcess({ bridge: {} as Bridge } as never, {
    containerId: 'c',
    pid: 5,
    streams,
    exit,
  });
  return { process, port, output };
};

const text = async ({ stdio }: ComputeProcess): Promise<string> => {
  const all: Buffer[] = [];
  for await (const chunk of stdio.stdout!) all.push(Buffer.from(chunk));
  return Buffer.concat(all).toString();
};

/** The process writes, ends its output, and exits. */
const lived = async (by: Transport, word: string, exit = exited(0), parameters?: object): Promise<number> => {
  let settle: (exit: ReturnType<typeof exited>) => void = () => undefined;
  const exited$ = from(new Promise<ReturnType<typeof exited>>((resolve) => (settle = resolve)));
  const { process, port, output } = await started(by, exited$, parameters);
  await output.write(Buffer.from(word));
  await output.end();
  expect(await text(process)).toBe(word);
  settle(exit);
  await firstValueFrom(process.exit$);
  return port;
};

describeOnLinux('a port of an exec', () => {
  it('is that of the next exec, once its process has ended and its output was read to the end', async () => {
    const by = transport();
    const first = await lived(by, 'one');
    expect(await lived(by, 'two')).toBe(first);
    expect(readdirSync(folder)).toEqual([`v_${first}`]);
    by.close().subscribe();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is its own while it runs', async () => {
    const by = transport();
    const one = await started(by, from(new Promise<never>(() => undefined)));
    const two = await started(by, from(new Promise<never>(() => undefined)));
    expect(two.port).not.toBe(one.port);
  });

  it('is not offered again after an unknown exit', async () => {
    const by = transport();
    const first = await lived(by, 'one', unknownExit('lost') as never);
    expect(readdirSync(folder)).toEqual([]);
    expect(await lived(by, 'two')).not.toBe(first);
    by.close().subscribe();
  });

  it('is not offered again for an init, to which agents may connect again', async () => {
    const by = transport();
    const first = await lived(by, 'one', exited(0), {});
    expect(readdirSync(folder)).toEqual([]);
    expect(await lived(by, 'two', exited(0), {})).not.toBe(first);
  });

  it('is closed at once when the host stops reading before the end', async () => {
    const by = transport();
    const { process } = await started(by, from(new Promise<never>(() => undefined)));
    process.closeStdout().subscribe();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is closed when the exit comes while the output has not ended', async () => {
    const by = transport();
    const { process } = await started(by, from([exited(0)]));
    await firstValueFrom(process.exit$);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('never gets a connection that was made for the process before', async () => {
    const by = transport();
    const first = await lived(by, 'one');
    const late = (await dial(first)).sending();
    open.push(late);
    await late.write(Buffer.from('late')).catch(() => undefined);
    expect(await lived(by, 'two')).toBe(first);
    await late.peerClosed();
    by.close().subscribe();
  });

  it('is not kept beyond the connection to the guest, also if its process ends after that', async () => {
    const by = transport();
    let settle: (exit: ReturnType<typeof exited>) => void = () => undefined;
    const exit$ = from(new Promise<ReturnType<typeof exited>>((resolve) => (settle = resolve)));
    const { process, output } = await started(by, exit$);
    by.close().subscribe();
    await output.end();
    await text(process);
    settle(exited(0));
    await firstValueFrom(process.exit$);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is kept for at most 64 streams', async () => {
    const by = transport();
    const settles: (() => void)[] = [];
    const all: Exec[] = [];
    for (let index = 0; index < 70; index += 1) {
      const exit$ = from(
        new Promise<ReturnType<typeof exited>>((resolve) => settles.push(() => resolve(exited(0)))),
      );
      all.push(await started(by, exit$));
    }
    expect(readdirSync(folder)).toHaveLength(64);
    for (const { process, output } of all) {
      await output.end();
      await text(process);
    }
    for (const settle of settles) settle();
    for (const { process } of all) await firstValueFrom(process.exit$);
    expect(readdirSync(folder)).toHaveLength(64);
    by.close().subscribe();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is given up with all free ones when the guest does not connect to it', async () => {
    const by = transport();
    const first = await lived(by, 'one');
    rmSync(join(folder, `v_${first}`));
    const streams = await firstValueFrom(offerStdio({ OciProcess, CreateStdOutPipe: true }, by, nextPort));
    expect(streams.ports.StdOut).toBe(first);
    // As after the guest's refusal.
    streams.close();
    expect(await lived(by, 'two')).not.toBe(first);
    by.close().subscribe();
  });
});
