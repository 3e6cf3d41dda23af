/** Contract tests that an engine of ours does not pass, each with the reason. A test that passes must not stand here. */
import type { ContractEngine } from '../../src/testing/contract/index.js';

type Skips = NonNullable<ContractEngine['skips']>;

const noComputing = 'a simulated process follows its script; it computes nothing from its input';
const asScripted = 'a simulated system answers as its script says, also about what has ended';

const forgetsExecs =
  'a daemon keeps nothing of ours with an exec; its id is in its environment, while it runs';

export const skips = {
  local: {},
  runc: {},
  guest: {},
  windows: {},
  docker: {
    'create holds the first process until start':
      'a daemon makes the process of a container when it is started',
    'adoption: an exec that has ended meanwhile is reported at once, with its exit or as unknown':
      forgetsExecs,
    'adoption: no output is repeated or missing without a gap': forgetsExecs,
  },
  dockerExec: {},
  kubernetes: {
    'create holds the first process until start': 'a cluster makes the process of a pod when it is started',
    'adoption: a held process is found and started': 'there is no pod before its start',
  },
  simulated: {
    'input reaches the process, and closeStdin ends it': noComputing,
    'pids are those of the processes that run': asScripted,
    'a signal or kill for a process that has ended is not delivered': asScripted,
    'no process can be created after the end': asScripted,
  },
} satisfies Readonly<Record<string, Skips>>;
