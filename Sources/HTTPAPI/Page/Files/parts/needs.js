/** What needs a person at a machine, in one sentence, with the button for it. */
import { h } from '../core/dom.js';
import { may, mayJob, shop } from '../core/shop.js';
import { t } from '../core/words.js';
import { stem } from '../core/format.js';
import { button } from './controls.js';
import { icon } from './icons.js';
import { isReachable } from './states.js';

/**
 * @typedef {{tone: string, sign: string, text: string, detail?: string | null, buttons: any[]}} Need
 */

/** The band of everything that needs a person; null where nothing does. */
export function needsBand(machine) {
  const needs = needsOf(machine);
  if (!needs.length) return null;
  return h('div', { class: 'needs' }, needs.map((need) =>
    h('div', { class: `need tone-${need.tone}` }, icon(need.sign),
      h('div', { class: 'need-words' }, h('p', null, need.text), need.detail && h('p', { class: 'need-detail' }, need.detail)),
      need.buttons.some(Boolean) && h('div', { class: 'need-buttons' }, need.buttons))));
}

/** Everything that needs a person, most pressing first.
 * @returns {Need[]}
 */
export function needsOf(machine) {
  const name = machine.settings.name;
  return [question(machine, name), trouble(machine, name), ...cutJobs(name), bed(machine, name), disabled(machine, name)].filter(Boolean);
}

function question(machine, name) {
  if (machine.prompt) {
    const { text, choices } = machine.prompt;
    const buttons = may('member')
      ? choices.length
        ? choices.map((words, index) => button('answer', words, { data: { machine: name, choice: index }, look: index ? '' : 'primary' }))
        : [button('answer', t('continue'), { data: { machine: name }, look: 'primary' })]
      : [];
    return { tone: 'alert', sign: 'alert', text: text || t('need.question'), detail: t('need.asks'), buttons };
  }
  if (machine.phase !== 'needsAttention') return null;
  return {
    tone: 'alert', sign: 'alert', text: t('need.attention'), detail: machine.reason,
    buttons: [may('member') && button('answer', t('continue'), { data: { machine: name }, look: 'primary' })],
  };
}

function trouble(machine, name) {
  const connect = may('operator') && button('machine', t('connect'), { data: { machine: name, word: 'connect' }, look: 'primary' });
  switch (machine.phase) {
    case 'killed':
      return {
        tone: 'alert', sign: 'stop', text: t('need.killed'), detail: machine.reason,
        buttons: [may('operator') && button('machine', t('reset'), { data: { machine: name, word: 'reset' }, look: 'primary' })],
      };
    case 'linkLost':
      return { tone: 'alert', sign: 'away', text: t('need.linkLost'), detail: machine.reason, buttons: [connect] };
    case 'disconnected': case 'noDriver':
      return { tone: 'off', sign: 'away', text: t('need.disconnected'), detail: machine.reason, buttons: [machine.phase === 'disconnected' && connect] };
    case 'printingNotOurs':
      return {
        tone: 'warn', sign: 'alert', text: t('need.card', { percent: machine.cardPercent ?? '?' }), detail: machine.reason,
        buttons: may('operator') ? ['pauseSD', 'resumeSD', 'stopSD'].map((word) => button('machine', t(`card.${word}`), { data: { machine: name, word } })) : [],
      };
    default: return null;
  }
}

function cutJobs(name) {
  return [...shop.jobs.values()]
    .filter((job) => job.state === 'uncertain' && job.attempts.at(-1)?.machine === name)
    .map((job) => ({
      tone: 'alert', sign: 'question', text: t('need.uncertain', { job: job.id, name: stem(job.name) }), detail: job.reason,
      buttons: [h('a', { class: 'button primary', href: `#/job/${job.id}` }, t('need.decide'))],
    }));
}

function bed(machine, name) {
  // While it works the bed is what it is; and a word about it is taken from an idle machine only.
  if (machine.job || !isReachable(machine)) return null;
  const ready = (label) => may('member') && button('ready', label, { data: { machine: name, job: machine.bedJob }, look: 'primary' });
  if (machine.bed === 'occupied') {
    const job = shop.jobs.get(machine.bedJob);
    const part = machine.bedJob ? (job ? t('job.named', { job: job.id, name: stem(job.name) }) : t('job.number', { job: machine.bedJob })) : null;
    return part
      ? { tone: 'warn', sign: 'hand', text: t('need.bedJob', { part }), buttons: [ready(t('ready.job', { job: machine.bedJob }))] }
      : { tone: 'warn', sign: 'hand', text: t('need.bed'), buttons: [ready(t('ready'))] };
  }
  if (machine.bed === 'unknown') return { tone: 'warn', sign: 'question', text: t('need.bedUnknown'), buttons: [ready(t('ready'))] };
  if (!machine.ready) return { tone: 'warn', sign: 'question', text: t('need.ready'), buttons: [ready(t('ready.start'))] };
  return null;
}

function disabled(machine, name) {
  if (!machine.disabled) return null;
  return {
    tone: 'off', sign: 'minus', text: t('need.disabled'), detail: machine.disabled,
    buttons: [may('operator') && button('enable', t('enable'), { data: { machine: name } })],
  };
}

/** Pause, resume and cancel of what a machine works at. */
export function jobButtons(job, machine) {
  if (!job || !mayJob(job)) return [];
  const data = { job: job.id };
  const phase = machine?.phase ?? job.state;
  return [
    phase === 'printing' && button('order', t('pause'), { data: { ...data, word: 'pause' }, sign: 'paused' }),
    phase === 'paused' && button('order', t('resume'), { data: { ...data, word: 'resume' }, look: 'primary', sign: 'printing' }),
    ['printing', 'paused', 'needsAttention', 'pausing', 'resuming'].includes(phase)
      && button('order', t('cancel.job'), { data: { ...data, word: 'cancel' }, look: 'quiet' }),
  ];
}
