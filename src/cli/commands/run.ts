/** `rxshim run`. Its options by group; each group is validated in `options/`. */
import type { DetachOptions } from '../adopted/run-detached.js';
import type { Ending } from '../ending.js';
import type { RunOptions } from '../options/run-settings.js';
import { badOption } from '../options/usage.js';
import type { SideBySideOptions } from '../side-by-side/settings.js';
import { type AddCommand, several } from './command.js';

type AllOptions = RunOptions & DetachOptions & SideBySideOptions;

export const runCommand: AddCommand = (parent, end) => {
  parent
    .command('run')
    .description('run a command as a task; exits with the exit code of the command')
    .usage('[options] [--] COMMAND [ARG...]')
    .argument('[command...]', 'the command and its arguments')
    .passThroughOptions()
    .optionsGroup('The command:')
    .option('-t, --tty', 'give the command a terminal')
    .option('-i, --interactive', 'connect stdin; without it the command reads nothing')
    .option('-e, --env <name=value>', 'set a variable, or pass on one by its name; may be repeated', several)
    .option('--env-file <file>', 'set the variables of a file, one NAME=value a line', several)
    .option('-w, --cwd <dir>', 'where it runs')
    .option('-u, --user <user>', 'who runs it: a name, a number or UID:GID')
    .option('--name <name>', 'the name of its task in events, logs and traces')
    .optionsGroup('Several side by side:')
    .option('--all', "each argument is a shell command line: --all 'npm start' 'npm test'")
    .option('--names <list>', 'what stands before the lines of each, between commas')
    .option('--kill-others <when>', 'stop the others when one has ended: always, failure')
    .optionsGroup('What is shown and recorded:')
    .option('--json', 'print one object with its output and how it ended')
    .option('--timeline', "draw the command's life on stderr as it happens")
    .option('--events <file>', 'write each fact as a line of JSON; - is stdout, /dev/fd/3 another descriptor')
    .option('--html <file>', 'write its life as one page: timeline, facts and output')
    .option('--otlp <url>', 'send traces to an OTLP/HTTP endpoint, such as http://localhost:4318')
    .option('--trace-arguments', 'traces have the arguments of the command, too')
    .option('--log-level <level>', 'log on stderr: trace, debug, info, warn, error, fatal', 'silent')
    .optionsGroup('How it is stopped:')
    .option('--timeout <duration>', 'stop it after this time, and end with 124')
    .option('--stop-signal <signal>', 'the signal that stops the command (default: the one received)')
    .option('--stop-timeout <duration>', 'the time between the stop signal and SIGKILL', '10s')
    .optionsGroup('Where it runs, if not on this host:')
    .option('--guest <where>', "run it in a guest: unix:PATH, exec:'COMMAND' or tcp:HOST:PORT")
    .option('--guest-rootfs <path>', 'the root filesystem of the command, a path in the guest')
    .option('--guest-layer <path>', 'a layer of that root filesystem; may be repeated', several)
    .option('--docker <image>', 'run it in a new container of Docker, which is removed after it')
    .option('--docker-exec <container>', 'run it in a container that exists')
    .option('--podman <image>', "the same by Podman's service")
    .option('--podman-exec <container>', "the same by Podman's service")
    .option('--docker-option <name=value>', 'such as memory=256m, network=none; may be repeated', several)
    .option('--kubernetes <image>', 'run it in a new pod of a cluster, which is deleted after it')
    .option('--kubernetes-exec <pod>', 'run it in a pod that exists: POD or POD/CONTAINER')
    .option('--namespace <name>', 'with --kubernetes: the namespace of the pod')
    .option('--context <name>', 'with --kubernetes: a context of the kubeconfig')
    .option('--bundle <dir>', 'in a container of runc: an OCI bundle, whose config.json has the command')
    .option('-d, --detach', 'with --bundle: start it and leave it running; see rxshim ps')
    .option('--state <dir>', 'where it is recorded (default: /run/rxshim/tasks)')
    .option('--owner <name>', 'who owns it (default: rxshim)')
    .option('--expires <duration>', 'when its owner may reap it')
    .option('--container <id>', 'Windows: run it in an existing container')
    .option('--process-isolated <dir>', 'Windows: in a new one (not yet supported)')
    .addHelpText('after', notes)
    .action(async (command: string[], options: AllOptions) => {
      end(await run(command, options));
    });
};

const missingCommand = async (): Promise<Error> => {
  const { CliError, exitCodes } = await import('../options/usage.js');
  return new CliError("missing required argument 'command'", exitCodes.usage);
};

const run = async (command: readonly string[], options: AllOptions): Promise<Ending> => {
  if (options.detach) return (await import('../adopted/run-detached.js')).runDetached(command, options);
  if (command.length === 0 && options.bundle === undefined) throw await missingCommand();
  const { runSettings } = await import('../options/run-settings.js');
  const settings = runSettings(command, options);
  const { sideBySide } = await import('../side-by-side/settings.js');
  const recorded = (['state', 'owner', 'expires'] as const).find((name) => options[name] !== undefined);
  if (recorded !== undefined) throw badOption(`--${recorded}`, options[recorded] ?? '', '--detach as well');
  const all = options.all ? sideBySide(command, options) : undefined;
  const alone = options.names !== undefined ? '--names' : options.killOthers && '--kill-others';
  if (all === undefined && alone)
    throw badOption(alone, options.names ?? options.killOthers ?? '', '--all as well');
  return (await import('../run/run.js')).run(settings, all);
};

const notes = `
Ctrl-C and SIGTERM stop the command and all its descendants: they get the
signal, and are killed after --stop-timeout; a second Ctrl-C kills them at once.
The command shares the terminal, so Ctrl-Z, fg and /dev/tty work. With -ti keys
go to the command's own terminal, including Ctrl-C. With --stop-signal the
command has its own session and gets only that signal. Processes that the
command leaves behind are killed.

With --all the exit code is that of the first command that failed; those that
were stopped by --kill-others do not count.

The exit code is that of the command, or 128 + n if signal n killed it. If the
command dies by a signal that rxshim got, rxshim dies by the same signal. 124:
--timeout stopped it; 127: the command was not found; 126: it cannot be
executed; 125: rxshim failed; 2: wrong usage.`;
