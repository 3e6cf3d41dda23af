/** The style of the page; it follows the reader's choice of light or dark. */
export const pageStyle = `
:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font: 600 1.2rem ui-monospace, monospace; } h2 { font-size: 1rem; margin-top: 2rem; }
#timeline { width: 100%; touch-action: none; cursor: grab; }
#timeline text { fill: currentColor; font: 12px ui-monospace, monospace; }
#timeline .grid { stroke: currentColor; opacity: .15; }
svg .created { fill: none; stroke: #888; stroke-width: 2; } svg .running { fill: #2a8; }
svg .asked { fill: #e90; } svg .exited { fill: #06c; } svg .drained { fill: #85c; }
svg .released { fill: #888; } #timeline .life { stroke: #2a8; stroke-width: 3; }
table { border-collapse: collapse; font: 12px ui-monospace, monospace; width: 100%; }
td, th { text-align: left; padding: .1rem .8rem .1rem 0; vertical-align: top; overflow-wrap: anywhere; }
td:nth-child(-n+3) { white-space: nowrap; } td:first-child { text-align: right; } tr.outside { opacity: .3; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; } pre .stderr { color: #c33; } pre .outside { opacity: .3; }
#legend span { margin-right: 1rem; }
`;
