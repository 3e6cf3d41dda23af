/** URIs as containerd writes them: `scheme://host/path?query`, of which the host means nothing. */
import { invalid } from '../../../hcs/failures/errors.js';

const uri = /^([a-z][a-z\d+.-]*):(?:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/i;

/** In lower case, as for Go. `undefined` for a path. */
export const schemeOf = (text: string): string | undefined => uri.exec(text)?.[1]?.toLowerCase();

/** The path, decoded; empty where none is given. The query with `&` between its parts. */
export const partsOf = (field: string, text: string): { readonly path: string; readonly query: string } => {
  const [, , path = '', query = ''] = uri.exec(text) ?? [];
  try {
    // A rest without a leading slash is no path: `binary:logger`.
    return { path: path.startsWith('/') ? decodeURIComponent(path) : '', query };
  } catch (cause) {
    throw invalid(field, text, 'a well-formed URI', cause);
  }
};
