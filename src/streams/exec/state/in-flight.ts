/**
 * The effects that may be in flight in a state. A restored exec begins with them. An effect that has nothing to do
 * in that state is EMPTY; its port tells an effect whether its work was done already.
 */
import type { EffectName, Phase } from './lifecycle.js';
import type { State } from './state.js';

const ofPhase: { readonly [P in Phase]: readonly EffectName[] } = {
  // The process first: if both have ended, its own exit says more.
  created: ['watchProcess', 'watchSystem'],
  starting: ['watchSystem', 'prepare', 'launch', 'undo', 'killQueued', 'expectExit'],
  announcing: ['watchSystem', 'announce', 'undo', 'killQueued', 'expectExit', 'watchTree', 'expectTree'],
  running: ['watchProcess', 'watchSystem', 'killQueued', 'expectExit', 'watchTree', 'expectTree'],
  aborting: ['expectExit', 'kill', 'watchTree', 'expectTree', 'watchProcess'],
  draining: ['watchTree', 'expectTree', 'drain'],
  releasing: ['watchTree', 'expectTree'],
  released: ['watchTree', 'expectTree'],
};

export const effectsInFlight = ({ phase, drained, exit, killed }: State): readonly EffectName[] => {
  if (phase === 'releasing') return [drained ? 'release' : 'retire', ...ofPhase.releasing];
  // The step that stopped waiting for it also killed it.
  if (phase === 'draining' && exit?.forced === true && !killed) return ['kill', ...ofPhase.draining];
  return ofPhase[phase];
};
