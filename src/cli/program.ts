/**
 * The commands and options of the command line.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { Ending } from './ending.js';
import type { RunOptions } from './options/run-settings.js';
import { badOption, CliError, exitCodes } from './options/usage.js';
import type { InstallOptions } from './shim/install-command.js';

/** @returns how to end. @throws CommanderError for wrong usage, or the failure of the command. */
export const program = async (argv: readonly string[]): Promise<Ending> => {
  let ending: Ending = { exitCode: 0 };

  const rxshim = new Command('rxshim')
    .description('Runs commands as container tasks and exposes their lifecycle as Observables.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .usage('[demo | run [--] COMMAND [ARG...] | agent WHERE | shim install]')
    .enablePositionalOptions()
    // Accepted here to report them with a better message.
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'rxshim: ')) })
    .addHelpText('after', examples)
    .action(async (_options, { args: [unknown] }: Command) => {
      if (unknown !== undefined) throw unknownCommand(unknown);
      ending = { exitCode: await demo() };
    });

  rxshim
    .command('demo')
    .description('a demo: a task with an init and five execs, drawn live')
    .action(async () => {
      ending = { exitCode: await demo() };
    });

  rxshim
    .command('run')
    .description('run a command as a task; exits with the exit code of the command')
    .usage('[options] [--] COMMAND [ARG...]')
    .argument('<command...>', 'the command and its arguments')
    .passThroughOptions()
    .option('-t, --tty', 'give the command a terminal')
    .option('-i, --interactive', 'connect stdin; without it the command reads nothing')
    .option('-e, --env <name=value>', 'set a variable, or pass on one by its name; may be repeated', several)
    .option('--env-file <file>', 'set the variables of a file, one NAME=value a line', several)
    .option('-w, --cwd <dir>', 'where it runs')
    .option('-u, --user <user>', 'who runs it: a name, a number or UID:GID')
    .option('--timeout <duration>', 'stop it after this time, and end with 124')
    .option('--name <name>', 'the name of its task in events, logs and traces')
    .option('--json', 'print one object with its output and how it ended')
    .option('--timeline', "draw the command's life on stderr as it happens")
    .option('--events <file>', 'write each fact as a line of JSON; - is stdout, /dev/fd/3 another descriptor')
    .option('--stop-signal <signal>', 'the signal that stops the command (default: the one received)')
    .option('--stop-timeout <duration>', 'the time between the stop signal and SIGKILL', '10s')
    .option('--guest <where>', "run it in a guest: unix:PATH, exec:'COMMAND' or tcp:HOST:PORT")
    .option('--guest-rootfs <path>', 'the root filesystem of the command, a path in the guest')
    .option('--guest-layer <path>', 'a layer of that root filesystem; may be repeated', several)
    .option('--docker <image>', 'run it in a new container of Docker, which is removed after it')
    .option('--docker-exec <container>', 'run it in a container that exists')
    .option('--podman <image>', "the same by Podman's service")
    .option('--podman-exec <container>', "the same by Podman's service")
    .option('--docker-option <name=value>', 'such as memory=256m, network=none; may be repeated', several)
    .option('--container <id>', 'Windows: run it in an existing container')
    .option('--process-isolated <dir>', 'Windows: in a new one (not yet supported)')
    .option('--otlp <url>', 'send traces to an OTLP/HTTP endpoint, such as http://localhost:4318')
    .option('--log-level <level>', 'log on stderr: trace, debug, info, warn, error, fatal', 'silent')
    .addHelpText('after', runNotes)
    .action(async (command: string[], options: RunOptions) => {
      ending = await run(command, options);
    });

  const agentOptions = (command: Command): Command =>
    command
      .description('run the guest agent: execute processes on this host for a remote client')
      .usage('[options] WHERE')
      .argument('<where>', 'unix:PATH, tcp:HOST:PORT, or stdio')
      .option('--engine <engine>', 'how containers run: local (processes of this host) or runc', 'local')
      .option('--once', 'serve one host, then exit')
      .addHelpText('after', agentNotes);

  agentOptions(rxshim.command('agent')).action(async (where: string, options: AgentOptions) => {
    ending = { exitCode: await agent(where, options) };
  });

  // The name before 0.2.0. It is removed in 0.3.0.
  agentOptions(rxshim.command('guest', { hidden: true })).action(
    async (where: string, options: AgentOptions) => {
      process.stderr.write('rxshim: the command `guest` is deprecated, use `rxshim agent`\n');
      ending = { exitCode: await agent(where, options) };
    },
  );

  rxshim
    .command('shim')
    .description('the runtime for containerd, io.containerd.rxshim.v1')
    .helpCommand(false)
    .command('install')
    .description('install the shim where containerd finds it')
    .option('--prefix <folder>', 'the prefix: PREFIX/bin and PREFIX/lib/rxshim', '/usr/local')
    .option('--undo', 'uninstall')
    .option('--grouping <what>', 'one daemon per pod, or per namespace: pod, namespace')
    .option('--linger <duration>', 'how long a daemon stays after its last container')
    .action(async (options: InstallOptions) => {
      const { installCommand } = await import('./shim/install-command.js');
      await installCommand(options, { version: version(), folder: fileURLToPath(shimFolder) });
    });

  await rxshim.parseAsync(argv, { from: 'user' });
  return ending;
};

