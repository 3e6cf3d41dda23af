/**
 * `rxshim demo`: the main features in a few seconds. Drawn live on a terminal, or as lines elsewhere; then the complete
 * picture, a table of times, and what to try next.
 */
import { lastValueFrom, Subject, take } from 'rxjs';
import { interrupts$ } from '../run/interrupts.js';
import { endedOnExit } from '../terminal/canvas.js';
import { inPlace } from '../terminal/in-place.js';
import { type Screen, screenOf } from '../terminal/screen.js';
import { type Asked, type Fact, factsOf } from '../timeline/facts.js';
import { drawLive, livesOf, picture, type View, writeLines } from '../timeline/view.js';
import { makeTask, runSteps } from './run-steps.js';
import { demoSteps, init } from './steps.js';
import { summary } from './summary.js';

// As long as the demo takes, so that the axis does not change.
const span = 4_000;
const statusWhenInterrupted = 130;
const about = new Map([init, ...demoSteps].map((step) => [step.id, step.about]));

/** @returns the exit code. */
export const demo = async (): Promise<number> => {
  const screen = screenOf(1);
  const { write, paint } = screen;
  const began = performance.now();
  const view: View = { screen, clock: () => performance.now() - began, frame: { span, legend: true } };
  write(`${paint('bold', 'rxshim')}: one task with its init and five more execs, processes of this host\n\n`);

  const task = await makeTask();
  const facts$ = new Subject<Fact>();
  const asked$ = new Subject<Asked>();
  const lives = lastValueFrom(livesOf(facts$));
  show(facts$, view);
  factsOf(task, asked$, view.clock).subscribe(facts$);

  let interrupted = false;
  const interruption = interrupts$.pipe(take(1)).subscribe(() => {
    interrupted = true;
    task.init.forceExit(statusWhenInterrupted).subscribe();
  });
  try {
    await runSteps(task, (asked) => asked$.next(asked));
  } catch (error) {
    if (!interrupted) throw error;
  } finally {
    asked$.complete();
    interruption.unsubscribe();
  }
  const ended = await lives;
  if (interrupted) return statusWhenInterrupted;
  if (!screen.live) write(`\n${picture(ended, view).join('\n')}\n`);
  write(`\n${summary(ended, about, { width: screen.size().width, paint }).join('\n')}\n\n${next(screen)}\n`);
  return 0;
};

const show = (facts$: Subject<Fact>, view: View): void => {
  const { screen } = view;
  if (screen.live) drawLive(facts$, view, endedOnExit(inPlace(screen)));
  else writeLines(facts$, screen);
};

const next = ({ paint }: Screen): string =>
  `Try it: ${paint('bold', `${programName()} run --timeline -- sleep 3`)}   (or --help, or README.md)`;

/** The command that the user has typed to get here. */
const programName = (): string => {
  const { npm_lifecycle_event: script, npm_command: command } = process.env;
  if (script === 'start') return 'npm start --';
  return command === 'exec' ? 'npx rxshim' : 'rxshim';
};
