/** Defects of the watch and of those who follow pods over it, put into the production code one at a time. */
import { type Mutant, mutant } from '../mutant.js';

/** Made up for the watch, not seen in another project. */
const own = 'made up';

export const watchMutants: readonly Mutant[] = [
  mutant('an expired watch is opened again at the same version', own, [
    'hcs/kubernetes/api/watch-objects',
    'if (statusIn(error) === 410) version = undefined;',
    'if (statusIn(error) === 410) await pause(next(), signal);',
  ]),
  mutant('a watch that has become silent is waited for', own, [
    'hcs/kubernetes/api/watch-objects',
    'const maxSilence = 150_000;',
    'const maxSilence = 2 ** 30;',
  ]),
  mutant('a pod that is missing in a new list is not removed', own, [
    'hcs/kubernetes/pods/pod-store',
    "for (const { uid, pod } of gone) publish(uid, { kind: 'removed', pod, isSeen: false });",
    '',
  ]),
  mutant('the exit code in the last state of a removed pod is not read', own, [
    'hcs/kubernetes/pod/follow-pod',
    'if (facts !== undefined) this.#look(facts);',
    'if (facts === undefined) return;',
  ]),
  mutant('the phase is waited for', own, [
    'hcs/kubernetes/pods/pod-standing',
    'return willRestart ?',
    'return willRestart || !hasEnded ?',
  ]),
  mutant('a run that will be restarted is taken for the end', own, [
    'hcs/kubernetes/pods/pod-standing',
    "if (container.restarts > 0) return { kind: 'running' };",
    "if (container.restarts > 0 && last !== undefined) return { kind: 'ended', run: last, cause: 'completed' };",
  ]),
  mutant('the end before the last one is taken for the exit', own, [
    'hcs/kubernetes/pods/pod-facts',
    "if (state.terminated) return { kind: 'terminated', ...runOf(state.terminated) };",
    "if (state.terminated) return { kind: 'terminated', ...runOf(state.terminated), code: 0 };",
  ]),
  mutant('a deletion that does not end is waited for', own, [
    'hcs/kubernetes/pod/follow-pod',
    'if (facts.deletionGrace !== undefined)',
    'if (facts.deletionGrace === -1)',
  ]),
  mutant('a server that can be reached again is taken for lost', own, [
    'hcs/kubernetes/pod/follow-pod',
    'clearTimeout(this.#unreachableTimer);\n        this.#unreachableTimer = undefined;\n        return;',
    'return;',
  ]),
  mutant('a failing server is asked again at once', own, [
    'hcs/kubernetes/api/watch-objects',
    "watching.news({ kind: 'failing', error });\n        await pause(next(), signal);",
    "watching.news({ kind: 'failing', error });\n        await pause(1, signal);",
  ]),
  mutant('a watch that ends at once is opened again at once', own, [
    'hcs/kubernetes/api/watch-objects',
    'else await pause(next(), signal);\n    } catch',
    'else await pause(1, signal);\n    } catch',
  ]),
  mutant('each look at a pod reports its last run', own, [
    'hcs/kubernetes/pod/follow-pod',
    'this.#runs.add(key);',
    '',
  ]),
  mutant('a restart between two changes is not seen', own, [
    'hcs/kubernetes/pod/follow-pod',
    'this.#note(container.last);',
    '',
  ]),
  mutant('the watch stays when the last pod has ended', own, [
    'hcs/kubernetes/pods/pod-store',
    'if (isListed) lingering = setTimeout(stop, linger).unref();',
    'if (isListed) lingering = undefined;',
  ]),
  mutant('a line that was cut is read together with the next one', own, [
    'hcs/kubernetes/api/watch-objects',
    'const text = Buffer.concat([...pieces, chunk.subarray(from, end)])',
    'const text = Buffer.concat([chunk.subarray(from, end)])',
  ]),
];
