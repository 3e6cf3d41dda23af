/**
 * The lifecycle of a command as one self-contained HTML page: a timeline that can be zoomed, the facts, and the output.
 *
 * Pure. Nothing is loaded from elsewhere, and what the command wrote is data, never markup.
 */
import { pageScript } from './page-script.js';
import { pageStyle } from './page-style.js';

export interface PageData {
  readonly title: string;
  /** How it ended, in words. */
  readonly ending: string;
  /** ISO 8601. */
  readonly began: string;
  /** The objects of `--events`. */
  readonly facts: readonly object[];
  readonly output: readonly OutputPiece[];
  readonly outputCut: boolean;
}

export interface OutputPiece {
  /** Milliseconds since the beginning. */
  readonly at: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export const htmlPage = (data: PageData): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(data.title)}</title>
<style>${pageStyle}</style>
<h1>${escaped(data.title)}</h1>
<p id="ending">${escaped(data.ending)} · ${escaped(data.began)}</p>
<p><button type="button" id="in">zoom in</button> <button type="button" id="out">zoom out</button> <button type="button" id="all">all</button>
 <span id="window"></span> <small>The wheel zooms, dragging moves.</small></p>
<svg id="timeline" role="img" aria-label="timeline"></svg>
<p id="legend"></p>
<h2>Facts</h2>
<table id="facts"><thead><tr><th>ms<th>exec<th>fact<th>details</thead><tbody></tbody></table>
<h2>Output</h2>
<pre id="output"></pre>
<script type="application/json" id="data">${json(data)}</script>
<script>${pageScript}</script>
</html>
`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** Inside of a script element nothing but its end tag and comments have a meaning. */
const json = (data: PageData): string => JSON.stringify(data).replaceAll('<', '\\u003c');
