/** The work of the benchmarks by dockerode, as its own documentation shows it. */
import type { Duplex, Writable } from 'node:stream';
import { Writable as WritableStream } from 'node:stream';

export interface Dockerode {
  /** To the exit code. */
  exec(container: string, argv: readonly string[]): Promise<number | null>;
  run(image: string, argv: readonly string[]): Promise<number>;
  /** The length of the output. */
  count(container: string, argv: readonly string[]): Promise<number>;
  /** Starts an exec and writes its stdout to the reader. */
  open(container: string, argv: readonly string[], reader: Writable): Promise<Duplex>;
  /** An idle container, with its end awaited. Resolves with its removal. */
  idle(image: string, name: string): Promise<() => Promise<unknown>>;
}

/** The part of its API that is used: its types are not installed here. */
interface Client {
  readonly modem: { demuxStream(stream: Duplex, stdout: Writable, stderr: Writable): void };
  createContainer(options: object): Promise<Container>;
  getContainer(id: string): Container;
}

interface Container {
  exec(options: object): Promise<Exec>;
  start(): Promise<unknown>;
  wait(options?: object): Promise<{ readonly StatusCode: number }>;
  remove(options?: object): Promise<unknown>;
  attach(options: object): Promise<Duplex>;
}

interface Exec {
  start(options: object): Promise<Duplex>;
  inspect(): Promise<{ readonly ExitCode: number | null }>;
}

export const dockerodeWork = (
  Docker: new (options: { readonly socketPath: string }) => Client,
  socketPath: string,
): Dockerode => {
  const client = new Docker({ socketPath });

  const opened = async (container: string, argv: readonly string[]) => {
    const exec = await client
      .getContainer(container)
      .exec({ Cmd: argv, AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({ hijack: true, stdin: false });
    return { exec, stream };
  };
  const ended = (stream: Duplex): Promise<void> =>
    new Promise((resolve, reject) => void stream.once('end', resolve).once('error', reject));

  const counted = async (container: string, argv: readonly string[]) => {
    const { exec, stream } = await opened(container, argv);
    let bytes = 0;
    const end = ended(stream);
    const stdout = new WritableStream({
      write: (chunk: Uint8Array, _, done) => {
        bytes += chunk.length;
        done();
      },
    });
    const stderr = new WritableStream({ write: (_, __, done) => done() });
    client.modem.demuxStream(stream, stdout, stderr);
    await end;
    return { bytes, code: (await exec.inspect()).ExitCode };
  };

  return {
    exec: async (container, argv) => (await counted(container, argv)).code,
    count: async (container, argv) => (await counted(container, argv)).bytes,
    run: async (image, argv) => {
      const container = await client.createContainer({
        Image: image,
        Cmd: argv,
        HostConfig: { NetworkMode: 'none' },
        AttachStdout: true,
        AttachStderr: true,
      });
      const stream = await container.attach({ stream: true, stdout: true, stderr: true });
      const sink = () => new WritableStream({ write: (_, __, done) => done() });
      client.modem.demuxStream(stream, sink(), sink());
      const exit = container.wait({ condition: 'next-exit' });
      await container.start();
      const { StatusCode } = await exit;
      await container.remove({ v: true });
      return StatusCode;
    },
    open: async (container, argv, reader) => {
      const { stream } = await opened(container, argv);
      const stderr = new WritableStream({ write: (_, __, done) => done() });
      client.modem.demuxStream(stream, reader, stderr);
      return stream;
    },
    idle: async (image, name) => {
      const container = await client.createContainer({
        Image: image,
        name,
        Cmd: ['sleep', 'infinity'],
        HostConfig: { NetworkMode: 'none' },
      });
      const exit = container.wait({ condition: 'next-exit' });
      await container.start();
      return async () => {
        await container.remove({ force: true, v: true });
        await exit;
      };
    },
  };
};
