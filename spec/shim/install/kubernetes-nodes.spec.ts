/** docs/kubernetes-nodes: the script that edits containerd's configuration, over a containerd, and the manifest that runs it. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadAllYaml } from '@kubernetes/client-node';
import { parse } from 'smol-toml';
import { lackAsRoot } from '../../support/lacks.js';
import { describeWith } from '../../support/needs.js';
import { launcher } from '../launcher/harness.js';

const checkout = fileURLToPath(new URL('../../..', import.meta.url));
const docs = join(checkout, 'docs/kubernetes-nodes');
const configs = join(dirname(fileURLToPath(import.meta.url)), 'containerd-configs');
const recorded = (name: string): string => readFileSync(join(configs, `${name}.toml`), 'utf8');

/** A containerd whose configuration is edited; another one than the host's may be named. */
const containerd = process.env['RXSHIM_SPEC_CONTAINERD'] ?? 'containerd';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxshim-nodes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Each file below a folder with its type, mode and content: what `remove` has to leave as it was. */
const stateOf = (root: string): readonly string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const stat = lstatSync(join(root, name));
      return `${name} ${stat.mode.toString(8)} ${stat.isFile() ? readFileSync(join(root, name), 'latin1') : ''}`;
    });

/** A node whose root folder is named `/host`, with a package and a Node that only write what the script looks at. */
const fakeNode = (config: string | undefined) => {
  const at = (name: string): string => join(folder, 'node', name);
  const put = (path: string, text: string, mode = 0o644): string => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  mkdirSync(at('opt'), { recursive: true });
  mkdirSync(at('etc'));
  symlinkSync('/', join(folder, 'host'));
  const file = at('etc/containerd/config.toml');
  if (config !== undefined) put(file, config, 0o640);
  const restarts = join(folder, 'restarts');
  const restart = put(join(folder, 'restart'), `#!/bin/sh\necho >> ${restarts}\n`, 0o755);
  put(join(folder, 'package/dist/cli/main.js'), '');
  const env = {
    PATH: process.env['PATH'],
    HOST: join(folder, 'host'),
    ON_HOST: 'env',
    PREFIX: at('opt/rxshim'),
    CONTAINERD_CONFIG: file,
    CONTAINERD: containerd,
    RESTART: restart,
    PACKAGE: join(folder, 'package'),
    NODE: put(join(folder, 'a-node'), '#!/bin/sh\n', 0o755),
    PAUSE: '0.1',
  };
  return {
    file,
    env,
    at,
    read: () => readFileSync(file, 'utf8'),
    restarts: () => (existsSync(restarts) ? readFileSync(restarts, 'utf8').length : 0),
    /** From the next restart on. */
    breakRestarts: (exits: string) => put(restart, `#!/bin/sh\necho >> ${restarts}\n${exits}\n`, 0o755),
    node: (action: string, more: Readonly<Record<string, string>> = {}) => {
      const ended = spawnSync(join(docs, 'node.sh'), [action], {
        env: { ...env, ...more },
        encoding: 'utf8',
      });
      return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr };
    },
  };
};

const runtimesIn = (toml: string): Record<string, { runtime_type: string; options: unknown }> => {
  const { plugins } = parse(toml) as { plugins: Record<string, { containerd?: { runtimes?: never } }> };
  const named = ['io.containerd.cri.v1.runtime', 'io.containerd.grpc.v1.cri', 'cri'];
  return named.map((name) => plugins[name]?.containerd?.runtimes).find((one) => one !== undefined) ?? {};
};

const lack = lackAsRoot(...(containerd === 'containerd' ? ['containerd'] : []));
const major =
  lack === undefined
    ? Number(/v?(\d+)\.\d+\.\d+/.exec(execFileSync(containerd, ['--version'], { encoding: 'utf8' }))?.[1])
    : 0;

