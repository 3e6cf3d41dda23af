/** Defects of the take-over, put into the production code one at a time. */
import { type Mutant, mutant } from '../mutant.js';

/** Made up for the take-over, not seen in another project. */
const own = 'made up';

export const takeoverMutants: readonly Mutant[] = [
  mutant('an adopted process is not watched', own, [
    'streams/exec/state/in-flight',
    "running: ['watchProcess', 'watchSystem', 'killQueued', 'expectExit', 'watchTree', 'expectTree'],",
    "running: ['watchSystem', 'killQueued', 'expectExit', 'watchTree', 'expectTree'],",
  ]),
  mutant('the end of an adopted container is not noticed', own, [
    'streams/exec/state/in-flight',
    "running: ['watchProcess', 'watchSystem', 'killQueued', 'expectExit', 'watchTree', 'expectTree'],",
    "running: ['watchProcess', 'killQueued', 'expectExit', 'watchTree', 'expectTree'],",
  ]),
  mutant('the exit of an adopted process is not published', own, [
    'streams/exec/snapshot',
    '  announced: true,\n',
    '',
  ]),
  mutant('the output of an adopted process is not waited for', own, [
    'streams/exec/snapshot',
    'if (copies.has(state.phase)) startRelay(ports);',
    '',
  ]),
  mutant('the execs of an adopted task are forgotten', own, [
    'streams/task/adopt-task',
    'ports.handles.execs.set(one.id, adoptedExec(ports, one, upstream));',
    'adoptedExec(ports, one, upstream);',
  ]),
  mutant('an adopted init that waits for its start counts as running', own, [
    'streams/task/adopt-task',
    "init.adopted.phase === 'created'",
    'init.adopted.phase === undefined',
  ]),
  mutant('the tree of an adopted process is forgotten', own, [
    'streams/exec/snapshot',
    "tree: tree === undefined ? 'none' : 'unawaited',",
    "tree: tree === undefined ? 'none' : 'none',",
  ]),
];
