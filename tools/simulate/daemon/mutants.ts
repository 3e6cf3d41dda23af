/** Defects of the daemon and of what it is wired from, each of which must be seen. */
import { type Mutant, mutant } from '../mutant.js';

export const daemonMutants: readonly Mutant[] = [
  mutant('the arrival of a container is not notified', 'this shim: a container alone was killed after 60 s', [
    'shim/task/containers',
    'byId.set(id, entry);\n    idsChanged();',
    'byId.set(id, entry);',
  ]),
  mutant('the departure of a container is not notified', 'a classic: a process that never leaves', [
    'shim/task/containers',
    'ports.records?.removed(id);\n    idsChanged();',
    'ports.records?.removed(id);',
  ]),
  mutant(
    'the timer of an earlier state is not cleared',
    'this shim: a container alone was killed after 60 s',
    ['shim/daemon/group', 'switchMap((state) => departure', 'mergeMap((state) => departure'],
    ['shim/daemon/group', '  switchMap,', '  mergeMap,'],
  ),
  mutant('a daemon with containers has a timer', 'this shim: a container alone was killed after 60 s', [
    'shim/daemon/group',
    'if (state.ids.size > 0 || state.announcements.length > 0) return NEVER;',
    'if (state.announcements.length > 0) return NEVER;',
  ]),
  mutant(
    'a container that was announced is not waited for',
    'a classic: the race of the last and the next user',
    [
      'shim/daemon/group',
      'if (state.ids.size > 0 || state.announcements.length > 0) return NEVER;',
      'if (state.ids.size > 0) return NEVER;',
    ],
  ),
  mutant('an announcement never expires', 'a classic: a process that never leaves', [
    'shim/daemon/group',
    "scheduler.schedule(() => facts.post({ type: 'announcementExpired', announcement }), announcedFor);",
    '',
  ]),
  mutant(
    'a shutdown outlives the arrival of a container',
    'a classic: the race of the last and the next user',
    [
      'shim/daemon/group',
      'shutdownRequested: state.shutdownRequested && arrived.size === 0',
      'shutdownRequested: state.shutdownRequested',
    ],
    ['shim/daemon/group', 'announcement], shutdownRequested: false };', 'announcement] };'],
  ),
  mutant('an announcement that is over makes the daemon linger anew', 'found by this simulation', [
    'shim/daemon/group',
    'if (!announcements.includes(fact.announcement)) return state;',
    '',
  ]),
  mutant('a daemon does not linger', 'a classic: the wrong condition', [
    'shim/daemon/group',
    'state.shutdownRequested ? linger : Math.max(linger, idleFor)',
    'state.shutdownRequested ? 0 : Math.max(linger, idleFor)',
  ]),
  mutant('a daemon leaves a turn after it has answered', "containerd's client suite: a socket was left", [
    'shim/daemon/group',
    'stay === 0 ? of(undefined) : timer(stay, scheduler)',
    'timer(stay, scheduler)',
  ]),
  mutant(
    'a daemon without a shutdown request does not stay',
    'a classic: the race of the last and the next user',
    ['shim/daemon/group', 'Math.max(linger, idleFor)', 'linger'],
  ),
  mutant(
    'the removal is not carried on when its call is cut',
    'this shim: ghosts in 20 of 40 tries',
    ['shim/task/containers', 'entry.removal ??= singleFlight(', 'entry.removal ??= ((same) => same)('],
    ['shim/task/call-policy', "delete: 'joined'", "delete: 'dropped'"],
  ),
  mutant(
    'a Delete is cancelled at its deadline',
    'this shim: a slow umount was never finished',
    ['shim/task/containers', 'entry.removal ??= singleFlight(', 'entry.removal = ((same) => same)('],
    ['shim/task/call-policy', "delete: 'joined'", "delete: 'dropped'"],
    [
      'streams/task/commands/delete',
      'return concat(neverStarted$, deleted$).pipe(uninterruptible());',
      'return concat(neverStarted$, deleted$);',
    ],
    [
      'streams/task/commands/delete',
      '    return changes;\n',
      "    const error = { name: '', kind: 'unavailable', message: 'cancelled' } as const;\n    return () => {\n      changes.unsubscribe();\n      task.post({ type: 'removalFailed', error });\n    };\n",
    ],
  ),
  mutant(
    'a Delete that is repeated starts anew',
    'this shim: four umounts used up the pool of threads',
    ['shim/task/containers', 'entry.removal ??= singleFlight(', 'entry.removal = singleFlight('],
    ['shim/task/call-policy', "delete: 'joined'", "delete: 'dropped'"],
  ),
  mutant('Deletes of different containers join each other', 'a classic: a key without its id', [
    'shim/task/call-policy',
    'const run = joined.get(key)',
    "key = '';\n    const run = joined.get(key)",
  ]),
  mutant('the containers of a daemon share one queue', 'containerd-shim-systemd-v1 25', [
    'shim/task/task-service',
    'queueOf: (id) => containers.find(id)?.queue',
    'queueOf: () => containers.list()[0]?.queue',
  ]),
  mutant('an id is free before its container is removed', 'containerd 2709', [
    'shim/task/containers',
    'entry.removal ??= singleFlight(',
    "if (container.task.init.state === 'exited') free(id, entry);\n      entry.removal ??= singleFlight(",
  ]),
  mutant('an id is free before its creation is undone', 'containerd 6860, 9309', [
    'shim/task/containers',
    'if (!entry.created) entry.creation.abort();',
    'if (!entry.created) { entry.creation.abort(); free(id, entry); }',
  ]),
  mutant('an id is claimed twice', 'containerd 2709', [
    'shim/task/containers',
    "if (byId.has(id)) throw new RxshimError('alreadyExists',",
    "if (byId.has('')) throw new RxshimError('alreadyExists',",
  ]),
  mutant('a creation that fails keeps its id', 'containerd 2709', [
    'shim/task/containers',
    '          free(id, entry);\n          fail(error);',
    '          fail(error);',
  ]),
  mutant('the sweep never comes', 'a classic: a process that never leaves', [
    'shim/daemon/daemon',
    'interval(sweepEvery, scheduler)',
    'interval(sweepEvery * 1e6, scheduler)',
  ]),
  mutant('the sweep removes a container whose bundle exists', 'a classic: the wrong condition', [
    'shim/daemon/sweep',
    'bundleExists(container.bundle)',
    '!bundleExists(container.bundle)',
  ]),
  mutant('the sweep ends a container that has not been started yet', 'a classic: the wrong condition', [
    'shim/daemon/sweep',
    "container.task.init.state !== 'exited' || ",
    '',
  ]),
  mutant('an error of the sweep is left unhandled', 'rxjs 6795, 3004', [
    'shim/daemon/sweep',
    "error: (err) => log.warn({ err, id: container.id }, 'failed to delete a container without a bundle'),",
    "complete: () => log.debug({ id: container.id }, 'deleted'),",
  ]),
  mutant('the timer of the sweep outlives the daemon', 'moby 46957', [
    'shim/daemon/daemon',
    'sweeping.unsubscribe();',
    '',
  ]),
  mutant('a daemon leaves without its last events', 'containerd 3177', [
    'shim/daemon/daemon',
    'await events.close(eventsTimeout);',
    'void events.close(eventsTimeout);',
  ]),
  mutant('a call has no deadline', 'containerd 7496', [
    'shim/ttrpc/server/call',
    'if (limit !== 0) {',
    'if (limit === -1) {',
  ]),
  mutant('State answers no exit status', 'podman 5373', [
    'shim/task/state',
    'exitStatus: ended ? exitStatus : 0,',
    'exitStatus: 0,',
  ]),
  mutant('a paused container is said to run', 'a classic: state that is not kept', [
    'shim/task/control',
    "setPausing(container, ports, paused ? 'paused' : 'no');",
    "setPausing(container, ports, 'no');",
  ]),
  mutant('State waits for its turn', 'hcsshim exec_hcs.go (A.4.2)', [
    'shim/task/call-policy',
    "state: 'dropped'",
    "state: 'serial'",
  ]),
];
