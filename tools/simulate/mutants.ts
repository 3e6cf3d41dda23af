/**
 * Defects, each of which somebody somewhere has had, put into the production code by one switch: the name of the mutant.
 *
 * A mutant is a change of text, made while the simulation is bundled; the sources hold nothing of it. Each text must
 * occur exactly once: code that has moved on makes its mutants fail loudly rather than quietly do nothing.
 */

import { type Mutant, mutant } from './mutant.js';

export const mutants: readonly Mutant[] = [
  mutant(
    'an exit that comes after a forced one overwrites it',
    'containerd 2299; the classic lost once-guard',
    [
      'streams/exec/state/reduce',
      "if (next.state === 'exited' && from.exit === undefined) next.exit",
      "if (next.state === 'exited' && (from.exit === undefined || fact.type === 'processExited' || fact.type === 'systemGone')) next.exit",
    ],
    [
      'streams/exec/state/lifecycle',
      "drained: edge('releasing', 'release'),",
      "drained: edge('releasing', 'release'), processExited: edge('draining'), systemGone: edge('draining'),",
    ],
    [
      'streams/exec/state/lifecycle',
      "watchProcess: { scope: 'exit' },",
      "watchProcess: { scope: 'release' },",
    ],
  ),
  mutant(
    'the start is published in the background',
    'hcsshim internal/controller/process (A.4.11); containerd 882',
    [
      'streams/exec/effects/announce',
      'return options.publish(event);',
      'scheduler.schedule(() => options.publish(event).subscribe({ error: () => undefined }), 1); return EMPTY;',
    ],
  ),
  mutant('a process whose start could not be published is left running', 'hcsshim exec_hcs.go (A.4.1)', [
    'streams/exec/state/lifecycle',
    "edge('aborting', 'expectExit', 'kill', 'watchTree', 'watchProcess')",
    "edge('aborting', 'expectExit', 'watchProcess')",
  ]),
  mutant('a start that could not be published is published as an exit', 'hcsshim exec_hcs.go (A.4.1)', [
    'streams/exec/events',
    'exit === undefined || !announced',
    'exit === undefined',
  ]),
  mutant('a forced end waits for the process to report it', 'hcsshim exec_hcs.go (A.4.3); moby 43737', [
    'streams/exec/state/lifecycle',
    "forceExit: edge('running', 'expectExit'),",
    "forceExit: edge('running'),",
  ]),
  mutant('a forced end drops the status that was asked for', 'hcsshim exec_hcs.go (A.4.3)', [
    'streams/exec/state/reduce',
    'next.forcedStatus ??= fact.status;',
    '',
  ]),
  mutant('a kill of an exec that has exited succeeds', 'hcsshim exec_hcs.go (A.4.4); execa 96', [
    'streams/exec/commands/kill',
    'return throwError(() => execNotFound(exec.ports.options));',
    'return EMPTY;',
  ]),
  mutant('an unreadable code is 4294967295', 'docker/for-win 7523; hcsshim (A.4.5)', [
    'hcs/contract/exit-code',
    'Number.isInteger(code) && code !== -1;',
    'Number.isInteger(code);',
  ]),
  mutant('an unknown exit is reported as 0', 'podman 5373, 6893, 13600; testcontainers-go 3766', [
    'hcs/contract/exit-code',
    'export const unknownStatus = 255;',
    'export const unknownStatus = 0;',
  ]),
  mutant('a signal call that hangs blocks the exit of its command', 'hcsshim 1416; A.4.7', [
    'streams/exec/commands/deliver',
    'return merge(answer$, exited$).pipe(take(1));',
    'return merge(answer$, exited$.pipe(take(0))).pipe(take(1));',
  ]),
  mutant('a forced end waits behind whatever hangs', 'containerd 13483; hcsshim exec_hcs.go (A.4.7)', [
    'operators/serial-queue',
    'if (queueTimeout !== undefined) {',
    'if (queueTimeout === -1) {',
  ]),
  mutant('commands do not wait for each other', 'containerd-shim-systemd-v1 25', [
    'operators/serial-queue',
    'if (!this.#busy) {',
    'if (!this.#busy || this.#scheduler !== undefined) {',
  ]),
  mutant('a drain has no cap', 'kata-containers 13676, 13761; tinyexec 138; execa, nano-spawn, zx (A.3)', [
    'operators/drained-within',
    'const alarms: Alarm[] = [{ at: cap, ring: timeOut }];',
    'const alarms: Alarm[] = [];',
  ]),
  mutant('the release eats from the budget of the drain', 'containerd 13377, 13378', [
    'streams/exec/effects/release',
    '() => ports.handles.process?.close() ?? EMPTY,\n    ports.policies.closeTimeout,',
    '() => ports.handles.process?.close() ?? EMPTY,\n    ports.policies.drain.cap,',
  ]),
  mutant(
    'the release does not wait for the output',
    'containerd 13931; nerdctl 5190, 3877; microsoft/node-pty 72',
    [
      'streams/exec/effects/drain',
      'if (relay === undefined) return',
      'if (relay === undefined || policies.exitTimeout > 0) return',
    ],
  ),
  mutant('a cut is not said', 'containerd 13931', [
    'streams/exec/effects/drain',
    'drained(ports, cut(relay, log))',
    'drained(ports, cut(relay, log) && false)',
  ]),
  mutant(
    'an exit is published once and dropped when that fails',
    'containerd 3177; publisher.go and publisher.rs (A.4.10)',
    ['streams/event-outbox', "type === 'TaskExit' || type === 'TaskDelete';", "type === 'TaskDelete';"],
  ),
  mutant('an event whose publish failed goes to the end of the queue', 'containerd pkg/shim/publisher.go', [
    'streams/outbox',
    'pause = scheduler.schedule(\n      () => {',
    'pause = scheduler.schedule(\n      () => {\n        entries.push(...entries.splice(0, 1));',
  ]),
  mutant('events leave side by side', 'containerd 9719; kata-runtime 1205', [
    'streams/outbox',
    'entry !== undefined && !sending && !closed; entry = entries[0])',
    'entry !== undefined && !closed; entry = entries.find(({ attempts }) => attempts === 0))',
  ]),
  mutant(
    "the init's exit does not wait for the other execs",
    'containerd 9719, 9828',
    [
      'streams/task/effects/execs',
      'defer(() => merge(...[...handles.execs.values()].map(',
      'defer(() => merge(...[...handles.execs.values()].slice(0, 0).map(',
    ],
    [
      'streams/task/effects/execs',
      "filter(({ state }) => state !== 'exited')",
      'filter(({ state }) => state === undefined)',
    ],
  ),
  mutant("the init's exit does not wait for its container", 'hcsshim 512, 533', [
    'streams/task/state/lifecycle',
    "requested: edge('awaitingShutdown', 'awaitGone'),",
    "requested: edge('awaitingExecs', 'awaitExecs'),",
  ]),
  mutant(
    'an exec is added after the init has ended',
    'containerd 10634',
    [
      'streams/task/commands/add-exec',
      'if (!canHost(initOf(task.ports))) throw initMustRun(options.id);',
      '',
    ],
    ['streams/task/commands/add-exec', 'if (!canHost(init)) return undo(initMustRun(options.id));', ''],
  ),
  mutant('a container that ends leaves its execs running', 'hcsshim 586, 2743; containerd/nerdbox 11', [
    'streams/exec/state/lifecycle',
    "systemGone: edge('running', 'killQueued', 'expectExit'),",
    '',
  ]),
  mutant('a container that goes while an exec starts is not noticed', 'containerd 10603, 10589, 10651', [
    'streams/exec/state/lifecycle',
    "systemGone: edge('starting', 'killQueued', 'expectExit'),",
    '',
  ]),
  mutant('a forced end is dropped while starting', 'moby 43480; e2b 1128; the classic kill while starting', [
    'streams/exec/commands/force-exit',
    "if (phase === 'starting' || phase === 'announcing') expectExit(exec, status);",
    '',
  ]),
  mutant('a process that is created too late is leaked', 'e2b 500; rust-extensions runc.rs', [
    'streams/exec/state/lifecycle',
    "released: {\n    launched: within('released', 'abandon'),",
    "released: {\n    launched: within('released'),",
  ]),
  mutant('a late subscriber gets nothing', 'testcontainers-node 974; opencontainers/runc 5208', [
    'streams/loop',
    'this.over$.complete();',
    '{ this.over$.complete(); Object.assign(this.over$, { subscribe: () => ({ unsubscribe: () => undefined }) }); }',
  ]),
  mutant('waiters are answered twice', 'containerd 2299; the classic double release', [
    'streams/exec/source',
    'listener.next(project(exec.state));',
    'listener.next(project(exec.state));\n        listener.next(project(exec.state));',
  ]),
  mutant('an exit is published twice', 'containerd 2299', [
    'streams/exec/effects/release',
    'closeUpstream(ports), publishExit(ports, state)]',
    'closeUpstream(ports), publishExit(ports, state), publishExit(ports, state)]',
  ]),
  mutant('stop trusts that a signal was sent', 'earendil-works/pi 7864; prime-agent 458', [
    'streams/exec/commands/stop',
    'race(inVain$, timer(grace, exec.ports.scheduler))',
    'race(inVain$, NEVER)',
  ]),
  mutant(
    'a stop kills a process that has exited meanwhile',
    'containers/conmon 260',
    [
      'streams/exec/commands/stop',
      'stopping$.pipe(ignoreElements(), takeUntil(over$)),',
      'stopping$.pipe(ignoreElements()),',
    ],
    [
      'streams/exec/commands/stop',
      'return killNow(exec, statusWhenKilled);',
      'return exec.ports.handles.process === undefined ? EMPTY : exec.ports.handles.process.kill().pipe(ignoreElements());',
    ],
  ),
  mutant('a signal without a process counts as sent', 'rust-extensions runc.rs; hcsshim 1252', [
    'streams/exec/commands/kill',
    "if (outcome === 'notDelivered') return throwError(() => execNotFound(options));",
    '',
  ]),
  mutant('a signal that came too late is an error', 'hcsshim 1252, 1317', [
    'streams/exec/commands/deliver',
    "answer === 'notDelivered' || answer === 'alreadyStopped' ? answer : 'delivered'",
    "answer === 'notDelivered' || answer === 'alreadyStopped' ? 'notDelivered' : 'delivered'",
  ]),
  mutant('a call that hangs holds the release for ever', 'kata-containers 13761; gVisor 14427', [
    'operators/steps',
    'acting.await(act$, { scheduler: this.#scheduler, within: step.within });',
    'acting.await(act$);',
  ]),
  mutant('a timer outlives its exec', 'moby 46957; conmon-rs 690', [
    'streams/exec/state/lifecycle',
    "expectExit: { scope: 'exit' },",
    "expectExit: { scope: 'detached' },",
  ]),
  mutant('a subscription outlives its exec', 'rxjs 3336, 5931; codex 23119', [
    'streams/exec/state/lifecycle',
    "watchSystem: { scope: 'exit' },\n  watchProcess: { scope: 'exit' },",
    "watchSystem: { scope: 'exit' },\n  watchProcess: { scope: 'detached' },",
  ]),
  mutant('facts are delivered during the delivery of another', 'rxjs 6580, 5173, 2155', [
    'streams/loop',
    'post(fact: Fact): void {\n    if (this.#delivering) {',
    'post(fact: Fact): void {\n    if (this.#delivering && this.ports === undefined) {',
  ]),
  mutant('an exec that could not be announced is forgotten at once', 'found by this simulation', [
    'streams/task/commands/add-exec',
    '      exec.released$.pipe(ignoreElements()),\n',
    '',
  ]),
  mutant('a start is published after it was cancelled', 'found by this simulation; containerd 4400', [
    'streams/outbox',
    'else entry.cancel?.();',
    '',
  ]),
  mutant(
    'a task closed before it is handed over publishes no exit',
    'found by this simulation',
    [
      'streams/task/effects/events',
      "if (announcement === 'pending') return EMPTY;",
      "if (announcement === 'pending') return of<Fact>({ type: 'exitPublished' });",
    ],
    ['streams/task/state/reduce', "return state.announcement === 'pending' ? undefined : {};", 'return {};'],
  ),
  mutant('a delete overtakes the exit', 'containerd pkg/shim/publisher.go; runwasi task_delete', [
    'streams/task/commands/delete',
    'exec.released$.pipe(ignoreElements())',
    'exec.exit$.pipe(ignoreElements())',
  ]),
  mutant('execs are waited for no longer than their container', 'found by this simulation; containerd 9719', [
    'streams/task/state/lifecycle',
    "timedOut: edge('endingExecs', 'endExecs'),",
    "timedOut: edge('closing', 'closeContainer'),",
  ]),
  mutant('an init that ends before its start is not noticed', 'containerd 10603, 10589; runc 5208', [
    'streams/exec/state/in-flight',
    "created: ['watchProcess', 'watchSystem'],",
    "created: ['watchSystem'],",
  ]),
  mutant('a container that is created too late is leaked', 'containerd 6860, 9309, 12344', [
    'streams/task/state/lifecycle',
    "created: edge('discarding', 'discard'),",
    "created: edge('failed'),",
  ]),
  mutant('a removal that hangs keeps its delete for ever', 'found by this simulation; containerd 11409', [
    'streams/task/effects/container',
    'timeout({ first: policies.endTimeout, scheduler, with: () => throwError(tookTooLong) }),',
    '',
  ]),
  mutant('an unhandled error ends the process', 'found by this simulation; rxjs 6795, 3004', [
    'streams/task/effects/create',
    "ports.log?.warn({ err }, 'failed to remove the container of a task that was not made');\n      return EMPTY;",
    'throw err;',
  ]),
  mutant('a container that ignored its shutdown can never be deleted', 'containerd 3125, 8381; moby 43491', [
    'streams/task/state/lifecycle',
    "deleteRequested: edge('terminatingAgain', 'terminateLeftover'),",
    "deleteRequested: edge('removing', 'remove'),",
  ]),
  mutant('a task that could not be published is undone twice', 'found by this simulation', [
    'streams/task/state/lifecycle',
    "exitPublished: edge('closed', 'discardUnannounced'),",
    "exitPublished: edge('closed', 'discardUnannounced', 'discardUnannounced'),",
  ]),
  mutant('pauses between attempts grow without end', 'containerd 3125, 3177', [
    'streams/outbox',
    'Math.min(firstDelay * attempts, maxDelay)',
    'firstDelay * attempts',
  ]),
  mutant(
    'an exit whose publish failed counts as published',
    'containerd 3177; hcsshim exec_hcs.go (A.4.10)',
    ['streams/outbox', 'if (failure !== undefined && isRetried) return retry(entry, failure);', ''],
    [
      'streams/outbox',
      'if (failure === undefined) sent$.next(entry.message);',
      'if (failure === undefined || entry.durable) sent$.next(entry.message);',
    ],
  ),
  mutant(
    'a delete has status 0 for a process that failed',
    'runwasi task_delete (A.4)',
    [
      'streams/task/commands/delete',
      'const { pid, exitStatus, exitedAt } = exec.status();\n    return of(',
      'const { pid, exitedAt } = exec.status();\n    const exitStatus = 0;\n    return of(',
    ],
    [
      'streams/task/effects/events',
      'const { pid, exitStatus, exitedAt } = initOf(ports).status();\n      handles',
      'const { pid, exitedAt } = initOf(ports).status();\n      const exitStatus = 0;\n      handles',
    ],
  ),
  mutant(
    'an exit event has the time of its publication, not of the exit',
    'moby 21737; slow publishers (B.8)',
    ['streams/exec/events', 'exitedAt: new Date(exit.at)', 'exitedAt: new Date(exit.at + 1)'],
  ),
  mutant('a start is published without its pid', 'containers/conmon 260', [
    'streams/exec/effects/announce',
    'const event = startEvent(options, pid);',
    'const event = startEvent(options, 0);',
  ]),
  mutant('the code of an exit is not that of its status', 'testcontainers-go 3766; podman 6893', [
    'streams/exec/state/exits',
    "{ kind: 'exited', code: exit.code,",
    "{ kind: 'exited', code: 0,",
  ]),
  mutant('a start that failed ends with 0', 'podman 13600 (126 and 127 reported as 0)', [
    'streams/exec/state/exits',
    'const failedStatus = 1;',
    'const failedStatus = 0;',
  ]),
  mutant('why an executable could not be started is forgotten', 'podman 5373, 13600', [
    'streams/exec/state/exits',
    'status: error.exitStatus ?? failedStatus',
    'status: failedStatus',
  ]),
  mutant('handles are not closed', 'moby 46957; gVisor 6225; conmon-rs 2611', [
    'streams/exec/effects/release',
    '() => ports.handles.process?.close() ?? EMPTY,',
    '() => EMPTY,',
  ]),
  mutant('the handle of a process that came too late is not closed', 'gVisor 6225; conmon-rs 690', [
    'streams/exec/effects/launch',
    '() => process.close(),',
    '() => EMPTY,',
  ]),
  mutant('the upstream is not closed', 'hcsshim 1296; codex 23119', [
    'streams/exec/effects/release',
    '() => ports.options.upstream.close(),',
    '() => EMPTY,',
  ]),
  mutant('the upstream is closed before the output is through', 'containerd 13931; nerdctl 5190', [
    'streams/exec/effects/drain',
    'const bounds = {',
    'ports.options.upstream.close().subscribe();\n  const bounds = {',
  ]),
  mutant('a relay that is said to be cut goes on', 'kata-containers 13676', [
    'streams/exec/effects/drain',
    'return relay.cut() !== false;',
    'return relay.moved() !== -1;',
  ]),
  mutant('a slow reader is cut at the cap', 'design.md, C6 as a library default; case library/01', [
    'operators/drained-within',
    'let owes = stall > 0;',
    'let owes = stall < 0;',
  ]),
  mutant('output that is owed to a reader is dropped', 'case library/01', [
    'streams/stdio/relay/copy',
    'source.arrived?.() ?? copied + inFlight',
    'copied + 0 * inFlight',
  ]),
  mutant('a reader that stalls is waited for without an end', 'kata-containers 13676, 13761', [
    'operators/drained-within',
    'if (owes) alarms.push(whenStill(stall, () => !owes || cut()));',
    '',
  ]),
  mutant('a reader whose output was cut sees a normal end', 'containerd 13931; case library/01', [
    'streams/stdio/caller/caller-output',
    'ended = { error };',
    'ended = {};',
  ]),
  mutant('a reader of output that ended normally gets an error', 'containerd 13931', [
    'streams/stdio/caller/caller-output',
    'if (!written) finish();',
    'if (!written) fail(closedEarlyError(name));',
  ]),
  mutant('silence is cut no sooner than the cap', 'hcsshim exec_hcs.go (A.4.8)', [
    'operators/drained-within',
    'if (now === seen && still()) return undefined;',
    '',
  ]),
  mutant('output that flows is cut as if it were silent', 'carderne/pi-sandbox 76; containerd 13931', [
    'operators/drained-within',
    'if (now === seen && still()) return undefined;',
    'if (still()) return undefined;',
  ]),
  mutant('waiters are not notified of a cut', 'containerd 13931', [
    'streams/exec/handle',
    'const outcome = { truncated, ioErrors',
    'const outcome = { truncated: truncated && false, ioErrors',
  ]),
  mutant('a wait is over before the release', 'dockerode 807; hcsshim exec_hcs.go (A.4.2)', [
    'streams/exec/handle',
    "return this.#perform('Wait', awaited(this.#exec), options);",
    "return this.#perform('Wait', this.exit$ as never, options);",
  ]),
  mutant('a process gets another signal than was sent', 'podman 26086', [
    'streams/exec/commands/deliver',
    'process).signal(action.options)',
    'process).signal({ ...action.options, Signal: 15 } as never)',
  ]),
  mutant('any signal kills', 'podman 26086; moby 25982', [
    'streams/exec/commands/deliver',
    "if (action.kind === 'kill') {",
    'if (action.kind !== undefined) {',
  ]),
  mutant('a signal call that hangs keeps later ones waiting', 'hcsshim 1416; exec_hcs.go (A.4.7)', [
    'operators/serial-queue',
    'if (workTimeout !== undefined && !working.closed)',
    'if (workTimeout === -1 && !working.closed)',
  ]),
  mutant('the last in the queue is served first', 'containerd-shim-systemd-v1 25', [
    'operators/serial-queue',
    'let begin = this.#waiting.shift();\n      begin !== undefined;\n      begin = this.#busy ? undefined : this.#waiting.shift()',
    'let begin = this.#waiting.pop();\n      begin !== undefined;\n      begin = this.#busy ? undefined : this.#waiting.pop()',
  ]),
  mutant('a kill of all reaches the init alone', 'execa 96; NVIDIA/OpenShell 3159', [
    'streams/task/commands/kill',
    'merge(killOthers(task, signal), initOf(task.ports).kill(signal))',
    'merge(initOf(task.ports).kill(signal))',
  ]),
  mutant('a kill of all begins with the init', 'containerd 9719', [
    'streams/task/commands/kill',
    'merge(killOthers(task, signal), initOf(task.ports).kill(signal))',
    'merge(initOf(task.ports).kill(signal), killOthers(task, signal))',
  ]),
  mutant('a stop gives no grace', 'moby 25982; kubernetes 124664', [
    'streams/exec/commands/stop',
    'timer(grace, exec.ports.scheduler)',
    'timer(0 * grace, exec.ports.scheduler)',
  ]),
  mutant('a stop does not ask before it kills', 'moby 25982; kubernetes 124664', [
    'streams/exec/commands/stop',
    'const inVain$ = asked$.pipe(',
    'const inVain$ = defer(() => { asking(); return NEVER; }).pipe(',
  ]),
  mutant('a stop does not say that it had to kill', 'execa 511, 714, 1106', [
    'streams/exec/commands/stop',
    "      by = 'kill';\n",
    '',
  ]),
  mutant('a running exec is deleted', 'containerd 3125; moby 43491', [
    'streams/task/commands/delete',
    'if (busy !== undefined) return',
    'if (busy === exec.id) return',
  ]),
  mutant('an id stays taken after its delete', 'containerd 2709', [
    'streams/task/commands/delete',
    "    handles.execs.delete(exec.id);\n    task.post({ type: 'execForgotten', id: exec.id });\n",
    '',
  ]),
  mutant('an init that survives SIGKILL is left alone', 'moby 43737; containerd 8381', [
    'streams/task/state/lifecycle',
    "killSent: ['awaitSurvivor'],",
    'killSent: [],',
  ]),
  mutant('a container is ended without being asked', 'moby 25982; kubernetes 124664', [
    'streams/task/effects/container',
    "() => ports.system.shutdown(), 'failed to shut",
    "() => ports.system.terminate(), 'failed to shut",
  ]),
  mutant('a container is given no time to end', 'hcsshim 512, 533', [
    'streams/task/state/lifecycle',
    "requested: edge('awaitingShutdown', 'awaitGone'),",
    "requested: edge('terminating', 'terminate'),",
  ]),
  mutant(
    'a container is closed while execs are in it',
    'hcsshim 533; containerd 9828',
    [
      'streams/task/effects/execs',
      '  merge(\n    concat(released(ports),',
      '  merge(\n    closeSystem(ports),\n    concat(released(ports),',
    ],
    [
      'streams/task/effects/execs',
      "import { timedOutAt } from './container.js';",
      "import { closeSystem, timedOutAt } from './container.js';",
    ],
  ),
  mutant('a process is asked for before its container is up', 'containerd 10634; opencontainers/runc 5208', [
    'streams/exec/effects/launch',
    'if (failure !== undefined || !(prepared || preparationOf(ports) === undefined)) return EMPTY;',
    'if (failure !== undefined || prepared) return EMPTY;',
  ]),
  mutant(
    'a process that ended with its container is reported as never run',
    'hcsshim 586, 2743; exec_hcs.go (A.4.14)',
    [
      'streams/exec/state/lifecycle',
      "systemGone: edge('running', 'killQueued', 'expectExit'),",
      "systemGone: edge('draining', 'kill', 'drain'),",
    ],
  ),
  mutant('a killed process gets no time to report its exit', 'hcsshim 489; e2b 500', [
    'streams/exec/effects/watch',
    'timer(Math.max(0, state.exitDeadline - scheduler.now()), scheduler)',
    'timer(1, scheduler)',
  ]),
  mutant('input is not copied', 'hcsshim 1296; exec_hcs.go (A.4.9)', [
    'streams/stdio/relay/relay',
    'if (stdio.stdin !== undefined && upstream.stdin !== undefined) {',
    'if (stdio.stdin !== undefined && upstream.stdin !== undefined && open < 0) {',
  ]),
  mutant('a failed sink is not reported', 'rxshim 570bc1d: case library/09', [
    'streams/stdio/relay/relay',
    'ioErrors.push(ioError(file, side, error));',
    "if (side === 'source') ioErrors.push(ioError(file, side, error));",
  ]),
  mutant('a failed source is not reported', 'rxshim 570bc1d: case library/09', [
    'streams/stdio/relay/relay',
    'ioErrors.push(ioError(file, side, error));',
    "if (side === 'sink') ioErrors.push(ioError(file, side, error));",
  ]),
  mutant('a failed source or sink is missing in the outcome', 'rxshim 570bc1d: case library/09', [
    'streams/exec/state/reduce',
    'next.ioErrors = fact.ioErrors;',
    '',
  ]),
  mutant('the end of input is not forwarded', 'hcsshim 498, 1899', [
    'streams/stdio/relay/relay',
    '() => process.closeStdin(),',
    '() => through$,',
  ]),
  mutant('the end of input cuts the output', 'docker-modem 48; moby 38457, 36516', [
    'streams/stdio/relay/relay',
    '      () => process.closeStdin(),\n      () => undefined,',
    '      () => process.closeStdin(),\n      () => { for (const one of outputs) one.cut(); },',
  ]),
  mutant('closing the input does nothing', 'hcsshim 498, 1899', [
    'streams/exec/commands/terminal',
    'const close = () => options.upstream.closeStdin();',
    'const close = () => EMPTY;',
  ]),
  mutant('the events of a deleted task do not end', 'e2b 1074; containerd 13784', [
    'streams/task/effects/events',
    'finalize(() => ports.events.end()),',
    '',
  ]),
  mutant('a stop waits for the process and not for its tree', 'case 04: a shell around a server', [
    'streams/exec/commands/stop',
    "return killMode === 'tree' ? treeEnded(exec) :",
    "return killMode === 'tree' ? EMPTY :",
  ]),
  mutant(
    'a forced exit kills the process and not its tree',
    'case 14: a job beside an init',
    [
      'streams/exec/engine/kill-call',
      '? [killSent, treeKilled(ports)] : [killSent];',
      '? [killSent] : [killSent];',
    ],
    [
      'streams/exec/engine/kill-call',
      "return state.tree === 'gone' ? of('notDelivered') : process.tree.kill();",
      'return process.kill();',
    ],
  ),
  mutant('the signal of a stop goes to the process alone', 'case 04: a shell around a server', [
    'streams/exec/commands/deliver',
    "((mode === 'tree' && process.tree) || process).signal",
    'process.signal',
  ]),
  mutant('an exec is released while its tree is being ended', 'case 04: a shell around a server', [
    'streams/exec/effects/drain',
    "if (tree === 'awaited') return EMPTY;",
    '',
  ]),
  mutant('the wait for the end of a tree has no bound', 'C3 of the corrections, for trees', [
    'streams/exec/state/lifecycle',
    "treeKilled: ['watchTree', 'expectTree'],",
    "treeKilled: ['watchTree'],",
  ]),
  mutant(
    'a stop of an exited exec does not stop the rest of its tree',
    'case 14: jobs beside an init',
    [
      'streams/exec/commands/stop',
      "if (killMode === 'tree') awaitTree(exec);",
      "if (killMode === 'tree' && exec.state.state !== 'exited') awaitTree(exec);",
    ],
    [
      'streams/exec/commands/stop',
      '    awaitTree(exec);\n    return killMode',
      "    if (exec.state.tree !== 'awaited') return EMPTY;\n    return killMode",
    ],
  ),
];
