/**
 * A connection to a daemon on another host: `ssh HOST docker system dial-stdio`, as the docker command does it. Whatever
 * keys, agents and jump hosts the user has configured for ssh apply.
 */
import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { RxshimError } from '../../failures/errors.js';
import type { Endpoint } from './endpoint.js';

/** Half-closes as a socket does: the end of what is written is the end of the command's stdin. */
export const dialStdio = ({ host, user, port }: Extract<Endpoint, { kind: 'ssh' }>): Duplex => {
  const args = [
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    '-T',
    '--',
    host,
    'docker',
    'system',
    'dial-stdio',
  ];
  const ssh = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'pipe'], env: process.env });
  let messages = '';
  ssh.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages = `${messages}${text}`.slice(-maxMessages);
  });
  const connection = new Duplex({
    read: () => void ssh.stdout.resume(),
    write: (chunk: Uint8Array, _, written) => void ssh.stdin.write(chunk, written),
    final: (ended) => void ssh.stdin.end(ended),
    destroy: (error, destroyed) => {
      ssh.kill();
      destroyed(error);
    },
  });
  ssh.stdout.on('data', (chunk: Uint8Array) => {
    if (!connection.push(chunk)) ssh.stdout.pause();
  });
  // The error of a pipe that broke because the command failed would hide why it failed: a write fails with it.
  ssh.stdin.on('error', () => undefined);
  const fail = (reason: string, cause?: unknown): void =>
    void connection.destroy(new RxshimError('unavailable', `ssh ${host}: ${reason}`, { cause }));
  ssh.once('error', (error) => fail(error.message, error));
  // The end of its output is passed on when it is known whether the command has failed.
  ssh.once('close', (code) => {
    if (code === 0) connection.push(null);
    else fail(`ended with exit code ${code}: ${messages.trim()}`);
  });
  return connection;
};

const maxMessages = 2_000;
