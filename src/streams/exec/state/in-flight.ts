/**
 * The effects that may be in flight in a state: those that a restored exec begins with. An effect that has nothing to
 * do in that state is EMPTY; one that was done already finds that out from its port.
 */
import type { EffectName, Phase } from './lifecycle.js';
import type { State } from './state.js';

const ofPhase: { readonly [P in Phase]: readonly EffectName[] } = {
  // The process first: when both have ended, its own exit is the truer one.
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
  // Its kill was sent in the very step that gave it up.
  if (phase === 'draining' && exit?.forced === true && !killed) return ['kill', ...ofPhase.draining];
  return ofPhase[phase];
};
