/**
 * The scenarios of the demo on Windows, where a process can only be killed. They are node scripts, since no shell that
 * can wait exists on every Windows.
 */
import type { DemoStep } from './step.js';

const node = (script: string) => ({ args: [process.execPath, '-e', script] });
const waiting = 'setTimeout(() => {}, 600_000)';

export const windowsInit: DemoStep = {
  id: 'init',
  spec: node(waiting),
  about: 'stopped when all others have exited',
};

export const windowsSteps: readonly DemoStep[] = [
  { id: 'quick', spec: node('setTimeout(() => process.exit(3), 1000)'), about: 'ended by itself' },
  {
    id: 'stopped',
    spec: node(waiting),
    stop: { after: 1_500, grace: 2_000 },
    about: 'was stopped: Windows ends it at once',
  },
  {
    id: 'holder',
    spec: node(
      `require('node:child_process').spawn(process.execPath, ['-e', '${waiting}'], { stdio: 'inherit', detached: true });
       setTimeout(() => process.exit(), 500)`,
    ),
    about: 'its child held stdout: cut after 1 s',
  },
  {
    id: 'screen',
    spec: {
      ...node(`process.stdout.on('resize', () => process.exit()); setTimeout(() => process.exit(), 3500)`),
      terminal: true,
      consoleSize: { width: 80, height: 24 },
    },
    resize: { after: 2_500, width: 120, height: 40 },
    about: 'had a console, ended when that was resized',
  },
];
