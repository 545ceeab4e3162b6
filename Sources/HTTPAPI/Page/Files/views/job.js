/** One job: facts, picture and layers, tries, history; and what a person has to decide about it. */
import * as api from '../core/api.js';
import { h } from '../core/dom.js';
import { provide } from '../core/acts.js';
import { redraw } from '../core/draw.js';
import { may, mayJob, readJob, shop } from '../core/shop.js';
import { t } from '../core/words.js';
import { bytes, clock, duration, number, percent, stem } from '../core/format.js';
import { attended, lookAt } from '../parts/attended.js';
import { button, choice, heading } from '../parts/controls.js';
import { facts, history } from '../parts/facts.js';
import { icon } from '../parts/icons.js';
import { layers } from '../parts/layers.js';
import { jobButtons } from '../parts/needs.js';
import { progressRuler } from '../parts/rulers.js';
import { jobState } from '../parts/states.js';
import { notice } from '../core/notices.js';

let file = null;
let rows = [];
let why = null;
let plan = null;
let shown = 0;
/** The state in which the rest was read. */
let seen = '';
let failed = false;

export const title = ([id]) => t('job.number', { job: id });

/** Reads what events do not carry. */
export async function entered([id]) {
  shown = Number(id);
  file = why = plan = null;
  rows = [];
  seen = '';
  failed = false;
  const mine = shown;
  try {
    await readJob(mine);
    const job = shop.jobs.get(mine);
    failed = !job;
    if (!job || mine !== shown) return redraw();
    layers.open(job.file);
    api.get(api.at`/files/${job.file}`).then((value) => { file = value; redraw(); }, () => null);
    await read(job);
  } catch {
    failed = true;
  }
  redraw();
}

async function read(job) {
  seen = job.state;
  rows = (await api.get(api.at`/jobs/${job.id}/history?limit=500`)).items;
  why = ['queued', 'held'].includes(job.state) ? await api.get(api.at`/jobs/${job.id}/why`) : null;
  if (job.state === 'uncertain') plan = await api.get(api.at`/jobs/${job.id}/recovery`).catch((problem) => ({ refusal: { sentence: problem.message } }));
  await lookAt(job);
  redraw();
}

provide('decide', async ({ job, decision }) => {
  await api.post(api.at`/jobs/${job}/uncertain`, { decision });
  await entered([job]);
});
provide('recover', async ({ job }, element) => {
  const { measured, ...answers } = Object.fromEntries(new FormData(element.closest('form')));
  await api.post(api.at`/jobs/${job}/recover`, { answers, planHash: plan.planHash });
  notice('done', t('done.recover', { job }));
  await entered([job]);
});
provide('replan', async ({ job }, element) => {
  const height = element.closest('form').querySelector('[name=measured]').value;
  plan = await api.get(api.at`/jobs/${job}/recovery` + (height ? `?height=${encodeURIComponent(height)}` : ''));
});

/** Draws it. */
export function view([id]) {
  const job = shop.jobs.get(Number(id));
  if (!job) return h('p', { class: 'waiting' }, failed ? t('job.unknown', { job: id }) : t('loading'));
  // What a state brings with it is read when it comes, not only when the page is gone to.
  if (seen && seen !== job.state) read(job).catch(() => null);
  const open = job.attempts.find((attempt) => ['printing', 'paused', 'needsAttention'].includes(attempt.state));
  const machine = open && shop.machines.get(open.machine);
  const progress = (machine?.job === job.id && machine.progress) || open?.progress;
  return h('div', { class: 'job-page' },
    h('div', { class: 'view-head' },
      h('a', { class: 'back', href: '#/queue' }, icon('back'), t('back', { place: t('nav.queue') })),
      h('h1', { tabindex: -1 }, stem(job.name)), jobState(job)),
    h('div', { class: 'sheets' },
      h('section', { class: 'sheet plate wide' },
        progress && progressRuler(progress, t('progress.of', { machine: open.machine })),
        job.reason && h('p', { class: 'job-reason' }, job.reason),
        why && h('div', { class: 'why' }, h('p', null, why.summary), h('ul', null, why.machines.map((each) => h('li', null, each.machine && h('b', null, `${each.machine}: `), each.reason)))),
        h('div', { class: 'row' }, orders(job, machine))),
      attended(job),
      job.state === 'uncertain' && recovery(job),
      h('section', { class: 'sheet plate' }, heading(t('facts')), factsOf(job)),
      h('section', { class: 'sheet plate' }, heading(t('layers')), layers.view(job.file, progress?.layer)),
      h('section', { class: 'sheet plate' }, heading(t('attempts')),
        job.attempts.length ? h('ul', { class: 'attempts' }, [...job.attempts].reverse().map(attemptRow)) : h('p', { class: 'hint' }, t('attempts.none'))),
      h('section', { class: 'sheet plate' }, heading(t('history')), history(rows, job.id))));
}

