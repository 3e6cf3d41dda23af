Error.stackTraceLimit = 0;
import { runScenario } from './simulate/check.js';
import { generate } from './simulate/generate.js';
import { lineOf } from './simulate/trace.js';
const n = Number(process.argv[2] ?? 1000); const from = Number(process.argv[3] ?? 1);
const seen = new Map<string, { count: number; seed: number; what: string }>();
let execs = 0;
const t = performance.now();
for (let seed = from; seed < from + n; seed++) {
  const { told, violation } = runScenario(generate(seed));
  execs += told.execs.filter((e) => e.released).length;
  if (violation) {
    const s = seen.get(violation.sentence);
    if (s) s.count++; else seen.set(violation.sentence, { count: 1, seed, what: violation.what });
  }
  if (n === 1) { for (const e of generate(seed).events) console.log(JSON.stringify(e)); for (const e of told.trace) { const {place, ...r} = e as never as {place:number}; console.log(lineOf(r as never)); } console.log(violation); }
}
const s = (performance.now() - t) / 1000;
console.log(`${n} worlds, ${execs} execs, ${(execs / s).toFixed(0)} execs/s`);
for (const [k, v] of seen) console.log(v.count, v.seed, k, '—', v.what);
