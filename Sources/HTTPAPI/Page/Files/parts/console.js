/** The machine's own language: lines sent by hand with their answers, and what goes over the wire. */
import * as api from '../core/api.js';
import { h } from '../core/dom.js';
import { act, provide } from '../core/acts.js';
import { redraw } from '../core/draw.js';
import { may } from '../core/shop.js';
import { Live } from '../core/live.js';
import { t } from '../core/words.js';
import { fail } from '../core/notices.js';
import { button, heading } from './controls.js';

const MOST = 400;
const sent = [];
let lines = [];
let place = 0;
let follower = null;
let of = '';

function add(kind, text) {
  lines.push({ kind, text });
  if (lines.length > MOST) lines = lines.slice(-MOST);
  redraw();
}

async function submit(event) {
  event.preventDefault();
  const input = event.currentTarget.elements.line;
  const text = input.value.trim();
  if (!text) return;
  sent.push(text);
  place = sent.length;
  input.value = '';
  add('out', text);
  try {
    const result = await act(event.target.dataset.machine, { act: 'send', text });
    for (const line of result.lines) add('in', line);
  } catch (problem) {
    add('no', problem.message);
  }
}

/** The arrows bring back what was sent before. */
function recall(event) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  place = Math.max(0, Math.min(sent.length, place + step));
  event.currentTarget.value = sent[place] ?? '';
}

provide('wireLog', async ({ machine, on }) => {
  await api.put(api.at`/machines/${machine}/wire-log`, { on: on === 'yes' });
  follower?.end();
  follower = null;
  if (on !== 'yes') return;
  follower = new Live(`/api/v1/events?kind=wire&machine=${encodeURIComponent(machine)}`, {
    event: (event) => event.message && add('wire', event.message), state: () => null, refused: () => fail(new api.Problem('', '', 403)),
  });
  follower.open();
});
provide('recorder', async ({ machine }) => {
  for (const line of (await api.get(api.at`/machines/${machine}/recorder`)).lines.slice(-200)) add('wire', line);
});

export const console = {
  /** Draws it. */
  view(machine) {
    const name = machine.settings.name;
    if (of !== name) {
      of = name;
      lines = [];
    }
    const log = h('div', { class: 'console', tabindex: 0, role: 'log', 'aria-live': 'off', 'aria-label': t('console') },
      lines.length ? lines.map((line) => h('p', { class: `console-${line.kind}` }, line.text)) : h('p', { class: 'hint' }, t('console.empty')));
    requestAnimationFrame(scroll);
    return h('section', { class: 'sheet plate', 'data-key': 'console' }, heading(t('console')),
      log,
      may('operator') && h('form', { class: 'console-line', 'data-machine': name, 'data-key': `console-${name}`, onsubmit: submit },
        h('label', { class: 'unseen', for: 'console-line' }, t('console.line')),
        h('input', { id: 'console-line', name: 'line', class: 'mono', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', placeholder: 'M115', maxlength: 255, onkeydown: recall }),
        h('button', { type: 'submit', class: 'button' }, t('send'))),
      h('div', { class: 'row' },
        may('operator') && button('wireLog', follower ? t('wire.stop') : t('wire.follow'), { data: { machine: name, on: follower ? 'no' : 'yes' }, look: 'small' }),
        button('recorder', t('recorder'), { data: { machine: name }, look: 'small' })));
  },
  /** The view is left: nothing is followed any more. */
  stop() {
    follower?.end();
    follower = null;
    of = '';
  },
};

/** The newest line is in sight, unless somebody looks further up. */
function scroll() {
  const log = document.querySelector('.console');
  if (log && log !== document.activeElement) log.scrollTop = log.scrollHeight;
}
