/** Bringing a file and putting it into the queue. */
import * as api from '../core/api.js';
import { h } from '../core/dom.js';
import { provide } from '../core/acts.js';
import { redraw } from '../core/draw.js';
import { may, shop } from '../core/shop.js';
import { t } from '../core/words.js';
import { bytes } from '../core/format.js';
import { fail, notice } from '../core/notices.js';
import { choice, field } from '../parts/controls.js';
import { icon } from '../parts/icons.js';

let chosen = null;
let known = null;
let sending = null;
let key = '';

export const title = () => t('submit');

/** With a hash in the address the file is here already. */
export function entered([hash]) {
  chosen = known = null;
  key = api.onceKey();
  if (hash) api.get(api.at`/files/${hash}`).then((file) => { known = file; redraw(); }, fail);
}

export function left() {
  sending?.abort();
  sending = null;
}

provide('abortUpload', () => { sending?.abort(); sending = null; });

/** Draws it. */
export function view() {
  if (!may('member')) return h('p', { class: 'waiting' }, t('submit.viewer'));
  return h('div', { class: 'submit' },
    h('div', { class: 'view-head' }, h('a', { class: 'back', href: '#/queue' }, icon('back'), t('back', { place: t('nav.queue') })), h('h1', { tabindex: -1 }, t('submit'))),
    h('form', { class: 'sheet plate', 'data-key': 'submit', onsubmit: send },
      known ? h('p', { class: 'chosen' }, icon('files'), h('b', null, known.name), ` ${bytes(known.size)}`) : drop(),
      field(t('where'), choice('target', targets(), '')),
      h('div', { class: 'fields' },
        field(t('copies'), h('input', { id: 'submit-copies', name: 'copies', type: 'number', inputmode: 'numeric', min: 1, max: 10_000, value: 1, required: true })),
        field(t('due.name'), h('input', { id: 'submit-due', name: 'due', type: 'datetime-local' }), t('due.hint'))),
      field(t('note'), h('input', { id: 'submit-note', name: 'note', maxlength: 200, autocomplete: 'off' }), t('note.hint')),
      h('label', { class: 'check' }, h('input', { type: 'checkbox', name: 'hold' }), t('submit.hold')),
      sending && h('div', { class: 'sending' },
        h('progress', { max: 1, value: sending.part, 'aria-label': t('sending') }), h('span', null, `${Math.floor(sending.part * 100)} %`),
        h('button', { type: 'button', class: 'button small', 'data-act': 'abortUpload' }, t('cancel'))),
      h('button', { type: 'submit', class: 'button primary wide', 'aria-busy': sending ? 'true' : null }, t('submit.go'))));
}

function drop() {
  return h('div', { class: 'drop', ondragover: (event) => event.preventDefault(), ondrop: dropped },
    field(t('submit.file'), h('input', { id: 'submit-file', type: 'file', name: 'file', accept: '.gcode,.gco,.g,.nc,.ngc,.gc', onchange: (event) => { chosen = event.currentTarget.files[0] ?? null; key = api.onceKey(); redraw(); } }), chosen ? `${chosen.name}, ${bytes(chosen.size)}` : t('submit.drop')));
}

function dropped(event) {
  event.preventDefault();
  const file = event.dataTransfer.files[0];
  if (!file) return;
  chosen = file;
  key = api.onceKey();
  redraw();
}

/** A pool, or one machine. */
function targets() {
  const machines = [...shop.machines.values()].map((machine) => machine.settings);
  const pools = [...new Set(machines.map((settings) => settings.pool).filter(Boolean))].sort();
  return [...pools.map((pool) => [`pool:${pool}`, t('any.of', { pool })]), ...machines.map((settings) => [`machine:${settings.name}`, settings.name])];
}

async function send(event) {
  event.preventDefault();
  const body = new FormData(event.currentTarget);
  if (sending) return;
  if (!known && !chosen) return notice('warning', t('submit.noFile'));
  try {
    const file = known ?? (await bring(chosen));
    known = file;
    for (const remark of file.remarks ?? []) notice('warning', remark);
    const job = await api.post('/jobs', order(file, body), { key });
    key = api.onceKey();
    notice(job.state === 'held' ? 'warning' : 'done', job.state === 'held' ? t('submit.held', { job: job.id, reason: job.reason ?? '' }) : t('submit.done', { job: job.id }));
    location.hash = `#/job/${job.id}`;
  } catch (problem) {
    if (problem.code !== 'page.aborted') fail(problem);
  } finally {
    sending = null;
    redraw();
  }
}

async function bring(file) {
  const { done, abort } = api.upload(file, (sent, total) => {
    if (sending) sending.part = total ? sent / total : 0;
    redraw();
  });
  sending = { part: 0, abort };
  redraw();
  return done;
}

function order(file, body) {
  const [kind, name] = String(body.get('target') ?? '').split(/:(.*)/);
  const request = { file: file.hash, copies: Number(body.get('copies')) || 1 };
  if (kind === 'machine') request.machine = name;
  if (kind === 'pool') request.pool = name;
  if (body.get('due')) request.due = new Date(String(body.get('due'))).toISOString().replace(/\.\d+Z$/, 'Z');
  if (body.get('note')) request.note = String(body.get('note'));
  if (body.get('hold')) request.hold = t('submit.holdReason');
  return request;
}
