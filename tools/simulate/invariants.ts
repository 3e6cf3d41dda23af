/**
 * What must hold of every life, whatever happens: a sentence each. How it is seen that one is broken stands in `checks/`,
 * by subject.
 *
 * Each check looks at one whole trace. Where real lives are checked, exact times are not asked about (`bounds` is
 * absent), and where a recording was broken off, nothing is missed that may have come later (`over` is false).
 */
import type { Check } from './checks/check-of.js';
import * as commands from './checks/commands.js';
import * as container from './checks/container.js';
import * as ends from './checks/ends.js';
import * as events from './checks/events.js';
import * as lives from './checks/lives.js';
import * as output from './checks/output.js';
import * as processes from './checks/processes.js';
import * as rest from './checks/rest.js';
import * as trees from './checks/trees.js';

export interface Invariant {
  readonly sentence: string;
  /** What is wrong, if anything is. */
  readonly broken: Check;
}

const must = (sentence: string, broken: Check): Invariant => ({ sentence, broken });

export const invariants: readonly Invariant[] = [
  must('No exit is published before its start', events.startBeforeExit),
  must(
    'A start succeeds when its event is published, and no event is published of a failed start',
    events.startsAreTrue,
  ),
  must("The init's exit is the last exit of its container", events.initExitsLast),
  must('An exec is created, then running, then exited, and never goes back', lives.neverBack),
  must('Every transition of an exec is in the lifecycle table, and emitted in order', lives.asTheTableSays),
  must('Every exec is released, exactly once, and changes no more', lives.releasedOnce),
  must('Every wait gets one answer, early or late, and all get the same', lives.oneAnswerForWaiters),
  must('An exit is the same wherever it is reported, and never changes', ends.sameStatusEverywhere),
  must(
    'An exit code is one that the process reported, and known as soon as it was; an unknown exit is never a code',
    ends.codesAreReal,
  ),
  must('An exit that a process reports is recorded at that instant, whatever else hangs', ends.exitAtOnce),
  must('An exec is started once, a container is started once', processes.oneProcess),
  must(
    'Nothing but to close its stdio is asked of a process after its release',
    processes.nothingAfterRelease,
  ),
  must('No process is left running by an exec that is over', processes.noProcessLeftRunning),
  must(
    'A process is killed because somebody asked, because its start failed, or because its container went',
    processes.killsForAReason,
  ),
  must(
    'A kill succeeds only when the process was asked or has ended, and what had ended before is not found',
    commands.killIsTrue,
  ),
  must(
    'A signal without a process is answered with not found, one that came too late with success',
    commands.deliveryIsTrue,
  ),
  must('A forced exit has the requested status', ends.forcedStatus),
  must(
    'A forced end leads to the release within its bound, whatever sinks, publisher and engine do',
    ends.forcedEndsInTime,
  ),
  must(
    'An exec ends with its container, even if the exit of its process is never reported',
    ends.endsWithContainer,
  ),
  must('An exec is released only when its output is copied, or is reported as cut', output.outputComesFirst),
  must('Output is delivered in order, and completely unless it is reported as cut', output.wholeAndInOrder),
  must('Output delays only its own exec, and no longer than the drain policy allows', output.drainedInTime),
  must('Exit, drain and release have separate timeouts: none shortens another', output.ownBudgets),
  must('No exec is added to a container whose init has ended', container.noneAfterInit),
  must(
    "The init's exit is published when its container has ended or timed out, and the container is closed",
    container.containerEnds,
  ),
  must('Events are published in the order in which they were submitted', events.outboxKeepsOrder),
  must(
    'The events of each exec are in order: added, started, exited, deleted; the creation of the task is first',
    events.eventsInOrder,
  ),
  must('An exit event is retried until it is published', events.nothingLost),
  must(
    'An exit that was seen is published once; no exit is published of an exec that was never published',
    events.exitIsPublishedOnce,
  ),
  must(
    'Every command is answered once, as long as a caller waits for the answer',
    commands.everyCommandAnswered,
  ),
  must('Public streams never fail', lives.streamsNeverFail),
  must('No error is left unhandled, and no clock is used but the given one', rest.nothingUnhandled),
  must('When a task is closed, none of its processes runs', container.nothingRunsInTheEnd),
  must(
    'The state that a runtime keeps of a container is removed with its task, and no request follows',
    container.removedInTheEnd,
  ),
  must(
    'No subscription, timer or buffer is left after the release, and the world comes to rest',
    rest.nothingLeft,
  ),
  must(
    'A failed publish is retried, after a pause that is neither too short nor too long',
    events.triedAgainInTime,
  ),
  must('An event that counts as published was accepted by the publisher', events.outIsTaken),
  must('Every event carries the pid, the status and the time of its exec', events.eventsAreTrue),
  must('The time of an exit is the time at which it was observed', ends.seenWhenItWas),
  must('A code or a signal agrees with the status', ends.numbersAgree),
  must(
    'Only an exec that never ran is reported so, with the status that its end asked for',
    ends.neverRanIsTrue,
  ),
  must('A failed start ends with the status that the engine gave, or else 1', ends.failedStartsSayWhy),
  must('A running exec is not deleted', commands.runningIsNotDeleted),
  must('A process that was asked to end is forced out no sooner than its timeout', ends.givenUpInTime),
  must(
    'An exec killed because its start could not be published ends when its process does',
    ends.abortedEndsAtOnce,
  ),
  must(
    'Every handle that an engine gave is closed, before its exec is released',
    processes.everyHandleIsClosed,
  ),
  must('A process gets only signals that were requested, by their numbers', commands.signalsAsAsked),
  must('Signals arrive in the order in which they were asked for', commands.killsInOrder),
  must(
    'A kill is performed within its queue timeout, whatever hangs before it in the queue',
    commands.killIsSentInTime,
  ),
  must('A kill of all reaches all that run, the init last', commands.killOfAllReachesAll),
  must(
    'A stop sends its signal, waits for the grace, and reports whether it had to kill',
    commands.stopGivesGrace,
  ),
  must('A stop completes when every process of the tree has ended', trees.stoppedWithItsTree),
  must('An exec that is forced to exit is released when its tree has ended', trees.forcedWithItsTree),
  must('The signal of a stop goes to the whole tree', trees.treeIsAsked),
  must('The grace of a stop is that of the whole tree', trees.treeHasItsGrace),
  must('The upstream is closed once, after the output and before the release', output.upstreamIsClosed),
  must('A source or sink that fails is part of the outcome, and nothing else is', output.failuresAreReported),
  must(
    'Output that still arrives is cut at the cap; silent output is cut after the idle time, if one is set',
    output.silenceIsCut,
  ),
  must('Every stream reports the same of an exec, each at its own time', lives.streamsAgree),
  must('No process is made before its container is there', container.hostsWhenUp),
  must('No start of a task is published before its container was started', container.startedFirst),
  must(
    'A container is terminated only after a shutdown request and its timeout',
    container.shutdownBeforeTerminate,
  ),
  must('A container is closed when all that was in it is released', container.closedLast),
  must('A task is closed when the exit of its init is handed to the outbox', container.closedIsPublished),
  must('The events of a task end with its delete', events.deleteIsTheEnd),
  must('Closing the input never waits', commands.closingInputNeverWaits),
  must('Input arrives in order, and its end once', output.inputArrives),
  must('Output that is not reported as cut was read to its end', output.wholeIsRead),
  must('Output is not cut before the cap while it flows', output.flowsOn),
  must(
    'A slow reader gets everything that was written before the exit, if the policy owes it',
    output.owedIsDelivered,
  ),
  must('A reader gets an error when its output was cut, and a normal end else', output.readersHearOfCuts),
  must('Output is cut once, after its process was closed, and is then reported as cut', output.cutOnce),
  must('An init that survives SIGKILL is ended with its container', container.survivorIsEnded),
  must(
    'An exit is reported as forced if its process did not report it in time, and only then',
    ends.forcedIsSaid,
  ),
  must('A delete succeeds when its event is published', events.deleteIsPublished),
];
