/** Each effect that the lifecycle table names: a function of ports and state that returns a cold stream of facts. */
import type { ExecEffect } from '../ports.js';
import type { EffectName } from '../state/lifecycle.js';
import { announce } from './announce.js';
import { drain } from './drain.js';
import { kill, killQueued } from './kill.js';
import { abandon, launch, prepare } from './launch.js';
import { holdQueue, release, retire } from './release.js';
import { expectTree, watchTree } from './tree.js';
import { undo } from './undo.js';
import { expectExit, watchProcess, watchSystem } from './watch.js';

export const effects: { readonly [E in EffectName]: ExecEffect } = {
  prepare,
  launch,
  abandon,
  announce,
  undo,
  watchSystem,
  watchProcess,
  kill,
  killQueued,
  expectExit,
  watchTree,
  expectTree,
  drain,
  release,
  retire,
  holdQueue,
};
