/**
 * Values of any type, as containerd names them (typeurl).
 *
 * The name of a message has no prefix, `containerd.events.TaskExit`: containerd 1.6 refuses a prefix. Received names may
 * have one. Types of the OCI runtime specification travel as JSON under a URL of their own.
 */
import type { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Any } from './generated/any.js';

/** A message and its name, as ts-proto generates it. */
export interface MessageType<T> {
  readonly $type: string;
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array, length?: number): T;
}

const runtimeSpec = 'types.containerd.io/opencontainers/runtime-spec/1/';

/** The types of the OCI runtime specification that travel in an Any. */
export const ociType = {
  spec: `${runtimeSpec}Spec`,
  process: `${runtimeSpec}Process`,
  linuxResources: `${runtimeSpec}LinuxResources`,
  features: `${runtimeSpec}features/Features`,
  windowsResources: `${runtimeSpec}WindowsResources`,
} as const;

/** The name of the message within, without a prefix; the whole URL of a type that is JSON. Empty for no value at all. */
export const typeName = ({ typeUrl }: Any): string =>
  typeUrl.startsWith(runtimeSpec) ? typeUrl : typeUrl.slice(typeUrl.lastIndexOf('/') + 1);

export const pack = <T>(type: MessageType<T>, message: T): Any => ({
  typeUrl: type.$type,
  value: type.encode(message).finish(),
});

/**
 * The message within, or `undefined` if there is none or it is of another type.
 *
 * @throws when the bytes are no such message.
 */
export const unpack = <T>(type: MessageType<T>, any: Any | undefined): T | undefined =>
  any !== undefined && typeName(any) === type.$type ? type.decode(any.value) : undefined;

export const packJson = (type: (typeof ociType)[keyof typeof ociType], value: unknown): Any => ({
  typeUrl: type,
  value: Buffer.from(JSON.stringify(value)),
});

/**
 * The JSON within, whatever the type is called: containerd's own shim does not look at the name either.
 *
 * @throws a SyntaxError when it is not JSON.
 */
export const unpackJson = ({ value }: Any): unknown =>
  JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString());

/** A message, discriminated by its name. */
export type Packed<Types> = {
  [Name in keyof Types]: Types[Name] extends MessageType<infer T> ? { name: Name; message: T } : never;
}[keyof Types];

/**
 * Reads values that may be of one of several types. The keys are the caller's own names for them.
 *
 * @example
 * const options = typeRegistry({ runc: runc.Options, cri: runtimeOptions.Options });
 * const given = options(request.options); // { name: 'runc', message: { … } }, undefined for anything else
 */
export const typeRegistry = <Types extends Readonly<Record<string, MessageType<unknown>>>>(
  types: Types,
): ((any: Any | undefined) => Packed<Types> | undefined) => {
  const byName = new Map(Object.entries(types).map(([name, type]) => [type.$type, { name, type }]));
  return (any) => {
    const found = any === undefined ? undefined : byName.get(typeName(any));
    if (any === undefined || found === undefined) return undefined;
    return { name: found.name, message: found.type.decode(any.value) } as Packed<Types>;
  };
};
