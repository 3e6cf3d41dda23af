/**
 * Where a guest and its host meet, as typed.
 *
 * `unix:PATH` are the sockets `PATH_P` of a micro-VM, `tcp:HOST:PORT` is one socket for all ports, `exec:COMMAND` a child
 * that speaks on its stdin and stdout, and `stdio` what such a child says of itself.
 */
import { badOption } from './usage.js';

export type GuestAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'exec'; readonly command: string }
  | { readonly kind: 'stdio' };

export type GuestAddressKind = GuestAddress['kind'];

const forms: Readonly<Record<GuestAddressKind, string>> = {
  unix: 'unix:PATH',
  tcp: 'tcp:HOST:PORT',
  exec: "exec:'COMMAND'",
  stdio: 'stdio',
};

/** @throws CliError that names the option, what it held, and what would have been right. */
export const guestAddress = (
  option: string,
  text: string,
  kinds: readonly GuestAddressKind[],
): GuestAddress => {
  const address = parsed(text);
  if (address !== undefined && kinds.includes(address.kind)) return address;
  throw badOption(option, text, kinds.map((kind) => forms[kind]).join(' or '));
};

const parsed = (text: string): GuestAddress | undefined => {
  if (text === 'stdio') return { kind: 'stdio' };
  const [, scheme, rest = ''] = /^(unix|tcp|exec):(.+)$/s.exec(text) ?? [];
  if (scheme === 'unix') return { kind: 'unix', path: rest };
  if (scheme === 'exec') return rest.trim() === '' ? undefined : { kind: 'exec', command: rest };
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(scheme ? rest : '') ?? [];
  const host = bracketed ?? plain;
  return host === undefined || Number(port) > 0xffff ? undefined : { kind: 'tcp', host, port: Number(port) };
};
