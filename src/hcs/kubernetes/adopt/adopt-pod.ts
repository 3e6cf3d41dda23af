/**
 * Takes over a pod that another program, or an earlier run of this one, has created, with its execs.
 *
 * The invariant: adoption changes nothing in the cluster, and facts that the cluster does not know are not guessed.
 */
import type { AdoptedSystem, AdoptRequest } from '../../contract/adoption.js';
import type { OutputGap } from '../../contract/output-gap.js';
import { ownershipLabel } from '../../contract/ownership.js';
import { RxshimError } from '../../failures/errors.js';
import { type FollowedPod, followPod } from '../pod/follow-pod.js';
import { initOutput } from '../pod/init-output.js';
import { numberInit } from '../pod/init-pid.js';
import { type InitProcess, initProcess } from '../pod/init-process.js';
import { podAnnotations } from '../pod/options.js';
import { getPod } from '../pod/pod-calls.js';
import { enter, type PodContext, sharesPids } from '../pod/pod-context.js';
import { factsOf } from '../pods/pod-facts.js';
import { standingOf } from '../pods/pod-standing.js';
import { type PodStore, podStore } from '../pods/pod-store.js';
import { adoptExecs } from './adopt-execs.js';

export interface AdoptedPod {
  readonly process: InitProcess;
  readonly followed: FollowedPod;
  /** Resolves with what is emitted, once its execs were found. */
  readonly system: Promise<AdoptedSystem>;
}

export const adoptPod = async (
  pod: PodContext,
  { output: from = 'left' }: AdoptRequest,
  stuckTimeout: number,
): Promise<AdoptedPod> => {
  const document = await getPod(pod);
  const { metadata = {}, spec = {} } = document;
  const names = (spec.containers ?? []).map(({ name = '' }) => name);
  const recorded = metadata.annotations?.[podAnnotations.container];
  pod.container = recorded !== undefined && names.includes(recorded) ? recorded : (names[0] ?? '');
  pod.uid = metadata.uid;
  pod.sharesPids = sharesPids(spec);
  const facts = factsOf(document);
  const standing = standingOf(facts, pod.container, spec.restartPolicy ?? 'Always');
  if (standing.kind === 'notStarted')
    throw new RxshimError(
      'failedPrecondition',
      `adopt pod ${pod.name}: it could not be started: ${standing.run.reason}`,
    );
  pod.phase = standing.kind === 'waiting' ? 'creating' : 'running';
  const terminal = spec.containers?.find(({ name }) => name === pod.container)?.tty === true;
  const described = { document, terminal, stdin: false, output: 'logs', isHeld: false } as const;
  const output = initOutput(pod, described, from === 'end');
  const process = initProcess(pod, output, described, { stdout: true, stderr: false });
  const gaps: OutputGap[] = [];
  pod.gaps$.subscribe(({ reason, after }) =>
    gaps.push({
      stream: 'stdout',
      reason: `its log was ${reason}${after === undefined ? '' : ` after ${after}`}`,
    }),
  );
  const owner = metadata.labels?.[ownershipLabel.owner];
  const limits = { startTimeout: 2 ** 31 - 1, stuckTimeout, spec };
  const followed = followPod(pod, limits, storeOf(pod, owner), facts);
  followed.started.then(
    () => enter(pod),
    () => undefined,
  );
  void output.connect(followed.exit);
  const running = standing.kind === 'running' ? adoptExecs(pod) : Promise.resolve([]);
  const numbered = numberInit(pod);
  return {
    process,
    followed,
    system: Promise.all([running, numbered]).then(([execs]) => ({
      init: { id: '', phase: 'started', process: Object.assign(process, { gaps }), terminal },
      execs,
      labels: metadata.labels ?? {},
    })),
  };
};

/** The pods of one owner share a watch. */
const storeOf = ({ cluster, namespace, name }: PodContext, owner: string | undefined): PodStore =>
  podStore({
    cluster,
    namespace,
    ...(owner === undefined
      ? { fieldSelector: `metadata.name=${name}` }
      : { labelSelector: `${ownershipLabel.owner}=${owner}` }),
  });
