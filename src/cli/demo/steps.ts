/**
 * The scenarios of the demo: five execs with different ends. In plain shell, so that they run on any Linux;
 * Windows has its own.
 */
import type { ProcessSpec } from '../../index.js';
import type { DemoStep } from './step.js';
import { windowsInit, windowsSteps } from './windows-steps.js';

const shell = (script: string, more?: ProcessSpec): ProcessSpec => ({ args: ['sh', '-c', script], ...more });

/** The init only keeps the container alive. */
const unixInit: DemoStep = {
  id: 'init',
  spec: shell('exec sleep 600'),
  about: 'stopped when all others have exited',
};

const unixSteps: readonly DemoStep[] = [
  { id: 'quick', spec: shell('sleep 1; exit 3'), about: 'ended by itself' },
  {
    id: 'polite',
    spec: shell('trap "sleep 0.6; exit 0" TERM; while :; do sleep 0.1; done'),
    stop: { after: 1_500, grace: 3_000 },
    about: 'tidied up when asked to stop',
  },
  {
    id: 'stubborn',
    spec: shell('trap "" TERM; exec sleep 600'),
    stop: { after: 1_500, grace: 2_000 },
    about: 'ignored SIGTERM, killed after 2 s',
  },
  {
    id: 'holder',
    spec: shell('sleep 600 & sleep 0.5'),
    about: 'its grandchild held stdout: cut after 1 s',
  },
  {
    id: 'screen',
    spec: shell('trap "stty size; exit 0" WINCH; while :; do sleep 0.1; done', {
      terminal: true,
      consoleSize: { width: 80, height: 24 },
    }),
    resize: { after: 2_500, width: 120, height: 40 },
    about: 'had a terminal, ended when that was resized',
  },
];

const onWindows = process.platform === 'win32';

export const init: DemoStep = onWindows ? windowsInit : unixInit;
export const demoSteps: readonly DemoStep[] = onWindows ? windowsSteps : unixSteps;
