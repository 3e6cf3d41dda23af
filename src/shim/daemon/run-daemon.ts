/**
 * Runs the daemon as a process: on the socket that the launcher has opened for it, on real time, over runc.
 */
import { existsSync, statSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { asyncScheduler } from 'rxjs';
import { invalid } from '../../hcs/failures/errors.js';
import { setHelperProgram } from '../../hcs/native/process/helper-program.js';
import { runc } from '../../hcs/runc/index.js';
import { streamsFinished } from '../../streams/stdio/relay/moved-stream.js';
import { startOtlp } from '../../telemetry/otlp.js';
import type { ShimArguments } from '../arguments.js';
import { connectKeeper } from '../brain/connect-keeper.js';
import { forwarder } from '../events/forward.js';
import { parseDrain } from '../options/drain.js';
import { daemon } from './daemon.js';
import { giveMemoryBack } from './give-memory-back.js';
import { daemonLog } from './log.js';
import { trimMemory } from './memory-trim.js';
import { schedulerClock } from './scheduler-clock.js';
import { onSignals } from './signals.js';
import { uncaughtErrors } from './uncaught-errors.js';

/** The descriptor on which the launcher listens. */
const listening = 3;

/** Where the launcher is, seen from what node runs. */
const launcher = '../../bin/containerd-shim-rxshim-v1';

/** @throws RxshimError `invalidArgument` for arguments that are missing or cannot be. */
export const runDaemon = async (given: ShimArguments): Promise<void> => {
  const namespace = given.required('namespace');
  const socket = given.required('socket');
  const linger = milliseconds('linger', given.flag('linger') ?? '0');
  const containerd = process.env['TTRPC_ADDRESS'] || `${given.required('address')}.ttrpc`;
  const drain = process.env['RXSHIM_DRAIN'];
  const inode = inodeOf(socket);

  setHelperProgram(join(dirname(process.argv[1] as string), launcher));
  const scheduler = asyncScheduler;
  const log = daemonLog({ debug: given.flag('debug') !== undefined });
  const errors = uncaughtErrors(log.logger);
  const otlp = await startOtlp('containerd-shim-rxshim-v1');
  const keeper = given.flag('keeper') === undefined ? undefined : await connectKeeper();
  const running = daemon(
    {
      namespace,
      linger,
      ...(keeper && { shimPid: keeper.pid }),
      ...(drain && { drain: parseDrain('RXSHIM_DRAIN', drain) }),
    },
    {
      scheduler,
      engine: runc,
      forwarder: forwarder(() => connect(containerd), namespace, schedulerClock(scheduler)),
      log,
      bundleExists: existsSync,
      scope: errors.scope,
      ...(keeper && { records: keeper.records, journal: keeper.journal }),
      releaseSocket: () => {
        if (keeper !== undefined) return keeper.leave();
        try {
          if (inodeOf(socket) === inode) unlinkSync(socket);
        } catch (err) {
          log.logger.warn({ err, socket }, 'failed to remove the socket');
        }
      },
    },
  );
  if (keeper === undefined) running.server.listen({ fd: listening });
  else {
    await running.restore();
    keeper.serve(running.server);
  }
  // From here on others depend on this process.
  process.on('uncaughtException', errors.caught);
  trimMemory({
    scheduler,
    resident: process.memoryUsage.rss,
    heapUsed: () => getHeapStatistics().used_heap_size,
    trim: giveMemoryBack,
  });
  onSignals({ stop: running.stop, describe: () => log.logger.info(running.describe(), 'state') });

  await running.left;
  await streamsFinished();
  await otlp?.end();
  process.exit();
};

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;

const milliseconds = (field: string, text: string): number => {
  const seconds = Number(text);
  if (!(seconds >= 0 && seconds < 1e6)) throw invalid(field, text, 'a number of seconds');
  return seconds * 1_000;
};
