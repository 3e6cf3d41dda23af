/** The error of a simulation that has found something: what went wrong, with which faults, and how to repeat it. */
import type { ProcessFault, SimulationPlan, SystemFault } from './plan.js';
import type { PlanOutcome } from './run-plan.js';

/** A rule was broken. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
  /** The smallest that was found: `simulate(orchestrator, { plan })` repeats it. */
  readonly plan: SimulationPlan;
  /** The rule that was broken. */
  readonly rule: string;
  /** The events, line by line. */
  readonly story: readonly string[];

  constructor(plan: SimulationPlan, { violation, story }: PlanOutcome, how: 'repeatable' | 'not repeatable') {
    const { sentence, details } = violation ?? { sentence: 'a rule was broken', details: 'not again' };
    super(
      [
        `simulate: violated: ${sentence}: ${details}`,
        '',
        ...(how === 'repeatable'
          ? []
          : [
              'A second run with the same faults has passed: the orchestrator uses time or randomness of its own.',
              'Pass it `scheduler` and `random`.',
              '',
            ]),
        'The faults:',
        ...faultsOf(plan).map((line) => `  ${line}`),
        '',
        'What happened:',
        ...shortened(story),
        '',
        `Again: simulate(orchestrator, { …, plan: ${JSON.stringify(plan)} })`,
      ].join('\n'),
    );
    this.plan = plan;
    this.rule = sentence;
    this.story = story;
  }
}

const faultsOf = ({ systems, processes, unsubscribeAt }: SimulationPlan): readonly string[] => {
  const lines = [
    ...(unsubscribeAt === undefined ? [] : [`it is unsubscribed from at ${unsubscribeAt} ms`]),
    ...named(systems, (place) =>
      place === 0 ? 'the container of the task' : `the container of system ${place}`,
    ),
    ...named(processes, (place) => `process ${place + 1}`),
  ];
  return lines.length === 0 ? ['none'] : lines;
};

const named = (
  faults: readonly (ProcessFault | SystemFault | null)[],
  name: (place: number) => string,
): readonly string[] =>
  faults.flatMap((fault, place) => (fault === null ? [] : [`${name(place)} ${wordsOf(fault)}`]));

const wordsOf = (fault: ProcessFault | SystemFault): string =>
  [
    fault.kind,
    ...('status' in fault ? [`with ${fault.status}`] : []),
    ...('after' in fault ? [`after ${fault.after} ms`] : []),
    ...('for' in fault ? [`for ${fault.for} ms`] : []),
  ].join(' ');

const maxLines = 60;

const shortened = (story: readonly string[]): readonly string[] =>
  story.length <= maxLines
    ? story
    : [
        ...story.slice(0, maxLines / 2),
        `     ... ${story.length - maxLines} lines`,
        ...story.slice(-maxLines / 2),
      ];
