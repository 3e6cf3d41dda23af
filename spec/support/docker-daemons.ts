/**
 * Private daemons for specs: a dockerd with its own containerd, and Podman's service, each below a folder of its own, on a
 * cgroup that names the run. Nothing of the machine's own Docker or Podman is touched.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from './lacks.js';
import { runWord } from './run-word.js';

export interface TestDaemon {
  readonly name: 'docker' | 'podman';
  /** For `docker({ host })`. */
  readonly host: string;
  readonly socket: string;
  readonly folder: string;
  /** Kills the daemon, not its containers. */
  kill(): Promise<void>;
  /** Stops it by a signal, so that it takes requests and does not answer them, until `resume`. */
  freeze(): void;
  resume(): void;
  /** Starts it again after `kill`. */
  start(): Promise<void>;
  /** Removes all containers, ends the daemon, and removes its folder. */
  remove(): Promise<void>;
}

/** The image of the specs: busybox alone, imported from a tar archive. */
export const image = 'bb';

/** The parent of the control groups of this process's daemons. */
const cgroup = `rxshim-${runWord}-docker-${process.pid}`;

export const startDocker = (...flags: readonly string[]): Promise<TestDaemon> =>
  startDaemon('docker', (folder) => dockerIn(folder, flags));

const dockerIn = (folder: string, flags: readonly string[]): Command => {
  const config = join(folder, 'daemon.json');
  // An empty file is refused.
  writeFileSync(config, '{}');
  return [
    'dockerd',
    [
      `--config-file=${config}`,
      `--host=unix://${join(folder, 'd.sock')}`,
      `--data-root=${join(folder, 'root')}`,
      `--exec-root=${join(folder, 'exec')}`,
      `--pidfile=${join(folder, 'd.pid')}`,
      ...['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
      '--exec-opt=native.cgroupdriver=cgroupfs',
      `--cgroup-parent=/${cgroup}`,
      ...flags,
    ],
    {},
  ];
};

/** The same, run by an ordinary user that is created for it. */
export const startRootlessDocker = (): Promise<TestDaemon> =>
  startDaemon(
    'docker',
    (folder) => {
      const [, args] = dockerIn(folder, ['--rootless', '--storage-driver=vfs']);
      const namespaces = ['--net=host', '--copy-up=/etc', '--copy-up=/run', '--propagation=rslave'];
      // What is root's there may not be written.
      const enter = 'rm -f /run/docker /run/containerd /run/xtables.lock; exec dockerd "$@"';
      const inside = ['sh', '-c', enter, 'sh', ...args.filter((arg) => !arg.startsWith('--cgroup-parent'))];
      return ['rootlesskit', [...namespaces, `--state-dir=${join(folder, 'rootlesskit')}`, ...inside], {}];
    },
    makeUser(),
  );

export const startPodman = (): Promise<TestDaemon> => startDaemon('podman', podmanIn('overlay'));

/** The same, run by an ordinary user that is created for it. */
export const startRootlessPodman = (): Promise<TestDaemon> =>
  startDaemon('podman', podmanIn('vfs'), makeUser());

const podmanIn =
  (driver: 'overlay' | 'vfs') =>
  (folder: string): Command => {
    const [containers, storage] = [join(folder, 'containers.conf'), join(folder, 'storage.conf')];
    // Limits of its own: Podman would give containers higher ones than a machine of CI may give.
    writeFileSync(
      containers,
      `[containers]
netns = "none"
log_driver = "k8s-file"
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
`,
    );
    writeFileSync(
      storage,
      `[storage]
driver = "${driver}"
graphroot = "${join(folder, 'root')}"
runroot = "${join(folder, 'run')}"
`,
    );
    const places = [
      '--root',
      join(folder, 'root'),
      '--runroot',
      join(folder, 'run'),
      '--tmpdir',
      join(folder, 'tmp'),
    ];
    return [
      'podman',
      [
        ...places,
        ...['--cgroup-manager', 'cgroupfs', '--events-backend', 'file', 'system', 'service', '--time=0'],
        `unix://${join(folder, 'd.sock')}`,
      ],
      { CONTAINERS_CONF: containers, CONTAINERS_STORAGE_CONF: storage, PODMAN_IGNORE_CGROUPSV1_WARNING: '1' },
    ];
  };

type Command = readonly [program: string, args: readonly string[], env: Readonly<Record<string, string>>];

/** An ordinary user of this process, with a range of numbers for its containers. */
interface User {
  readonly name: string;
  readonly uid: number;
  /** Its runtime directory. */
  readonly runtime: string;
  remove(): void;
}

const makeUser = (): User => {
  const name = `rx${process.pid}`;
  // It gets its range of /etc/subuid by that.
  execFileSync('useradd', ['--create-home', '--shell', '/bin/sh', name]);
  const uid = Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }));
  const runtime = `/run/user/${uid}`;
  mkdirSync(runtime, { recursive: true });
  chmodSync(runtime, 0o700);
  chownSync(runtime, uid, uid);
  const remove = (): void => {
    for (const mount of mountsBelow(runtime)) execFileSync('umount', ['-l', mount]);
    rmSync(runtime, { recursive: true, force: true });
    execFileSync('userdel', ['--remove', '--force', name], { stdio: 'ignore' });
  };
  return { name, uid, runtime, remove };
};

