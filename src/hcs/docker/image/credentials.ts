/**
 * Credentials for a registry, from where the docker command keeps them: a helper for that registry, the helper for all,
 * or the configuration itself.
 */
import { spawn } from 'node:child_process';
import { messageOf, RxshimError } from '../../failures/errors.js';
import { commandConfig, type Environment } from '../api/command-config.js';

/** How to authenticate at a registry: by name and password, or by an identity token. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}

/** `undefined` where there are none: the registry is asked without. */
export const credentialsFor = async (
  registry: string,
  env: Environment = process.env,
): Promise<Credentials | undefined> => {
  const { credHelpers = {}, credsStore, auths = {} } = commandConfig(env);
  const helper = credHelpers[registry] ?? credsStore;
  if (helper !== undefined) return fromHelper(helper, registry, env);
  const entry = auths[registry] ?? auths[`https://${registry}`];
  if (entry === undefined) return undefined;
  if (entry.identitytoken) return { identitytoken: entry.identitytoken, serveraddress: registry };
  const [username, ...password] = Buffer.from(entry.auth ?? '', 'base64')
    .toString('utf8')
    .split(':');
  if (!username) return undefined;
  return { username, password: password.join(':'), serveraddress: registry };
};

/** The header `X-Registry-Auth`. */
export const authHeader = (credentials: Credentials | undefined): Readonly<Record<string, string>> =>
  credentials === undefined
    ? {}
    : { 'X-Registry-Auth': Buffer.from(JSON.stringify(credentials)).toString('base64url') };

const fromHelper = async (
  name: string,
  registry: string,
  env: Environment,
): Promise<Credentials | undefined> => {
  const program = `docker-credential-${name}`;
  const { code, stdout } = await run(program, registry, env);
  // It says on stdout, and not on stderr, that it knows of none.
  if (code !== 0 && /credentials not found/i.test(stdout)) return undefined;
  if (code !== 0) throw failed(program, stdout.trim() || `it ended with exit code ${code}`);
  try {
    const { Username, Secret } = JSON.parse(stdout) as { Username?: string; Secret?: string };
    if (Username === '<token>') return { identitytoken: Secret ?? '', serveraddress: registry };
    return { username: Username ?? '', password: Secret ?? '', serveraddress: registry };
  } catch (cause) {
    throw failed(program, `its answer is no JSON`, cause);
  }
};

const failed = (program: string, why: string, cause?: unknown): RxshimError =>
  new RxshimError('unavailable', `${program} get: ${why}`, { cause });

const run = (
  program: string,
  input: string,
  env: Environment,
): Promise<{ readonly code: number | null; readonly stdout: string }> =>
  new Promise((resolve, reject) => {
    const helper = spawn(program, ['get'], { env: { ...env }, stdio: ['pipe', 'pipe', 'ignore'] });
    let stdout = '';
    helper.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = `${stdout}${text}`.slice(0, maxAnswer);
    });
    helper.once('error', (cause) => reject(failed(program, messageOf(cause), cause)));
    helper.once('close', (code) => resolve({ code, stdout }));
    helper.stdin.on('error', () => undefined);
    helper.stdin.end(input);
  });

const maxAnswer = 1_000_000;
