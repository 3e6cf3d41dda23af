/** `rxshim agent`. */
import type { Command } from 'commander';
import { parseDuration } from '../options/parse-duration.js';
import { badOption } from '../options/usage.js';
import { type AddCommand, several } from './command.js';

export const agentCommand: AddCommand = (parent, end) => {
  const withOptions = (command: Command): Command =>
    command
      .description('run the guest agent: execute processes on this host for a remote client')
      .usage('[options] WHERE')
      .argument('<where>', 'unix:PATH, tcp:HOST:PORT, or stdio')
      .option('--engine <engine>', 'how containers run: local (processes of this host) or runc', 'local')
      .option(
        '--peer-uid <uid>',
        'accept clients of this user only; may be repeated (default: own, root)',
        several,
      )
      .option('--allow-tcp', 'accept tcp:HOST:PORT, which has no authentication')
      .option('--keep <time>', 'how long containers outlive the connection, such as 10m (default: not)')
      .option('--once', 'serve one host, then exit')
      .addHelpText('after', notes);

  withOptions(parent.command('agent')).action(async (where: string, options: AgentOptions) => {
    end({ exitCode: await agent(where, options) });
  });

  // The name before 0.2.0. It is removed in 0.3.0.
  withOptions(parent.command('guest', { hidden: true })).action(
    async (where: string, options: AgentOptions) => {
      process.stderr.write('rxshim: the command `guest` is deprecated, use `rxshim agent`\n');
      end({ exitCode: await agent(where, options) });
    },
  );
};

interface AgentOptions {
  readonly engine: string;
  readonly once?: boolean;
  readonly keep?: string;
  readonly peerUid?: readonly string[];
  readonly allowTcp?: boolean;
}

const agent = async (
  where: string,
  { once = false, engine, keep, peerUid, allowTcp }: AgentOptions,
): Promise<number> => {
  const { bridgeAddress } = await import('../options/bridge-address.js');
  const address = bridgeAddress('WHERE', where, ['unix', 'tcp', 'stdio']);
  if (address.kind === 'tcp' && allowTcp !== true) throw badOption('WHERE', where, '--allow-tcp as well');
  const uids = peerUid?.map(uidOf);
  if (engine !== 'local' && engine !== 'runc') throw badOption('--engine', engine, 'local or runc');
  if (keep !== undefined && (once || address.kind === 'stdio'))
    throw badOption('--keep', keep, 'an agent that connects again');
  const keepFor = keep === undefined ? 0 : parseDuration(keep);
  if (keepFor === undefined) throw badOption('--keep', keep ?? '', 'a time such as 30s or 10m');
  return (await import('../agent/agent.js')).agent({
    address,
    once,
    engine,
    keepFor,
    ...(uids && { uids }),
  });
};

const uidOf = (text: string): number => {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  throw badOption('--peer-uid', text, 'a uid');
};

const notes = `
The agent dials its host, and dials again when the host has gone, until Ctrl-C
or SIGTERM. Everything ends with the connection, or with --keep that much later;
a host that connects again in time adopts it. unix:PATH means the sockets
PATH_PORT of a micro-VM; stdio is for an agent started by its host, as with
rxshim run --guest exec:'ssh box rxshim agent stdio'.
Security: the host can run anything as this user. A unix socket is refused in
a directory that others can write to, and if it is not of --peer-uid.`;
