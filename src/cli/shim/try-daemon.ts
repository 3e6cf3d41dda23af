/**
 * Starts a daemon of a fresh installation, as containerd would, and stops it again.
 *
 * It proves that launcher, node and bundle work on this machine, and fills the compile cache for later starts.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect, Socket } from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../../hcs/failures/errors.js';
import { BootstrapParams, BootstrapResult, TaskDefinition } from '../../shim/messages/index.js';
import { serviceClient, ttrpcClient } from '../../shim/ttrpc/index.js';
import { CliError, exitCodes } from '../options/usage.js';
import type { Layout } from './layout.js';

const within = 20_000;

/** Returns the time until its answer, in milliseconds. @throws CliError if it does not answer. */
export const tryDaemon = async ({ launcher }: Layout): Promise<number> => {
  // Socket paths must be short, but the path of the temporary folder may be long.
  const folder = mkdtempSync('/tmp/rxshim-');
  const log = logOf(folder);
  try {
    const from = performance.now();
    const path = await start(launcher, folder).finally(log.started);
    const client = ttrpcClient(() => connect(path));
    const task = serviceClient(client, TaskDefinition, { timeout: within });
    await task.connect({ id: 'trial' });
    const took = performance.now() - from;
    await task.shutdown({ id: 'trial', now: true });
    await Promise.race([log.ended, setTimeout(within, '', { ref: false })]);
    return took;
  } catch (error) {
    // A hanging daemon prints nothing.
    const said = await Promise.race([log.ended, setTimeout(1_000, '', { ref: false })]);
    const why = [messageOf(error), said].filter(Boolean).join('\n');
    throw new CliError(`installed, but no daemon of it starts: ${why}`, exitCodes.failed, error);
  } finally {
    log.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

interface Log {
  /** Call it when the writer has opened the pipe. */
  started(): void;
  /** The output of the daemon, once it has exited and thereby closed the pipe. */
  readonly ended: Promise<string>;
  close(): void;
}

const logOf = (folder: string): Log => {
  const path = join(folder, 'log');
  execFileSync('mkfifo', [path]);
  const socket = new Socket({
    fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
  });
  // A pipe that never had a writer does not end.
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  return { ended: text(socket), started: () => closeSync(writer), close: () => socket.destroy() };
};

const start = async (launcher: string, folder: string): Promise<string> => {
  const instance = { instanceId: 'trial', namespace: 'rxshim-trial' };
  const address = join(folder, 'containerd.sock');
  const { RXSHIM_GROUPING: _, RXSHIM_LINGER: __, RXSHIM_NODE: ___, ...env } = process.env;
  const flags = ['-namespace', instance.namespace, '-address', address, '-id', instance.instanceId];
  const child = spawn(launcher, [...flags, 'start'], {
    cwd: folder,
    env: { ...env, RXSHIM_GROUPING: 'pod', RXSHIM_LINGER: '0', RXSHIM_TRIAL: '1' },
  });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  const said = Promise.all([buffer(child.stdout), text(child.stderr)]);
  // A failure may be known before anything is read.
  child.stdin.on('error', () => undefined);
  child.stdin.end(
    BootstrapParams.encode(BootstrapParams.create({ ...instance, socketDir: folder })).finish(),
  );
  const code = await ended;
  const [stdout, stderr] = await said;
  if (code !== 0) throw new Error(stderr.trim() || `${launcher} ended with ${code}`);
  return BootstrapResult.decode(stdout).address.replace('unix://', '');
};
