/** The init of a system that only hosts other processes: it waits, uses no processor time and ends on SIGTERM. */
import type { ProcessSpec } from '../contract/process-spec.js';

export const idleProcess: ProcessSpec = {
  args:
    process.platform === 'win32'
      ? ['ping.exe', '-t', '-w', '60000', '127.0.0.1']
      : ['tail', '-f', '/dev/null'],
};
