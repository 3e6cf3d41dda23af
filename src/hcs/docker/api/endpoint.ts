/**
 * Where a daemon listens, as the command's users write it: `unix:///var/run/docker.sock`, `npipe:////./pipe/docker_engine`,
 * `tcp://host:2376`, `ssh://user@host`.
 *
 * The invariant: a parsed endpoint can be dialled; any mistake in the text is reported by the parser.
 */
import { invalid } from '../../failures/errors.js';

/** Certificates in PEM. Without `ca` those that Node trusts; `insecure` accepts any. */
export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly insecure?: boolean;
}

export type Endpoint =
  /** A Unix domain socket, or a named pipe of Windows. */
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsMaterial }
  /** `docker system dial-stdio` on another host, by the `ssh` command of this one. */
  | { readonly kind: 'ssh'; readonly host: string; readonly user?: string; readonly port?: number };

/**
 * Parses a host as DOCKER_HOST has it.
 *
 * @param field the option or variable that an error names.
 * @param tls for `tcp`: `https` has TLS in any case.
 * @throws RxshimError `invalidArgument` for a text that is no host.
 */
export const parseHost = (host: string, field = 'host', tls?: TlsMaterial): Endpoint => {
  const refuse = () =>
    invalid(field, host, 'unix://PATH, npipe://PATH, tcp://HOST:PORT or ssh://[USER@]HOST');
  if (typeof host !== 'string') throw refuse();
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/s.exec(host) ?? [];
  if (scheme === 'unix' || scheme === 'npipe') {
    if (rest === '' || rest.includes('\0')) throw refuse();
    return { kind: 'socket', path: rest };
  }
  const address = host.replace(/^tcp:/, 'http:');
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.hostname === '') throw refuse();
  // Brackets belong to the text of an IPv6 address, not to the address.
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (scheme === 'ssh') {
    // A host that begins with a dash would be an option of the ssh command.
    if (name.startsWith('-') || url.username.startsWith('-') || !['', '/'].includes(url.pathname))
      throw refuse();
    return {
      kind: 'ssh',
      host: name,
      ...(url.username !== '' && { user: decodeURIComponent(url.username) }),
      ...(url.port !== '' && { port: Number(url.port) }),
    };
  }
  if (scheme !== 'tcp' && scheme !== 'http' && scheme !== 'https') throw refuse();
  const secured = tls ?? (scheme === 'https' ? {} : undefined);
  // The URL drops a port that is its scheme's own.
  const port = Number(/:(\d+)\/?$/.exec(rest)?.[1] ?? (secured === undefined ? 2375 : 2376));
  return { kind: 'tcp', host: name, port, ...(secured && { tls: secured }) };
};

/** The endpoint as errors name it. */
export const endpointText = (endpoint: Endpoint): string => {
  if (endpoint.kind === 'socket') return endpoint.path;
  if (endpoint.kind === 'tcp') return `${endpoint.host}:${endpoint.port}`;
  return `ssh://${endpoint.user === undefined ? '' : `${endpoint.user}@`}${endpoint.host}`;
};
