/**
 * Parses when and how calls are answered.
 */
import { invalid } from '../failures/errors.js';
import { requireOptions } from './check.js';
import { type Moment, momentsOf } from './script.js';
import type { Answers } from './script-options.js';

/** `never`: the call is not answered. A call without an entry is answered at once. */
export type ReadAnswers<C extends string> = { readonly [Call in C]?: Moment | 'never' };

/** Only these can be not delivered. */
const mayMiss = ['signal', 'kill'];

export const readAnswers = <C extends string>(
  answers: Answers<C>,
  field: string,
  calls: readonly C[],
): ReadAnswers<C> => {
  requireOptions(field, answers, calls);
  return Object.fromEntries(
    Object.entries(answers).map(([call, answer]) => [
      call,
      readAnswer(answer as string, `${field}.${call}`, mayMiss.includes(call)),
    ]),
  ) as ReadAnswers<C>;
};

const readAnswer = (answer: string, field: string, missing: boolean): Moment | 'never' => {
  const [moment, more] = momentsOf(answer, field);
  if (moment === undefined) return 'never';
  const letters = missing ? "'|', '#', 'n'" : "'|', '#'";
  if (more !== undefined || !(missing ? '|#n' : '|#').includes(moment.letter))
    throw invalid(field, answer, `${letters} or nothing, after some time`);
  return moment;
};
