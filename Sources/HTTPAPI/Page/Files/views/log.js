/** What happened, with a filter, followed while it is looked at. */
import * as api from '../core/api.js';
import { h } from '../core/dom.js';
import { redraw } from '../core/draw.js';
import { shop } from '../core/shop.js';
import { t } from '../core/words.js';
import { clock } from '../core/format.js';
import { choice, empty, field } from '../parts/controls.js';

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error'];
const chosen = { level: 'notice', machine: '', text: '' };
let past = null;

export const title = () => t('nav.log');

export async function entered() {
  past = null;
  const query = new URLSearchParams({ limit: '500', level: chosen.level });
  if (chosen.machine) query.set('machine', chosen.machine);
  past = (await api.get(`/logs?${query}`).catch(() => ({ items: [] }))).items;
  redraw();
}

function changed(event) {
  chosen[event.currentTarget.name] = event.currentTarget.value;
  if (event.currentTarget.name === 'text') redraw();
  else entered();
}

/** Draws it. */
export function view() {
  const lines = all();
  const level = choice('level', LEVELS.map((each) => [each, t(`level.${each}`)]), chosen.level);
  const machine = choice('machine', [['', t('all')], ...[...shop.machines.keys()].sort().map((name) => [name, name])], chosen.machine);
  for (const control of [level, machine]) control.addEventListener('change', changed);
  level.id = 'log-level';
  machine.id = 'log-machine';
  return h('div', { class: 'log-page' },
    h('div', { class: 'view-head' }, h('h1', { tabindex: -1 }, t('nav.log'))),
    h('div', { class: 'filters' }, field(t('log.level'), level), field(t('log.machine'), machine),
      field(t('log.text'), h('input', { id: 'log-text', name: 'text', type: 'search', oninput: changed }))),
    !past ? h('p', { class: 'waiting' }, t('loading')) : lines.length ? h('ol', { class: 'log' }, lines.map(row)) : empty(t('log.none')));
}

/** What was read and what came since, newest first. */
function all() {
  const last = past?.at(-1)?.id ?? 0;
  const least = LEVELS.indexOf(chosen.level);
  const text = chosen.text.toLowerCase();
  const since = shop.lines.filter((line) => line.id > last && LEVELS.indexOf(line.level ?? 'error') >= least && (!chosen.machine || line.machine === chosen.machine));
  return [...(past ?? []), ...since].filter((line) => !text || `${line.machine ?? ''} ${line.message ?? ''}`.toLowerCase().includes(text)).slice(-500).reverse();
}

function row(line) {
  return h('li', { class: `log-${line.level ?? 'error'}`, 'data-key': line.id },
    h('time', { datetime: line.at }, clock(line.at, true)), h('span', { class: 'log-level' }, t(`level.${line.level ?? 'error'}`)),
    h('p', null, line.machine && h('b', null, `${line.machine} `), line.job && h('a', { href: `#/job/${line.job}` }, `#${line.job} `), line.message));
}