function orders(job, machine) {
  if (!mayJob(job)) return [h('p', { class: 'hint' }, t('job.others', { name: job.submitter }))];
  const data = { job: job.id };
  if (machine) return jobButtons(job, machine);
  return [
    job.state === 'queued' && button('order', t('hold'), { data: { ...data, word: 'hold' } }),
    job.state === 'held' && button('order', t('release'), { data: { ...data, word: 'release' }, look: 'primary' }),
    ['failed', 'cancelled', 'uncertain'].includes(job.state) && button('order', t('retry'), { data: { ...data, word: 'retry' } }),
    ['queued', 'held'].includes(job.state) && [
      stepper(t('copies'), job.id, 'copies', job.copies, 1, 10_000),
      stepper(t('priority'), job.id, 'priority', job.priority, -10, may('operator') ? 10 : 0),
      button('order', t('cancel.job'), { data: { ...data, word: 'cancel' }, look: 'quiet' }),
    ],
  ];
}

/** Less and more of something, with what it is now between. */
function stepper(words, job, member, value, least, most) {
  return h('div', { class: 'stepper', role: 'group', 'aria-label': words }, h('span', null, words),
    button('change', '−', { data: { job, member, value: value - 1 }, look: 'square', name: t('less', { what: words }), barred: value <= least && t('least') }),
    h('b', { 'aria-live': 'polite' }, value),
    button('change', '+', { data: { job, member, value: value + 1 }, look: 'square', name: t('more.of', { what: words }), barred: value >= most && t('most') }));
}

function factsOf(job) {
  const facts_ = file?.metadata;
  return facts([
    [t('submit.file'), job.name], [t('size'), file && bytes(file.size)],
    [t('where'), job.machine ?? (job.pool ? t('any.of', { pool: job.pool }) : t('any'))],
    [t('copies'), t('copies.of', { done: job.copiesDone, copies: job.copies })], [t('priority'), job.priority],
    [t('submitter'), job.submitter], [t('note'), job.note], [t('created'), clock(job.createdAt)], [t('started'), job.startedAt && clock(job.startedAt)],
    [t('ended'), job.endedAt && clock(job.endedAt)], [t('due.name'), job.due && clock(job.due)],
    [t('estimate'), job.estimatedSeconds && duration(job.estimatedSeconds)], [t('material'), job.material ?? facts_?.materials?.join(', ')],
    [t('filament'), facts_?.filamentMillimetres && `${number(facts_.filamentMillimetres / 1000, 2)} m${facts_.filamentGrams ? `, ${number(facts_.filamentGrams, 1)} g` : ''}`],
    [t('layers'), facts_?.layers], [t('part.size'), facts_?.size && `${facts_.size.map((value) => number(value, 1)).join(' × ')} mm`], [t('slicer'), facts_?.slicer],
  ]);
}

function attemptRow(attempt) {
  return h('li', { 'data-key': attempt.id }, jobState(attempt),
    h('p', null, h('a', { href: `#/machine/${encodeURIComponent(attempt.machine)}` }, attempt.machine), ` · ${t('copy', { copy: attempt.copy })}`,
      attempt.progress && ` · ${percent(attempt.progress.fraction)} %, ${t('line.of', { line: attempt.progress.line })}`,
      attempt.startedAt && ` · ${clock(attempt.startedAt)}${attempt.endedAt ? ` – ${clock(attempt.endedAt)}` : ''}`),
    attempt.reason && h('p', { class: 'job-reason' }, attempt.reason));
}

/** The plan that goes on with a cut print, with the questions that only a person at the machine can answer. */
function recovery(job) {
  const decide = mayJob(job) && h('div', { class: 'row' },
    button('decide', t('decide.done'), { data: { job: job.id, decision: 'done' } }),
    button('decide', t('decide.failed'), { data: { job: job.id, decision: 'failed' } }));
  return h('section', { class: 'sheet plate wide tone-alert' }, heading(t('recover')), h('p', null, t('recover.words')),
    !plan ? h('p', { class: 'hint' }, t('loading'))
      : plan.refusal ? h('p', { class: 'barred' }, icon('alert'), plan.refusal.sentence)
        : may('operator') && h('form', { 'data-key': `recover-${job.id}-${plan.planHash}`, class: 'recover' },
          plan.place && h('p', null, t('recover.place', { line: plan.place.line, layer: plan.place.layer ?? '?', z: plan.place.position[2] })),
          h('div', { class: 'heat-row' }, h('label', { for: 'measured' }, t('recover.height')), h('input', { id: 'measured', name: 'measured', type: 'number', step: 0.01 }), button('replan', t('recover.replan'), { data: { job: job.id } })),
          plan.questions.map((question) => h('div', { class: 'field' }, h('label', { for: `question-${question.id}` }, question.text),
            Object.assign(choice(question.id, [['', '–'], ...question.choices.map((each) => [each, each])]), { id: `question-${question.id}` }))),
          plan.notes.map((note) => h('p', { class: 'hint' }, note)),
          h('details', null, h('summary', null, t('recover.plan', { count: plan.plan.length })), h('pre', null, plan.plan.join('\n'))),
          button('recover', t('recover.run'), { data: { job: job.id }, look: 'primary' })),
    decide);
}