/** Runs the command as the user, who has nothing of this process's environment. */
const byUser = ({ name, runtime }: User, [program, args, env]: Command, folder: string): Command => {
  const own = { PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, HOME: `/home/${name}`, USER: name };
  const all = Object.entries({ ...own, XDG_RUNTIME_DIR: runtime, TMPDIR: folder, ...env });
  const user = ['--reuid', name, '--regid', name, '--init-groups'];
  return [
    'setpriv',
    [...user, 'env', '-i', ...all.map(([key, value]) => `${key}=${value}`), program, ...args],
    {},
  ];
};

const startDaemon = async (
  name: TestDaemon['name'],
  commandIn: (folder: string) => Command,
  user?: User,
): Promise<TestDaemon> => {
  const folder = mkdtempSync(join(tmpdir(), `rx-${name}-`));
  const socket = join(folder, 'd.sock');
  const command = commandIn(folder);
  const [program, args, env] = user === undefined ? command : byUser(user, command, folder);
  if (user !== undefined) execFileSync('chown', ['-R', `${user.name}:`, folder]);
  let daemon: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    rmSync(socket, { force: true });
    const log = join(folder, 'log');
    const writes = openSync(log, 'a');
    daemon = spawn(programPath(program) as string, [...args], {
      // Podman's monitor marks a container that was out of memory by a file in its working directory.
      cwd: folder,
      // Podman keeps archives that it loads there.
      env: { ...process.env, TMPDIR: folder, ...env },
      stdio: ['ignore', 'ignore', writes],
    });
    closeSync(writes);
    for (let looks = 0; looks < 1_000; looks += 1) {
      if (daemon.exitCode !== null)
        throw new Error(`${program} ended with ${daemon.exitCode}: ${readFileSync(log, 'utf8').slice(-600)}`);
      if (existsSync(socket) && (await ask(socket, 'GET', '/_ping').catch(() => undefined)) === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${program} does not answer`);
  };

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill(signal);
    await ended;
    if (signal === 'SIGKILL') forgetContainerd(folder);
  };

  const remove = async (): Promise<void> => {
    if (daemon?.exitCode !== null || daemon.signalCode !== null) await start().catch(() => undefined);
    for (const id of await containersOf(socket))
      await ask(socket, 'DELETE', `/containers/${id}?force=1&v=1&t=0`);
    await end('SIGTERM');
    // Podman keeps what watches over an exec for five minutes after its end, in case somebody asks for its exit code.
    for (let looks = 0; looks < 200 && processesNaming(folder).length > 0; looks += 1) {
      for (const pid of processesNaming(folder)) killWithSockets(pid);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const mount of mountsBelow(folder)) execFileSync('umount', ['-l', mount]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    user?.remove();
    await removeCgroups();
  };

  await start();
  try {
    await importImage(socket, folder);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    name,
    host: `unix://${socket}`,
    socket,
    folder,
    kill: () => end('SIGKILL'),
    start,
    remove,
    freeze: () => void daemon?.kill('SIGSTOP'),
    resume: () => void daemon?.kill('SIGCONT'),
  };
};

/** Answers the status. */
const ask = (socketPath: string, method: string, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    request({ socketPath, method, path, agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    })
      .on('error', reject)
      .end();
  });

