/** The caller's end of an exec's stdio: the requests for it, and how it is opened. */
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
