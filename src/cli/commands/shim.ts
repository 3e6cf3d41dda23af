/** `rxshim shim install`. */
import { shimFolder, version } from '../installed.js';
import type { InstallOptions } from '../shim/install-command.js';
import type { AddCommand } from './command.js';

export const shimCommand: AddCommand = (parent) => {
  parent
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
      const { installCommand } = await import('../shim/install-command.js');
      await installCommand(options, { version: version(), folder: shimFolder() });
    });
};
