/** The commands of an exec that has a process. */
import type { ExecCommands } from '../handle.js';
import type { ExecLoop } from '../machine.js';
import { forceExit, killNow } from './force-exit.js';
import { kill } from './kill.js';
import { start } from './start.js';
import { stop } from './stop.js';
import { closeIo, resizePty } from './terminal.js';

export const commands: ExecCommands<ExecLoop> = { start, kill, resizePty, closeIo, forceExit, killNow, stop };
