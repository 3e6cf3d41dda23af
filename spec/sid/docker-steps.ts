/**
 * What users do with Docker, as scripts: `docker` is the client, `$RUN` runs a container that is removed afterwards, `$NEW`
 * creates or runs one that stays, `$I` is the image and `$N` a name that no other step has.
 *
 * A step's output and exit code must be the same with both runtimes.
 */
export interface Step {
  readonly title: string;
  readonly script: string;
  /** Left out of the quick run. */
  readonly full?: true;
}

const quick = (title: string, script: string): Step => ({ title, script });
const full = (title: string, script: string): Step => ({ title, script, full: true });

const running = '$NEW -d --name $N $I sleep 600 >/dev/null';
const deaf = `$NEW -d --name $N $I sh -c 'trap : TERM; echo up; while :; do sleep 0.1; done' >/dev/null`;
const status = `docker inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}' $N`;
const untilStatus = (word: string): string =>
  `i=0; until [ $(docker inspect -f '{{.State.Status}}' $N) = ${word} ] || [ $i = 200 ]; do i=$((i+1)); sleep 0.1; done; ${status}`;

export const steps: readonly Step[] = [
  quick('shows both outputs and the exit code', `$RUN $I sh -c 'echo out; echo err >&2; exit 7'`),
  quick('gives its input', 'seq 1 20000 | $RUN -i $I md5sum'),
  quick('loses nothing of a long output', '$RUN $I seq 1 100000 | md5sum'),
  quick('of no such program', '$RUN $I no-such-program'),
  full('of no such path', '$RUN $I /no/such'),
  full('of a file that is no program', '$RUN $I /etc/passwd'),
  full('of a directory', '$RUN $I /etc'),
  full(
    'has nothing in the log of a container that could not be started',
    '$NEW --name $N $I /nope; docker logs $N',
  ),
  full('with a terminal', '$RUN -t $I sh -c "tty; stty size"'),
  full('with variables', '$RUN -e A=1 -e B="two words" $I sh -c \'echo "$A $B"\''),
  full('in a directory that it makes', '$RUN -w /made/for/it $I pwd'),
  full('as another user', '$RUN -u 65534:65534 $I id'),
  full('as a user that there is not', '$RUN -u somebody $I id'),
  full('with a root that cannot be written', '$RUN --read-only $I touch /file'),
  full(
    'with a folder of the host',
    'mkdir -p /tmp/$N; echo hi >/tmp/$N/f; $RUN -v /tmp/$N:/v $I sh -c "cat /v/f; echo x >/v/g"; cat /tmp/$N/g',
  ),
  full('with a read-only folder of the host', 'mkdir -p /tmp/$N; $RUN -v /tmp/$N:/v:ro $I touch /v/g'),
  full(
    'with a volume',
    'docker volume create $N; $RUN -v $N:/v $I touch /v/a; $RUN -v $N:/v $I ls /v; docker volume rm $N',
  ),
  full('with a tmpfs', `$RUN --tmpfs /t:size=1m $I sh -c 'mount | grep " /t " | grep -o "size=[0-9]*k"'`),
  full('with a limit of memory', '$RUN --memory 32m $I cat /sys/fs/cgroup/memory/memory.limit_in_bytes'),
  full('with a limit of processes', '$RUN --pids-limit 12 $I cat /sys/fs/cgroup/pids/pids.max'),
  full('with a share of the processor', '$RUN --cpus 0.5 $I cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us'),
  full('without capabilities', '$RUN --cap-drop ALL $I grep Cap /proc/self/status'),
  full('with every privilege', '$RUN --privileged $I grep CapEff /proc/self/status'),
  full(
    'without new privileges',
    '$RUN --security-opt no-new-privileges $I grep NoNewPrivs /proc/self/status',
  ),
  full('with a name of its own', '$RUN --hostname box $I hostname'),
  full('with an init', '$RUN --init $I sh -c "ps -o ppid,args | head -3"'),
  full('with limits of resources', '$RUN --ulimit nofile=100:200 $I sh -c "ulimit -n; ulimit -Hn"'),
  full(
    'with a parameter of the kernel',
    '$RUN --sysctl kernel.msgmax=4096 --ipc private $I cat /proc/sys/kernel/msgmax',
  ),
  full(
    'with the processes of the host',
    '$RUN --pid host $I sh -c "[ $(ls /proc | grep -c ^[0-9]) -gt 3 ] && echo many"',
  ),
  full(
    'with the processes of another container',
    `${running}; $RUN --pid container:$N $I ps -o args | grep sleep`,
  ),
  full(
    'with more shared memory',
    `$RUN --shm-size 4m $I sh -c 'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2'`,
  ),
  full('with a group more', '$RUN --group-add 77 $I id -G'),
  full('starts processes with no signal ignored', '$RUN $I grep SigIgn /proc/self/status'),
  quick(
    'runs detached, and is logged',
    `$NEW -d --name $N $I sh -c 'echo one; echo two >&2' >/dev/null; ${untilStatus('exited')}; docker logs $N`,
  ),
  full(
    'is followed',
    `$NEW -d --name $N $I sh -c 'for i in 1 2 3; do echo $i; sleep 0.2; done' >/dev/null; docker logs -f $N`,
  ),
  full(
    'is attached to',
    `$NEW -d -i --name $N $I sh -c 'read x; echo "got $x"; exit 5' >/dev/null; echo word | docker attach $N; ${status}`,
  ),
  full('is waited for', `$NEW -d --name $N $I sh -c 'sleep 0.3; exit 9' >/dev/null; docker wait $N`),
  full(
    'logs nothing when asked',
    `$NEW --name $N --log-driver none $I echo shown; docker logs $N 2>&1 | head -1`,
  ),
  quick(
    'runs execs, with their exit codes and input',
    `${running}; echo in | docker exec -i $N sh -c 'cat; exit 4'`,
  ),
  quick('refuses an exec of no such program', `${running}; docker exec $N /nope`),
  full('refuses an exec of what is no program', `${running}; docker exec $N /etc/passwd`),
  full('refuses an exec in no such directory', `${running}; docker exec -w /no/such $N true`),
  full(
    'runs an exec with variables, as a user, in a directory',
    `${running}; docker exec -e A=b -u 65534 -w /tmp $N sh -c 'echo $A; id -u; pwd'`,
  ),
  full('runs an exec with a terminal', `${running}; docker exec -t $N tty`),
  full(
    'runs an exec that goes on alone',
    `${running}; docker exec -d $N sh -c 'echo there >/there'; sleep 1; docker exec $N cat /there`,
  ),
  full('refuses an exec in what has ended', '$NEW --name $N $I true; docker exec $N true'),
  full(
    'runs many execs at once',
    `${running}; for i in 1 2 3 4 5 6; do docker exec $N echo $i & done | sort; wait`,
  ),
  quick('is killed by a signal', `${running}; docker kill -s KILL $N >/dev/null; ${untilStatus('exited')}`),
  full(
    'handles a signal',
    `$NEW -d --name $N $I sh -c 'trap "echo caught; exit 3" USR1; echo up; while :; do sleep 0.1; done' >/dev/null; until docker logs $N | grep -q up; do :; done; docker kill -s USR1 $N >/dev/null; ${untilStatus('exited')}; docker logs $N`,
  ),
  full(
    'cannot be killed twice',
    `${running}; docker kill $N >/dev/null; ${untilStatus('exited')}; docker kill $N`,
  ),
  full(
    'is stopped by force when it is deaf',
    `${deaf}; until docker logs $N | grep -q up; do :; done; docker stop -t 1 $N >/dev/null; ${status}`,
  ),
  full(
    'is stopped by its own signal',
    `$NEW -d --name $N --stop-signal USR2 $I sh -c 'trap "exit 8" USR2; echo up; while :; do sleep 0.1; done' >/dev/null; until docker logs $N | grep -q up; do :; done; docker stop $N >/dev/null; ${status}`,
  ),
  full('is started again', `$NEW --name $N $I echo again; docker start -a $N; ${status}`),
  quick('is restarted', `${running}; docker restart -t 0 $N >/dev/null; ${status}; docker exec $N echo in`),
  full(
    'is restarted on failure, as often as asked',
    `$NEW -d --name $N --restart on-failure:2 $I sh -c 'echo x; exit 6' >/dev/null; i=0; until [ $(docker inspect -f '{{.RestartCount}}' $N) = 2 ] || [ $i = 100 ]; do i=$((i+1)); sleep 0.1; done; ${untilStatus('exited')}; docker logs $N`,
  ),
  quick(
    'is paused and resumed',
    `${running}; docker pause $N >/dev/null; ${status}; docker exec $N true; docker unpause $N >/dev/null; docker exec $N echo on`,
  ),
  full(
    'is killed while paused',
    `${running}; docker pause $N >/dev/null; docker kill $N; docker rm -f $N >/dev/null; docker ps -aq -f name=^$N$`,
  ),
  full(
    'is not removed while it runs',
    `${running}; docker rm $N; docker rm -f $N >/dev/null && docker ps -aq -f name=^$N$`,
  ),
  full('shows its processes', `${running}; docker top $N -o args | tail -1`),
  full('shows its statistics', `${running}; docker stats --no-stream --format '{{.Name}} {{.PIDs}}' $N`),
  full(
    'gets another limit of memory',
    `${running}; docker update --memory 64m --memory-swap 64m $N >/dev/null; docker exec $N cat /sys/fs/cgroup/memory/memory.limit_in_bytes`,
  ),
  quick(
    'is said to be out of memory',
    `$NEW --name $N --memory 16m --memory-swap 16m $I sh -c 'x=a; while :; do x=$x$x; done' >/dev/null 2>&1; ${status}`,
  ),
  full(
    'gets and gives files',
    `${running}; echo copied >/tmp/$N.f; docker cp -q /tmp/$N.f $N:/f; docker exec $N cat /f; docker cp -q $N:/f - | tar -t`,
  ),
  full(
    'knows what was changed',
    `$NEW --name $N $I sh -c 'rm /etc/passwd; touch /new'; docker diff $N | sort`,
  ),
  full(
    'is made into an image while it runs',
    `${running}; docker exec $N touch /kept; docker commit $N $N:c >/dev/null; $RUN $N:c ls /kept; docker rmi -f $N:c >/dev/null`,
  ),
  full(
    'is renamed while it runs',
    `${running}; docker rename $N $N-b; docker exec $N-b echo same; docker rm -f $N-b >/dev/null`,
  ),
  full(
    'is checked for its health',
    `$NEW -d --name $N --health-cmd 'test -e /ok' --health-interval 200ms --health-retries 1 $I sh -c 'touch /ok; sleep 600' >/dev/null; i=0; until [ $(docker inspect -f '{{.State.Health.Status}}' $N) = healthy ] || [ $i = 100 ]; do i=$((i+1)); sleep 0.1; done; docker inspect -f '{{.State.Health.Status}}' $N`,
  ),
  full(
    'publishes what happens to it',
    // The client may end before the daemon has published the last of them.
    `$NEW --name $N $I true; i=0; until e=$(docker events --since 10m --until 0s -f container=$N --format '{{.Action}}'); echo "$e" | grep -q die || [ $i = 200 ]; do i=$((i+1)); sleep 0.1; done; echo "$e"`,
  ),
  full(
    'leaves no process and no mount',
    `${running}; m=$(docker inspect -f '{{.GraphDriver.Data.MergedDir}}' $N); mount | grep -c "$m"; docker rm -f $N >/dev/null; mount | grep -c "$m"`,
  ),
];
