Error.stackTraceLimit = 0;
import { generate } from './simulate/generate.js';
import { makeWorld } from './simulate/world.js';
import { verdictOn } from './simulate/check.js';
let g=0,m=0,st=0,sy=0,v=0,steps=0,entries=0,ex=0;
const N=20000;
for(let k=0;k<2;k++){ g=m=st=sy=v=steps=entries=ex=0;
for (let s=1;s<=N;s++){ let t=performance.now(); const sc=generate(s); let u=performance.now(); g+=u-t; t=u; const w=makeWorld(sc); u=performance.now(); m+=u-t;t=u; while(w.step())steps++; u=performance.now(); st+=u-t;t=u; const y=w.story(); u=performance.now(); sy+=u-t;t=u; const d=verdictOn(y); u=performance.now(); v+=u-t;t=u; entries+=y.trace.length; ex+=d.told.execs.filter(e=>e.released).length;}
console.log({g,m,st,sy,v,steps:steps/N,entries:entries/N,ex:ex/N, perExecUs:(g+m+st+sy+v)*1000/ex});}
