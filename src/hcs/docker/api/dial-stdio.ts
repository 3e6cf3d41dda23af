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
  const ssh = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let messages = '';
  ssh.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages = `${messages}${text}`.slice(-maxMessages);
  });
  const connection = Duplex.from({ readable: ssh.stdout, writable: ssh.stdin });
  // Without this the error of a pipe that broke because the command failed would hide why it failed.
  ssh.stdin.on('error', () => undefined);
  ssh.once('error', (cause) =>
    connection.destroy(new RxshimError('unavailable', `cannot run ssh: ${cause.message}`, { cause })),
  );
  ssh.once('close', (code) => {
    if (code !== 0 && !connection.destroyed)
      connection.destroy(
        new RxshimError('unavailable', `ssh ${host} ended with exit code ${code}: ${messages.trim()}`),
      );
  });
  connection.once('close', () => ssh.kill());
  return connection;
};

const maxMessages = 2_000;
