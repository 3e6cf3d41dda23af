/** What is done for each effect that the lifecycle table names. An effect tells what came of it as a fact. */
import type { ExecContext } from './exec-context.js';
import { awaitExit, expectExit, kill, killInTurn, watch } from './exit-effects.js';
import { announce, launch, takeBack } from './launch-effects.js';
import type { EffectName } from './lifecycle.js';
import { drain, release, retire } from './release-effects.js';

export const execEffects: { readonly [E in EffectName]: (exec: ExecContext) => void } = {
  launch,
  announce,
  takeBack,
  watch,
  awaitExit,
  kill,
  killInTurn,
  expectExit,
  drain,
  release,
  retire,
};
