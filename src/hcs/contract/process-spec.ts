/**
 * The part of OCI's `process` object that rxshim reads. Unknown fields are passed through.
 */
export interface ProcessSpec {
  readonly args?: readonly string[];
  /** Windows: the whole command line, used instead of `args`. */
  readonly commandLine?: string;
  /** `NAME=value` pairs. */
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly terminal?: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user?: {
    readonly uid?: number;
    readonly gid?: number;
    readonly additionalGids?: readonly number[];
    readonly username?: string;
    readonly umask?: number;
  };
  // Passed through by engines.
  readonly noNewPrivileges?: unknown;
  readonly capabilities?: unknown;
  readonly rlimits?: unknown;
  readonly oomScoreAdj?: unknown;
  readonly apparmorProfile?: unknown;
  readonly selinuxLabel?: unknown;
  readonly scheduler?: unknown;
  readonly ioPriority?: unknown;
  readonly execCPUAffinity?: unknown;
}
