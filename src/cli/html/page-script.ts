/**
 * The script of the page, as text: it runs in a browser. The visible range of time is also in the address
 * (`#from=0&to=500`), so that a view can be linked to.
 */
export const pageScript = `
const data = JSON.parse(document.getElementById('data').textContent);
const $ = (id) => document.getElementById(id);
const svg = $('timeline'), ns = 'http://www.w3.org/2000/svg';
const kinds = { created: 'created', running: 'running', asked: 'stop or resize', exited: 'exited', drained: 'output read', released: 'released' };
const kindOf = (f) => f.fact === 'state' ? (['created', 'running'].includes(f.phase) ? f.phase : undefined)
  : f.fact === 'exit' ? 'exited' : f.fact in kinds ? f.fact : undefined;
const marks = data.facts.filter((f) => f.exec !== undefined && kindOf(f) !== undefined);
const execs = [...new Set(marks.map((f) => f.exec))];
const last = Math.max(1, ...data.facts.map((f) => f.at), ...data.output.map((o) => o.at));
const whole = { from: -last * 0.02, to: last * 1.04 };
const asked = new URLSearchParams(location.hash.slice(1));
let view = asked.has('from') && asked.has('to') ? { from: +asked.get('from'), to: +asked.get('to') } : whole;
const left = 110, width = 1000, row = 34, height = 30 + row * Math.max(execs.length, 1);
svg.setAttribute('viewBox', '0 0 ' + width + ' ' + height);
const x = (at) => left + (at - view.from) / (view.to - view.from) * (width - left - 10);
const add = (name, attributes, text) => {
  const element = document.createElementNS(ns, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  svg.append(element);
  return element;
};
const round = (at) => (Math.round(at * 10) / 10) + ' ms';
const draw = () => {
  svg.replaceChildren();
  const span = view.to - view.from;
  const step = [1, 2, 5].flatMap((n) => [-3,-2,-1,0,1,2,3,4,5,6,7].map((p) => n * 10 ** p)).sort((a, b) => a - b).find((s) => span / s <= 10);
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
    add('line', { class: 'grid', x1: x(at), x2: x(at), y1: 18, y2: height });
    add('text', { x: x(at) + 3, y: 12 }, +at.toPrecision(6) + ' ms');
  }
  execs.forEach((exec, place) => {
    const y = 30 + row * place + row / 2;
    const mine = marks.filter((f) => f.exec === exec);
    const at = (kind) => mine.find((f) => kindOf(f) === kind)?.at;
    const begin = at('running'), end = at('exited');
    if (begin !== undefined) add('line', { class: 'life', x1: Math.max(left, x(begin)), x2: Math.max(left, Math.min(width, x(end ?? last))), y1: y, y2: y });
    for (const f of mine) if (f.at >= view.from && f.at <= view.to) {
      const mark = add('circle', { class: 'mark ' + kindOf(f), cx: x(f.at), cy: y, r: 6 });
      const title = document.createElementNS(ns, 'title');
      title.textContent = kinds[kindOf(f)] + ' at ' + round(f.at);
      mark.append(title);
    }
    add('text', { x: 0, y: y + 4 }, exec.length > 15 ? exec.slice(0, 14) + '…' : exec);
  });
  $('window').textContent = round(Math.max(0, view.from)) + ' to ' + round(view.to);
  for (const element of document.querySelectorAll('[data-at]'))
    element.classList.toggle('outside', +element.dataset.at < view.from || +element.dataset.at > view.to);
};
const show = (from, to) => {
  view = to - from > 0.001 ? { from, to } : view;
  history.replaceState(null, '', '#from=' + view.from + '&to=' + view.to);
  draw();
};
const zoom = (factor, at) => show(at - (at - view.from) * factor, at + (view.to - at) * factor);
const middle = () => (view.from + view.to) / 2;
$('in').onclick = () => zoom(0.5, middle());
$('out').onclick = () => zoom(2, middle());
$('all').onclick = () => show(whole.from, whole.to);
const timeAt = (event) => {
  const box = svg.getBoundingClientRect();
  const px = (event.clientX - box.left) / box.width * width;
  return view.from + (px - left) / (width - left - 10) * (view.to - view.from);
};
svg.addEventListener('wheel', (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? 0.8 : 1.25, timeAt(event)); }, { passive: false });
let grabbed;
svg.onpointerdown = (event) => { grabbed = timeAt(event); svg.setPointerCapture(event.pointerId); };
svg.onpointermove = (event) => {
  if (grabbed === undefined) return;
  const by = grabbed - timeAt(event);
  show(view.from + by, view.to + by);
};
svg.onpointerup = () => { grabbed = undefined; };
const cell = (text) => { const td = document.createElement('td'); td.textContent = text; return td; };
for (const { time, at, task, fact, exec, topic, type, ...details } of data.facts) {
  const tr = document.createElement('tr');
  tr.dataset.at = at;
  tr.append(cell(at.toFixed(1)), cell(exec ?? ''), cell(topic ?? fact), cell(Object.entries(details).map(([key, value]) => key + ' ' + (typeof value === 'object' ? JSON.stringify(value) : value)).join(', ')));
  document.querySelector('#facts tbody').append(tr);
}
for (const { at, stream, text } of data.output) {
  const span = document.createElement('span');
  span.className = stream;
  span.dataset.at = at;
  span.title = stream + ' at ' + round(at);
  span.textContent = text;
  $('output').append(span);
}
if (data.outputCut) $('output').append('\\n… the rest was left out');
for (const [kind, text] of Object.entries(kinds)) {
  const item = document.createElement('span');
  item.innerHTML = '<svg width="14" height="14"><circle class="' + kind + '" cx="7" cy="7" r="5"></circle></svg> ';
  item.append(text);
  $('legend').append(item);
}
draw();
`;