describeWith(lack)('the script for nodes below Kubernetes', () => {
  const systemd = (text: string): string => text.replace(/SystemdCgroup = false/, 'SystemdCgroup = true');
  const accepted: readonly (readonly [title: string, config: string, isSystemd: boolean])[] = [
    ['the default of 1.6 with systemd, as kubeadm asks for', systemd(recorded('default-1.6')), true],
    ['the default of 1.7', recorded('default-1.7'), false],
    ["a managed cluster's", recorded('managed-cluster'), true],
    ['comments alone', '# nothing yet\r\n', false],
    ['a last line without an end', 'version = 2\noom_score = -999', false],
    major >= 2
      ? ['the default of 2.1', recorded('default-2.1'), false]
      : ['version 1', 'oom_score = -999\n', false],
  ];

  it.each(accepted)(
    'gives a configuration its runtime, once, and takes it away: %s',
    (_, config, isSystemd) => {
      const { node, read, restarts, file, at } = fakeNode(config);
      const before = stateOf(at('.'));
      expect(node('install')).toMatchObject({ code: 0, stderr: '' });
      expect(restarts()).toBe(1);
      const installed = read();
      expect(installed.startsWith(config)).toBe(true);
      const { rxshim, ...others } = runtimesIn(installed);
      expect(rxshim).toMatchObject({
        runtime_type: 'io.containerd.rxshim.v1',
        runtime_path: at('opt/rxshim/bin/containerd-shim-rxshim-v1'),
        options: { SystemdCgroup: isSystemd },
      });
      if (config.includes('plugins')) expect(others).toEqual(runtimesIn(config));
      expect(lstatSync(file).mode & 0o777).toBe(0o640);
      expect(node('install')).toMatchObject({ code: 0, stderr: '' });
      expect([read(), restarts()]).toEqual([installed, 1]);
      expect(node('remove')).toMatchObject({ code: 0, stderr: '' });
      expect(stateOf(at('.'))).toEqual(before);
      expect(restarts()).toBe(2);
    },
  );

  it('makes a configuration where there is none, and removes it with its folder', () => {
    const { node, at, read } = fakeNode(undefined);
    const before = stateOf(at('.'));
    expect(node('install')).toMatchObject({ code: 0, stderr: '' });
    expect(runtimesIn(read())).toHaveProperty('rxshim');
    expect(node('remove')).toMatchObject({ code: 0, stderr: '' });
    expect(stateOf(at('.'))).toEqual(before);
  });

  it('keeps what an administrator has written meanwhile, after its block too', () => {
    const { node, file, read } = fakeNode('version = 2\noom_score = -999');
    node('install');
    writeFileSync(file, `${read()}[debug]\n  level = "debug"\n`);
    expect(node('install').code).toBe(0);
    expect(parse(read())).toMatchObject({ debug: { level: 'debug' }, oom_score: -999 });
    node('remove');
    expect(read()).toBe('version = 2\noom_score = -999\n[debug]\n  level = "debug"\n');
  });

  it('completes an installation that was killed before containerd was restarted', () => {
    const { node, breakRestarts, restarts } = fakeNode('version = 2\n');
    breakRestarts('kill -9 $PPID; sleep 0.1');
    expect(node('install').code).not.toBe(0);
    breakRestarts('');
    expect(node('install').code).toBe(0);
    expect(restarts()).toBe(2);
    expect(node('install').code).toBe(0);
    expect(restarts()).toBe(2);
  });

  it('takes the configuration back if containerd does not start with it, and does not try that again', () => {
    const { node, file, breakRestarts, read, restarts } = fakeNode('version = 2\n');
    breakRestarts(`! grep -q rxshim ${file}`);
    expect(node('install')).toMatchObject({
      code: 1,
      stderr: 'rxshim: containerd did not start with the runtime rxshim: its configuration is as it was\n',
    });
    expect([read(), restarts()]).toEqual(['version = 2\n', 2]);
    expect(node('install')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did not start with this'),
    });
    expect([read(), restarts()]).toEqual(['version = 2\n', 2]);
  });

  const refused: readonly (readonly [title: string, config: string, message: RegExp])[] = [
    [
      'text that is no TOML',
      'version = [\n',
      /containerd does not accept .*config\.toml; nothing was changed in it/,
    ],
    [
      'a table of runtimes that cannot be added to',
      'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd]\n  runtimes = { runc = { runtime_type = "io.containerd.runc.v2" } }\n',
      /containerd does not accept .*config\.toml with the runtime rxshim/,
    ],
    [
      'a runtime of the same name',
      'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.rxshim]\n  runtime_type = "io.containerd.rxshim.v1"\n',
      /has a runtime rxshim that this script has not added/,
    ],
    ...(major >= 2
      ? ([['version 1', 'oom_score = -999\n', /without its runtimes: its version \(1\)/]] as const)
      : ([
          ['a version that is too new', recorded('default-2.1'), /without its runtimes: its version \(3\)/],
        ] as const)),
    ["the one of Docker's package, without CRI", recorded('docker-package'), /disables the plugin cri/],
  ];
  it.each(refused)('changes nothing and restarts nothing over %s', (_, config, message) => {
    const { node, read, restarts } = fakeNode(config);
    const { code, stderr } = node('install');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
    expect([read(), restarts()]).toEqual([config, 0]);
  });

  it('does not write through a symbolic link', () => {
    const { node, file } = fakeNode('version = 2\n');
    rmSync(file);
    symlinkSync('/nosuch.toml', file);
    expect(node('install')).toMatchObject({ code: 1, stderr: expect.stringContaining('is a symbolic link') });
  });

  it('names its actions where it is given none', () => {
    expect(fakeNode('').node('')).toMatchObject({
      code: 1,
      stderr: 'rxshim: usage: node.sh install | remove\n',
    });
  });
});