const containersOf = (socketPath: string): Promise<string[]> =>
  new Promise((resolve) => {
    request({ socketPath, path: '/v1.41/containers/json?all=1', agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve((JSON.parse(text) as { Id: string }[]).map(({ Id }) => Id));
    })
      .on('error', () => resolve([]))
      .end();
  });

const importImage = async (socketPath: string, folder: string): Promise<void> => {
  const root = join(folder, 'image');
  mkdirSync(join(root, 'bin'), { recursive: true });
  for (const name of ['tmp', 'proc', 'dev', 'etc', 'home']) mkdirSync(join(root, name));
  // As in any image; a tmpfs takes it from there.
  chmodSync(join(root, 'tmp'), 0o1777);
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\napp:x:1000:1000::/home:/bin/sh\n');
  const busybox = programPath('busybox') as string;
  copyFileSync(busybox, join(root, 'bin/busybox'));
  const names = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
  for (const name of names) if (name !== 'busybox') symlinkSync('busybox', join(root, 'bin', name));
  const archive = join(folder, 'image.tar');
  execFileSync('tar', ['-C', root, '-cf', archive, '.']);
  rmSync(root, { recursive: true });
  await new Promise<void>((resolve, reject) => {
    const sent = request(
      {
        socketPath,
        method: 'POST',
        path: `/images/create?fromSrc=-&repo=${image}&tag=latest`,
        headers: { 'Content-Type': 'application/x-tar', 'Content-Length': statSync(archive).size },
        agent: false,
      },
      (response) => {
        response.resume();
        response.once('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`import: ${response.statusCode}`)),
        );
      },
    ).on('error', reject);
    createReadStream(archive).pipe(sent);
  });
};

/** The innermost first. */
const mountsBelow = (folder: string): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();

/** The processes whose command line names the folder. */
const processesNaming = (folder: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false;
    }
  });

/** A shim of a container that a killed daemon has lost leaves its socket behind when it is killed. */
const killWithSockets = (pid: string): void => {
  const paths = socketsOf(pid);
  kill(Number(pid));
  for (const path of paths) rmSync(path, { force: true });
};

/** The sockets of shims on which a process listens. */
const socketsOf = (pid: string): string[] => {
  const inodes = listed(`/proc/${pid}/fd`).map(
    (fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1],
  );
  return [...readFileSync('/proc/net/unix', 'utf8').matchAll(/ (\d+) (\/run\/containerd\/s\/\S+)$/gm)]
    .filter(([, inode]) => inodes.includes(inode))
    .map(([, , path]) => path as string);
};

/** A process may end while it is looked at. */
const listed = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};

/**
 * The containerd of a killed dockerd ends with it. As an orphan that has not been reaped it would seem to run, and the next
 * dockerd would wait for it.
 */
const forgetContainerd = (folder: string): void => {
  const file = join(folder, 'exec/containerd/containerd.pid');
  if (!existsSync(file)) return;
  kill(Number(readFileSync(file, 'utf8')));
  rmSync(file);
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
};

/** Those of another daemon of this process stay: they are in use. A process that was killed leaves its own a moment later. */
const removeCgroups = async (): Promise<void> => {
  for (let looks = 0; looks < 50; looks += 1) {
    const left = ['', ...readdirSync('/sys/fs/cgroup')].filter((hierarchy) => {
      const path = join('/sys/fs/cgroup', hierarchy, cgroup);
      if (!existsSync(path)) return false;
      try {
        // On a busy machine runc leaves empty ones of its containers in the hierarchy of version 2.
        for (const entry of readdirSync(path, { withFileTypes: true }))
          if (entry.isDirectory()) rmdirSync(join(path, entry.name));
        rmdirSync(path);
        return false;
      } catch {
        return true;
      }
    });
    if (left.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
