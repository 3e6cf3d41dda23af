/**
 * Starts a daemon of a fresh installation, as containerd would, and lets it end again.
 *
 * It proves that launcher, node and bundle fit together on this machine, and leaves the compiled code behind that makes
 * every later start faster.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../hcs/errors.js';
import { BootstrapParams, TaskDefinition } from '../../shim/messages/index.js';
import { serviceClient, ttrpcClient } from '../../shim/ttrpc/index.js';
import { CliError, exitCodes } from '../options/usage.js';
import type { Layout } from './layout.js';

const within = 20_000;

/** In milliseconds, until it has answered. @throws CliError when it does not. */
export const tryDaemon = async ({ launcher }: Layout): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'rxshim-'));
  try {
    const from = performance.now();
    const path = await start(launcher, folder);
    const client = ttrpcClient(() => connect(path));
    const task = serviceClient(client, TaskDefinition, { timeout: within });
    await task.connect({ id: 'trial' });
    const took = performance.now() - from;
    await task.shutdown({ id: 'trial', now: true });
    await client.closed;
    return took;
  } catch (error) {
    throw new CliError(`installed, but no daemon of it starts: ${messageOf(error)}`, exitCodes.failed, error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const start = async (launcher: string, folder: string): Promise<string> => {
  const instance = { instanceId: 'trial', namespace: 'rxshim-trial' };
  const address = join(folder, 'containerd.sock');
  const { RXSHIM_GROUPING: _, RXSHIM_LINGER: __, RXSHIM_NODE: ___, ...env } = process.env;
  const flags = ['-namespace', instance.namespace, '-address', address, '-id', instance.instanceId];
  const child = spawn(launcher, [...flags, 'start'], {
    cwd: folder,
    env: { ...env, RXSHIM_GROUPING: 'pod', RXSHIM_LINGER: '0' },
  });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  child.stdin.end(
    BootstrapParams.encode(BootstrapParams.create({ ...instance, socketDir: folder })).finish(),
  );
  const code = await ended;
  const [stdout, stderr] = await said;
  if (code !== 0) throw new Error(stderr.trim() || `${launcher} ended with ${code}`);
  return stdout.replace('unix://', '');
};