/** Makes the folder a root with the programs of this machine, read only, and runs a command. All mounts end with it. */
const asRoot = `
set -e
root=$1; shift
for name in usr bin sbin lib lib64; do
  if [ -L /$name ]; then cp -P /$name $root/$name
  elif [ -d /$name ]; then mkdir $root/$name; mount --bind -o ro /$name $root/$name; fi
done
mkdir $root/proc $root/dev $root/tmp $root/run
for name in dev tmp run; do mount -t tmpfs tmpfs $root/$name; done
mount -t proc proc $root/proc
for name in null urandom; do touch $root/dev/$name; mount --bind /dev/$name $root/dev/$name; done
exec "$@"
`;

const lackWhole =
  lackAsRoot('containerd', 'unshare', 'chroot') ??
  (existsSync(launcher) ? undefined : 'needs npm run build with a C compiler: apt-get install gcc libc6-dev');

describeWith(lackWhole)('the script with the package, in a root of its own', () => {
  it('installs a shim that starts there, waits for its daemons, and leaves nothing', () => {
    const node = join(folder, 'node');
    mkdirSync(join(node, 'etc/containerd'), { recursive: true });
    mkdirSync(join(node, 'opt'));
    writeFileSync(join(node, 'etc/containerd/config.toml'), recorded('managed-cluster'));
    const packaged = join(folder, 'package');
    mkdirSync(join(packaged, 'node_modules'), { recursive: true });
    symlinkSync(join(checkout, 'dist'), join(packaged, 'dist'));
    for (const name of ['package.json', 'node_modules/koffi', 'node_modules/@koromix'])
      symlinkSync(join(checkout, name), join(packaged, name));
    const before = stateOf(node);
    const shim = '/opt/rxshim/bin/containerd-shim-rxshim-v1';
    // The daemon is a process with the command line of one.
    const script = `
      ${docs}/node.sh install &&
      chroot ${node} ${shim} -v &&
      chroot ${node} containerd config dump | grep 'runtimes.rxshim\\]' || exit
      sh -c 'sleep 1000; :' /opt/rxshim/lib/rxshim/boot.cjs daemon & daemon=$!
      ${docs}/node.sh remove > ${folder}/said & removal=$!
      until grep 'waits for 1 daemons' ${folder}/said; do sleep 0.1; done
      kill $daemon
      wait $removal
    `;
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['--mount', '--pid', '--fork', '--mount-proc', 'sh', '-c', asRoot, 'sh', node, 'sh', '-c', script],
      {
        env: {
          PATH: process.env['PATH'],
          HOST: node,
          ON_HOST: `chroot ${node}`,
          RESTART: 'true',
          NODE: process.execPath,
          PACKAGE: packaged,
          PAUSE: '0.2',
        },
        encoding: 'utf8',
      },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
    expect(stdout).toContain(version);
    expect(stdout).toContain('rxshim: waits for 1 daemons');
    expect(readFileSync(join(folder, 'said'), 'utf8')).toContain('rxshim: the runtime rxshim is removed');
    const mountPoint = /^(usr|bin|sbin|lib|lib64|proc|dev|tmp|run) /;
    expect(stateOf(node).filter((one) => !mountPoint.test(one))).toEqual(before);
  });
});

describe('the manifest for nodes', () => {
  const objects = loadAllYaml(readFileSync(join(docs, 'rxshim.yaml'), 'utf8')) as readonly Manifest[];
  const [, runtimeClass, daemonSet] = objects;
  const pod = daemonSet?.spec?.template.spec;
  const text = readFileSync(join(docs, 'node.sh'), 'utf8');

  it('has a namespace, a runtime class and a daemon set on the nodes of that class', () => {
    expect(objects.map(({ kind }) => kind)).toEqual(['Namespace', 'RuntimeClass', 'DaemonSet']);
    expect(runtimeClass).toMatchObject({
      handler: 'rxshim',
      scheduling: { nodeSelector: { rxshim: 'true' } },
    });
    expect(pod?.nodeSelector).toMatchObject(runtimeClass?.scheduling?.nodeSelector ?? {});
    expect(daemonSet?.metadata.namespace).toBe(objects[0]?.metadata.name);
    expect(text).toContain('runtime=rxshim\n');
  });

  it('gives the script what it reads, and the rights that it needs', () => {
    const [container] = pod?.containers ?? [];
    const read = (container?.env ?? []).filter(({ name }) => text.includes(`{${name}:-`));
    expect(read.map(({ name }) => name)).toEqual(['GROUPING', 'CONTAINERD_CONFIG']);
    expect(container?.command.at(-1)).toContain('node.sh "$ACTION"');
    expect(pod).toMatchObject({ hostPID: true, automountServiceAccountToken: false });
    expect(container?.securityContext).toEqual({ privileged: true });
    expect(text).toContain(`HOST=\${HOST:-${container?.volumeMounts[0]?.mountPath}}`);
  });
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly scheduling?: { readonly nodeSelector: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly template: {
      readonly spec: {
        readonly nodeSelector: Readonly<Record<string, string>>;
        readonly containers: readonly {
          readonly command: readonly string[];
          readonly env: readonly { readonly name: string }[];
          readonly securityContext: unknown;
          readonly volumeMounts: readonly { readonly mountPath: string }[];
        }[];
      };
    };
  };
}
