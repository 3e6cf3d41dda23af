/**
 * What must hold of every life of a daemon, whatever happens: a sentence each. How a violation is found stands in
 * `checks/`, by subject.
 */
import * as answers from './checks/answers.js';
import * as calls from './checks/calls.js';
import type { Check } from './checks/check-of.js';
import * as containers from './checks/containers.js';
import * as daemons from './checks/daemons.js';
import * as events from './checks/events.js';

export interface DaemonInvariant {
  readonly sentence: string;
  readonly broken: Check;
}

const must = (sentence: string, broken: Check): DaemonInvariant => ({ sentence, broken });

export const daemonInvariants: readonly DaemonInvariant[] = [
  must('A daemon in which a process runs does not leave unless it is stopped', daemons.staysWithContainers),
  must(
    'A daemon does not leave before its containers are deleted, unless it is stopped',
    daemons.staysUntilDeleted,
  ),
  must('A daemon waits a minute for each container that was announced', daemons.staysForTheAnnounced),
  must(
    'A daemon stays for its linger, and for a minute where no shutdown was requested',
    daemons.staysForAWhile,
  ),
  must(
    'A process is ended only because a caller asked, its start failed, or its init has ended',
    containers.endsForAReason,
  ),
  must('Every call gets exactly one answer, or its connection is lost', calls.oneAnswer),
  must('No call is answered after its deadline', calls.withinDeadline),
  must('State and Connect are answered at once, whatever hangs', calls.readsNeverWait),
  must('No call waits for another container', calls.waitsForNoOther),
  must(
    'A removal is begun once and carried to its end, also when its caller has left',
    containers.removedOnce,
  ),
  must('A container that was removed is forgotten at once', containers.removedIsForgotten),
  must(
    'A Delete that comes while its container is removed gets the answer of that removal',
    containers.repeatedDeletesJoin,
  ),
  must('Every container that was created can be deleted', containers.canBeDeleted),
  must('An id is free again when the delete is answered', containers.idsAreGivenBack),
  must('A container without a bundle is removed by the sweep when it has ended', containers.sweptInTime),
  must('An init that survives SIGKILL is ended with its container', containers.survivorsAreEnded),
  must('A kill of all reaches every process of the container', containers.killOfAllReachesAll),
  must('State never contradicts what was answered before', answers.statesAgree),
  must('Wait and Delete answer the status with which the process ended', answers.waitsAgree),
  must('No event waits for those of another container', events.waitsForNoOther),
  must('The events of a container arrive in order', events.inOrder),
  must(
    'A container is created, then its processes start and exit, the init last, then it is deleted',
    events.eachAfterItsCause,
  ),
  must('The exit of every container is published', events.exitsArePublished),
  must('Every exec whose start was published has one exit', events.execExitsArePublished),
  must('An event that containerd has taken is not published again', events.publishedOnce),
  must('Only an event that was refused three times or more is dropped', events.fewAreDropped),
  must('An exit event has the status with which the process ended', events.statusesAreTrue),
  must('No error is left unhandled, and no clock is used but the scheduler', daemons.nothingUnhandled),
  must(
    'With its containers deleted and a shutdown requested, the daemon leaves within its linger',
    daemons.leavesInTime,
  ),
  must('When the daemon has left, no timer, process or subscription remains', daemons.nothingLeft),
];