const run = async (command: readonly string[], options: RunOptions): Promise<Ending> => {
  const { runSettings } = await import('./options/run-settings.js');
  const settings = runSettings(command, options);
  return (await import('./run/run.js')).run(settings);
};

interface AgentOptions {
  readonly engine: string;
  readonly once?: boolean;
}

const agent = async (where: string, { once = false, engine }: AgentOptions): Promise<number> => {
  const { bridgeAddress } = await import('./options/bridge-address.js');
  const address = bridgeAddress('WHERE', where, ['unix', 'tcp', 'stdio']);
  if (engine !== 'local' && engine !== 'runc') throw badOption('--engine', engine, 'local or runc');
  return (await import('./agent/agent.js')).agent({ address, once, engine });
};

const demo = async (): Promise<number> => (await import('./demo/demo.js')).demo();

const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** The folder in dist, relative to dist/cli. */
const shimFolder = new URL('../shim', import.meta.url);

const version = (): string => createRequire(import.meta.url)('../../package.json').version;

const unknownCommand = (name: string): CliError =>
  new CliError(`unknown command ${JSON.stringify(name)}; to run it: rxshim run -- ${name}`, exitCodes.usage);

const examples = `
Examples:
  rxshim                                   the demo
  rxshim run -- make test                  run a command
  rxshim run -ti -- vi notes.txt           in a terminal
  rxshim run --timeline -- sleep 3         draw its lifecycle
  rxshim run --events life.jsonl -- ./job  record its lifecycle
  rxshim run --docker alpine -- ls         run it in a container of Docker
  rxshim agent unix:/tmp/g                 run commands here for another host:
  rxshim run --guest unix:/tmp/g -- ls`;

const agentNotes = `
The agent dials its host, and dials again when the host has gone, until Ctrl-C
or SIGTERM. unix:PATH means the sockets PATH_PORT of a micro-VM; stdio is for
an agent started by its host, as with
rxshim run --guest exec:'ssh box rxshim agent stdio'.
Security: a process that can act as the host can run anything as this user.`;

const runNotes = `
Ctrl-C and SIGTERM stop the command and all its descendants: they get the
signal, and are killed after --stop-timeout; a second Ctrl-C kills them at once.
The command shares the terminal, so Ctrl-Z, fg and /dev/tty work. With -ti keys
go to the command's own terminal, including Ctrl-C. With --stop-signal the
command has its own session and gets only that signal. Processes that the
command leaves behind are killed.

The exit code is that of the command, or 128 + n if signal n killed it. If the
command dies by a signal that rxshim got, rxshim dies by the same signal. 124:
--timeout stopped it; 127: the command was not found; 126: it cannot be
executed; 125: rxshim failed; 2: wrong usage.`;
