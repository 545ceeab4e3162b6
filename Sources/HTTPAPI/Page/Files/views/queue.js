/** The queue: what runs, what waits in which order and why. */
import * as api from '../core/api.js';
import { h } from '../core/dom.js';
import { provide } from '../core/acts.js';
import { redraw } from '../core/draw.js';
import { heldJobs, may, mayJob, runningJobs, shop, waitingJobs } from '../core/shop.js';
import { t } from '../core/words.js';
import { clock, duration, percent, stem } from '../core/format.js';
import { moved } from '../core/order.js';
import { fail } from '../core/notices.js';
import { button, empty, heading } from '../parts/controls.js';
import { icon } from '../parts/icons.js';
import { jobState } from '../parts/states.js';
import { picture } from '../parts/pictures.js';

export const title = () => t('nav.queue');

/** Jobs whose reasons are shown, with the reasons once they are read. */
const reasons = new Map();
let ended = null;
let dragged = null;

export function entered() {
  ended = null;
  api.get('/jobs?state=done,failed,cancelled&limit=500').then((page) => {
    ended = page.items.sort((one, other) => (other.endedAt ?? '').localeCompare(one.endedAt ?? '')).slice(0, 30);
    redraw();
  }, () => null);
}

provide('why', async ({ job }) => {
  if (reasons.delete(job)) return;
  reasons.set(job, await api.get(api.at`/jobs/${job}/why`));
});

/** Draws it. */
export function view() {
  const running = runningJobs();
  const waiting = waitingJobs();
  const held = heldJobs();
  return h('div', { class: 'queue' },
    h('div', { class: 'view-head' }, h('h1', { tabindex: -1 }, t('nav.queue')), h('p', { class: 'sum' }, t('sum.queue', { count: waiting.length })),
      may('member') && h('a', { class: 'button primary', href: '#/submit' }, t('submit'))),
    running.length > 0 && h('section', { class: 'part' }, heading(t('queue.running')), h('ul', { class: 'jobs' }, running.map(runningRow))),
    h('section', { class: 'part' }, heading(t('queue.waiting')),
      waiting.length ? h('ol', { class: 'jobs' }, waiting.map((job, index) => waitingRow(job, index, waiting.length))) : empty(t('queue.empty'))),
    held.length > 0 && h('section', { class: 'part' }, heading(t('queue.held')), h('ul', { class: 'jobs' }, held.map((job) => waitingRow(job)))),
    ended?.length > 0 && h('section', { class: 'part' }, heading(t('queue.ended')), h('ul', { class: 'jobs' }, ended.map(endedRow))));
}

function words(job, ...more) {
  return h('div', { class: 'job-words' },
    h('a', { class: 'job-name', href: `#/job/${job.id}` }, stem(job.name)),
    h('p', { class: 'job-facts' }, [`#${job.id}`, ...more].filter(Boolean).join(' · ')));
}

function where(job) {
  return job.machine ?? (job.pool ? t('any.of', { pool: job.pool }) : t('any'));
}

function copies(job) {
  return job.copies > 1 ? t('copies.of', { done: job.copiesDone, copies: job.copies }) : null;
}

function runningRow(job) {
  const attempt = job.attempts.at(-1);
  const progress = (attempt && shop.machines.get(attempt.machine)?.job === job.id && shop.machines.get(attempt.machine).progress) || attempt?.progress;
  return h('li', { class: 'job', 'data-key': job.id }, picture(job.file, 44),
    words(job, attempt?.machine, copies(job), progress && `${percent(progress.fraction)} %`, progress?.remaining !== undefined && t('left.short', { time: duration(progress.remaining) }), job.submitter, job.note),
    jobState(job));
}

function endedRow(job) {
  return h('li', { class: 'job', 'data-key': `ended-${job.id}` }, picture(job.file, 44),
    words(job, job.attempts.at(-1)?.machine, copies(job), clock(job.endedAt), job.submitter, job.reason), jobState(job));
}

/** A job that waits, at its place; one that is held has none. */
function waitingRow(job, index, count) {
  const mine = mayJob(job);
  const why = reasons.get(String(job.id));
  const isPlaced = index !== undefined;
  return h('li', {
    class: 'job', 'data-key': job.id, draggable: mine && isPlaced ? 'true' : null, 'data-place': index,
    ondragstart: lift, ondragover: over, ondragleave: out, ondrop: drop, ondragend: out,
  },
    mine && isPlaced && h('span', { class: 'grip', 'aria-hidden': 'true' }, icon('grip')),
    isPlaced && h('span', { class: 'place' }, h('span', { class: 'unseen' }, t('place')), index + 1),
    picture(job.file, 44),
    words(job, where(job), copies(job), job.estimatedSeconds && t('about.time', { time: duration(job.estimatedSeconds) }), job.due && t('due', { clock: clock(job.due) }), job.priority && t('priority.is', { priority: job.priority }), job.submitter, job.note),
    jobState(job),
    job.reason && h('p', { class: 'job-reason' }, job.reason),
    h('div', { class: 'job-acts' },
      mine && [
        isPlaced && button('place', '', { data: { job: job.id, to: index - 1 }, sign: 'up', look: 'square', name: t('move.up', { name: stem(job.name) }), barred: index === 0 && t('move.first') }),
        isPlaced && button('place', '', { data: { job: job.id, to: index + 1 }, sign: 'down', look: 'square', name: t('move.down', { name: stem(job.name) }), barred: index === count - 1 && t('move.last') }),
        job.state === 'held' ? button('order', t('release'), { data: { job: job.id, word: 'release' }, look: 'small' }) : button('order', t('hold'), { data: { job: job.id, word: 'hold' }, look: 'small' }),
      ],
      button('why', t('why'), { data: { job: job.id }, look: 'small quiet', name: t('why.name', { name: stem(job.name) }), expanded: !!why }),
      mine && button('order', t('cancel.short'), { data: { job: job.id, word: 'cancel' }, look: 'small quiet', name: t('cancel.name', { name: stem(job.name) }) })),
    why && h('div', { class: 'why' }, h('p', null, why.summary), h('ul', null, why.machines.map((each) => h('li', null, each.machine && h('b', null, `${each.machine}: `), each.reason)))));
}

function lift(event) {
  dragged = Number(event.currentTarget.dataset.key);
  event.dataTransfer.effectAllowed = 'move';
  event.dataTransfer.setData('text/plain', String(dragged));
}

function over(event) {
  if (dragged === null) return;
  event.preventDefault();
  event.currentTarget.classList.add('job-over');
}

function out(event) {
  event.currentTarget.classList.remove('job-over');
}

function drop(event) {
  event.preventDefault();
  out(event);
  const id = dragged;
  dragged = null;
  if (id !== null && id !== Number(event.currentTarget.dataset.key)) moved(id, Number(event.currentTarget.dataset.place)).catch(fail);
}
