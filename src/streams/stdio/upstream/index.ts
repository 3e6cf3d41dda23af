/** The caller's end of an exec's stdio: what may be asked for, and how it is opened. */
export { openUpstream, type UpstreamOptions } from './open-upstream.js';
export type {
  GivenDescriptor,
  GivenPath,
  InputRequest,
  OutputRequest,
  StdioRequest,
  StreamName,
  UpstreamIdentity,
  UpstreamRequest,
} from './stdio-request.js';
