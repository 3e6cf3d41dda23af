/** The script of a process, or of a container, with a fault. */
import { exited, signaled } from '../../hcs/contract/exit-code.js';
import type { ProcessScript, Script } from '../../hcs/simulated/script-options.js';
import type { ProcessFault, SystemFault } from './plan.js';

const asksToEnd = ['HUP', 'INT', 'QUIT', 'TERM'];

export const scriptWith = (script: Script, fault: ProcessFault | null): Script => {
  if (fault === null) return script;
  const usual: ProcessScript = typeof script === 'string' ? { life: script } : script;
  const exits = (how: ReturnType<typeof exited>, end: string): ProcessScript => ({
    ...usual,
    life: `r ${end}`,
    values: { ...usual.values, x: how },
  });
  switch (fault.kind) {
    case 'cannot be started':
      return `${fault.after}ms #`;
    case 'is started late':
      return { ...usual, life: `${fault.after}ms ${usual.life}` };
    case 'is never started':
      return '';
    case 'exits':
      return exits(exited(fault.status), `${fault.after}ms (x|)`);
    case 'is killed by the system':
      return exits(signaled(9), `${fault.after}ms (x|)`);
    case 'leaves its output open':
      return exits(exited(0), `${fault.after}ms x ${fault.for}ms |`);
    case 'does not exit by itself':
      return { ...usual, life: 'r' };
    case 'ignores signals':
      return { ...usual, on: { ...usual.on, ...Object.fromEntries(asksToEnd.map((name) => [name, ''])) } };
    case 'cannot be signalled':
      return { ...usual, answers: { ...usual.answers, signal: '#' } };
    case 'is not reached by signals':
      return { ...usual, answers: { ...usual.answers, signal: 'n' } };
    case 'is slow to be killed':
      return { ...usual, answers: { ...usual.answers, kill: `${fault.after}ms |` } };
  }
};

export const containerWith = (fault: SystemFault | null): string => {
  if (fault === null) return 'r';
  const wait = `${fault.after}ms`;
  switch (fault.kind) {
    case 'ends':
      return `r ${wait} x`;
    case 'is lost':
      return `r ${wait} l`;
    case 'is started late':
      return `${wait} r`;
    case 'cannot be started':
      return `${wait} #`;
  }
};
