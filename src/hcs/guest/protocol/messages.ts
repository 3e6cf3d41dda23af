/**
 * The fields of requests and answers, with their names on the wire.
 *
 * Several fields hold a document as a string (`ContainerConfig`, `ProcessParameters`, `Query`, `Properties`); they are
 * strings here too. See `json.ts` for their encoding.
 */
import type { Fields } from './json.js';

/** A modification of the guest or of a container in it: mounts, layers, devices, limits. */
export interface ModificationRequest {
  readonly RequestType?: 'Add' | 'Remove' | 'PreAdd' | 'Update';
  /** Such as `CombinedLayers`, `MappedDirectory`, `ContainerConstraints`. */
  readonly ResourceType: string;
  readonly Settings?: unknown;
}

/** The host's ports for the stdio of a process. */
export interface StdioPorts {
  readonly StdIn?: number;
  readonly StdOut?: number;
  readonly StdErr?: number;
}

/** The fields of each request, besides the common ones. */
export interface RequestFields {
  readonly negotiateProtocol: { readonly MinimumVersion: number; readonly MaximumVersion: number };
  readonly create: { readonly ContainerConfig: string };
  readonly start: object;
  readonly shutdownGraceful: object;
  readonly shutdownForced: object;
  readonly executeProcess: {
    readonly Settings: {
      readonly ProcessParameters: string;
      readonly VsockStdioRelaySettings: StdioPorts;
    };
  };
  readonly waitForProcess: {
    readonly ProcessId: number;
    readonly TimeoutInMs: number;
    /**
     * The activity of the request that created the process. The agent checks it, because the pid may belong to another
     * process by now. An addition of this project, which Microsoft's agents ignore.
     */
    readonly ProcessActivityId?: string;
  };
  readonly signalProcess: { readonly ProcessId: number; readonly Options?: { readonly Signal: unknown } };
  readonly resizeConsole: { readonly ProcessId: number; readonly Height: number; readonly Width: number };
  readonly getProperties: { readonly Query: string };
  readonly modifySettings: { readonly Request: ModificationRequest };
  readonly dumpStacks: object;
  readonly deleteContainerState: object;
}

/** Details of a failure; the first one counts. */
export interface ErrorRecord {
  readonly Result: number;
  readonly Message: string;
  readonly StackTrace?: string;
  readonly ModuleName: string;
  readonly FileName: string;
  readonly Line: number;
  readonly FunctionName?: string;
}

/** The common fields of all answers. `Result` is a signed HRESULT; zero is success. */
export interface ResponseBase {
  readonly Result: number;
  readonly ErrorMessage?: string;
  readonly ActivityId?: string;
  readonly ErrorRecords?: readonly ErrorRecord[];
}

/** The capabilities of a guest, from the handshake. */
export interface GuestCapabilities {
  readonly SendHostCreateMessage?: boolean;
  readonly SendHostStartMessage?: boolean;
  readonly RuntimeOsType?: string;
  readonly SupportedSchemaVersions?: readonly { readonly Major: number; readonly Minor: number }[];
  readonly GuestDefinedCapabilities: {
    readonly NamespaceAddRequestSupported?: boolean;
    readonly SignalProcessSupported?: boolean;
    readonly DumpStacksSupported?: boolean;
    readonly DeleteContainerStateSupported?: boolean;
    readonly [capability: string]: unknown;
  };
}

/** The fields of each answer, besides the common ones. Absent if the request has failed. */
export interface ResponseFields {
  readonly negotiateProtocol: { readonly Version: number; readonly Capabilities: GuestCapabilities };
  readonly create: object;
  readonly start: object;
  readonly shutdownGraceful: object;
  readonly shutdownForced: object;
  readonly executeProcess: { readonly ProcessId: number };
  readonly waitForProcess: { readonly ExitCode?: number };
  readonly signalProcess: object;
  readonly resizeConsole: object;
  readonly getProperties: { readonly Properties?: string };
  readonly modifySettings: object;
  readonly dumpStacks: { readonly GuestStacks?: string };
  readonly deleteContainerState: object;
}

/** The document that creates a Linux container. */
export interface ContainerConfig {
  readonly SchemaVersion: { readonly Major: number; readonly Minor: number };
  readonly OciBundlePath: string;
  readonly OciSpecification: Fields;
  readonly ScratchDirPath?: string;
}

/** The notification that a container has ended. Its reason is not reliable. */
export interface ContainerNotification {
  readonly ContainerId: string;
  readonly ActivityId?: string;
  readonly Type: 'GracefulExit' | 'ForcedExit' | 'UnexpectedExit';
  readonly Operation: 'None';
  readonly Result: number;
}
