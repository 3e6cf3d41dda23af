/**
 * Parses the address at which a guest and its host meet.
 *
 * `unix:PATH` means the sockets `PATH_P` of a micro-VM, `tcp:HOST:PORT` one socket for all ports, `exec:COMMAND` a
 * child process that speaks on its stdin and stdout, and `stdio` the same from the child's side.
 */
import { badOption } from './usage.js';

export type BridgeAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'exec'; readonly command: string }
  | { readonly kind: 'stdio' };

export type BridgeAddressKind = BridgeAddress['kind'];

const forms: Readonly<Record<BridgeAddressKind, string>> = {
  unix: 'unix:PATH',
  tcp: 'tcp:HOST:PORT',
  exec: "exec:'COMMAND'",
  stdio: 'stdio',
};

/** @throws CliError that names the option, its value and the accepted forms. */
export const bridgeAddress = (
  option: string,
  text: string,
  kinds: readonly BridgeAddressKind[],
): BridgeAddress => {
  const address = parsed(text);
  if (address !== undefined && kinds.includes(address.kind)) return address;
  throw badOption(option, text, kinds.map((kind) => forms[kind]).join(' or '));
};

const parsed = (text: string): BridgeAddress | undefined => {
  if (text === 'stdio') return { kind: 'stdio' };
  const [, scheme, rest = ''] = /^(unix|tcp|exec):(.+)$/s.exec(text) ?? [];
  if (scheme === 'unix') return { kind: 'unix', path: rest };
  if (scheme === 'exec') return rest.trim() === '' ? undefined : { kind: 'exec', command: rest };
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(scheme ? rest : '') ?? [];
  const host = bracketed ?? plain;
  return host === undefined || Number(port) > 0xffff ? undefined : { kind: 'tcp', host, port: Number(port) };
};
