/**
 * The shim's report about itself: `-info`, which containerd 2 asks for, and `-v`.
 *
 * `-info` gets the runtime's options on stdin. It answers with these options and with what the runtime that they name can
 * do (its `features` command): without that Kubernetes refuses user namespaces and recursive read-only mounts.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Any, ociType, RuntimeInfo } from './messages/index.js';
import { runtimeOptionsOf } from './options/runtime-options.js';
import { version } from './version.js';

const name = 'io.containerd.rxshim.v1';

/** @param stdin what containerd wrote: an Any, or nothing. */
export const runtimeInfo = async (stdin: Uint8Array): Promise<Uint8Array> => {
  const options = stdin.length === 0 ? undefined : Any.decode(stdin);
  const { binary = 'runc' } = await runtimeOptionsOf(options);
  const features = await featuresOf(binary);
  const info = RuntimeInfo.create({ name, version: { version, revision: '' }, options, features });
  return RuntimeInfo.encode(info).finish();
};

const timeout = 5_000;

/** `undefined` if the runtime has no such command, as crun before 1.8.6 and runc before 1.1. */
const featuresOf = async (binary: string): Promise<Any | undefined> => {
  try {
    const { stdout } = await promisify(execFile)(binary, ['features'], { timeout });
    JSON.parse(stdout);
    return { typeUrl: ociType.features, value: Buffer.from(stdout) };
  } catch {
    return undefined;
  }
};

export const versionText = (): string =>
  `containerd-shim-rxshim-v1:\n  Version:  ${version}\n  Node:     ${process.version}\n`;
