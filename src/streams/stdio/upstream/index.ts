/** The caller's end of an exec's stdio: what may be asked for, and how it is opened. */
export { openUpstream, type UpstreamOptions } from './open-upstream.js';
export type {
  GivenDescriptor,
  InputRequest,
  OutputRequest,
  StdioRequest,
  StreamName,
  UpstreamIdentity,
} from './stdio-request.js';
