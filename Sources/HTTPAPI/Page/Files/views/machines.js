/** The machines at a glance: what each does, and what it needs of a person. */
import { h } from '../core/dom.js';
import { may, shop, waitingJobs } from '../core/shop.js';
import { t } from '../core/words.js';
import { stem } from '../core/format.js';
import { empty, stopButton } from '../parts/controls.js';
import { jobButtons, needsBand, needsOf } from '../parts/needs.js';
import { picture } from '../parts/pictures.js';
import { heaterScales, progressRuler } from '../parts/rulers.js';
import { machineState, machineTone } from '../parts/states.js';

export const title = () => t('nav.machines');

/** Draws it. */
export function view() {
  const machines = [...shop.machines.values()].sort((one, other) => one.settings.name.localeCompare(other.settings.name));
  return h('div', { class: 'machines' },
    h('div', { class: 'view-head' }, h('h1', { tabindex: -1 }, t('nav.machines')), shop.isLoaded && h('p', { class: 'sum' }, summary(machines)),
      may('member') && h('a', { class: 'button primary', href: '#/submit' }, t('submit'))),
    !shop.isLoaded ? waiting() : machines.length ? h('div', { class: 'plates' }, machines.map(plate)) : empty(t('machines.none'), h('code', null, 'fabline machine add')));
}

function waiting() {
  return h('p', { class: 'waiting' }, t('loading'));
}

function summary(machines) {
  const working = machines.filter((machine) => machine.job).length;
  const needing = machines.filter((machine) => needsOf(machine).length).length;
  return [t('sum.work', { count: working, of: machines.length }), needing ? t('sum.needs', { count: needing }) : null, t('sum.queue', { count: waitingJobs().length })]
    .filter(Boolean).join(' · ');
}

function plate(machine) {
  const name = machine.settings.name;
  const job = machine.job ? shop.jobs.get(machine.job) : null;
  return h('article', { class: `plate tone-${machineTone(machine)}`, 'data-key': name, 'aria-labelledby': `plate-${name}` },
    h('header', { class: 'plate-head' },
      h('h2', { id: `plate-${name}` }, h('a', { href: `#/machine/${encodeURIComponent(name)}` }, name)),
      machineState(machine),
      stopButton(name)),
    machine.job && h('div', { class: 'plate-job' }, picture(job?.file, 56),
      h('div', { class: 'plate-job-words' },
        h('a', { href: `#/job/${machine.job}`, class: 'job-name' }, job ? stem(job.name) : t('job.number', { job: machine.job })),
        job && h('p', { class: 'job-facts' }, facts(job)))),
    machine.progress && progressRuler(machine.progress, t('progress.of', { machine: name })),
    machine.heaters.length > 0 && heaterScales(machine),
    needsBand(machine),
    h('div', { class: 'plate-acts' }, jobButtons(job, machine),
      h('a', { class: 'button quiet', href: `#/machine/${encodeURIComponent(name)}`, 'aria-label': t('controls.of', { machine: name }) }, t('controls'))));
}

function facts(job) {
  return [`#${job.id}`, job.copies > 1 ? t('copies.of', { done: job.copiesDone, copies: job.copies }) : null, job.submitter, job.note].filter(Boolean).join(' · ');
}
