/**
 * All sessions of a folder, one after the other, each in the directions that it fits: the client opposite the recorded
 * guest, and rxshim's guest opposite the recorded host.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { messageOf } from '../../src/hcs/failures/errors.js';
import { vectorFiles } from '../vectors/run-folder.js';
import { unproducible } from './producible.js';
import { replayClient } from './replay-client.js';
import { replayGuest } from './replay-guest.js';
import { parseSession, type Session } from './session.js';

export interface GuestFolderOptions {
  /** Part of the names of the sessions to run. Default: all. */
  readonly wanted?: string | undefined;
  readonly verbose?: boolean;
  readonly print: (line: string) => void;
}

export interface SessionResult {
  readonly name: string;
  /** Why the client was not asked, if it was not. */
  readonly notClient: string | undefined;
  readonly differences: readonly string[];
}

/** Runs them, says what came of it, and answers whether all is well. The last line counts. */
export const runGuestFolder = async (
  folder: string,
  { wanted = '', verbose = false, print }: GuestFolderOptions,
): Promise<boolean> => {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    for (const file of vectorFiles(folder)) {
      const session = sessionIn(file);
      if (typeof session === 'string') {
        counts.skipped += 1;
        print(`skipped ${basename(file)}: ${session}`);
      } else if (session.name.includes(wanted)) {
        const { name, notClient, differences } = await runSession(session);
        const passed = differences.length === 0;
        counts[passed ? 'passed' : 'failed'] += 1;
        const how =
          notClient === undefined
            ? 'client, guest'
            : `guest alone; the client would not send it: ${notClient}`;
        if (!passed || verbose || notClient !== undefined)
          print(`${passed ? 'ok     ' : 'FAILED '} ${name}  (${how})`);
        for (const difference of differences) print(difference.replace(/^/gm, '        '));
      }
    }
  } catch (error) {
    print(`cannot run ${folder}: ${messageOf(error)}`);
    counts.failed += 1;
  }
  print(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.passed > 0 && counts.failed === 0;
};

/** The session, or why there is none. */
const sessionIn = (file: string): Session | string => {
  try {
    return parseSession(readFileSync(file, 'utf8')) ?? 'it holds no session';
  } catch (error) {
    return messageOf(error);
  }
};

/** One session, in every direction that it fits. */
export const runSession = async (session: Session): Promise<SessionResult> => {
  const notClient = unproducible(session);
  const client = notClient === undefined ? await replayClient(session) : [];
  const guest = await replayGuest(session);
  const differences = [...client.map((text) => `client: ${text}`), ...guest.map((text) => `guest: ${text}`)];
  return { name: session.name, notClient, differences };
};
