/** The start of a laser's or a mill's job: a person beside the machine sees the bounds first (safety rule 8). */
import * as api from '../core/api.js';
import { h } from '../core/dom.js';
import { provide } from '../core/acts.js';
import { redraw } from '../core/draw.js';
import { mayJob, shop } from '../core/shop.js';
import { t } from '../core/words.js';
import { clock, number } from '../core/format.js';
import { notice } from '../core/notices.js';
import { button, heading } from './controls.js';
import { facts } from './facts.js';
import { icon } from './icons.js';

let bounds = null;
let of = 0;

/** The machine that starts attended and may take this job; undefined for jobs of printers. */
function machineFor(job) {
  return [...shop.machines.values()].find(({ settings }) =>
    settings.machineClass !== 'printer' && (settings.name === job.machine || (job.pool && settings.pool === job.pool)));
}

provide('attend', async ({ job, machine, word }) => {
  bounds = await api.post(api.at`/jobs/${job}/` + word, { machine });
  notice('done', t(`done.${word}`, { machine }));
});

/** Reads the bounds of a job that waits for a person's start. */
export async function lookAt(job) {
  of = job.id;
  bounds = null;
  const machine = machineFor(job);
  if (!machine || job.state !== 'queued') return;
  const found = await api.get(api.at`/jobs/${job.id}/bounds?machine=${machine.settings.name}`).catch((problem) => ({ problem }));
  if (of === job.id) bounds = found;
  redraw();
}

/** Draws it; nothing where there is nothing to start. */
export function attended(job) {
  const machine = machineFor(job);
  if (!machine || job.state !== 'queued' || of !== job.id || !bounds) return null;
  if (bounds.problem) return h('section', { class: 'sheet plate wide', 'data-key': 'attended' }, heading(t('attended')), h('p', { class: 'barred' }, icon('alert'), bounds.problem.message));
  const name = machine.settings.name;
  return h('section', { class: 'sheet plate wide tone-warn', 'data-key': 'attended' }, heading(t('attended')), h('p', null, t('attended.words', { machine: name })),
    facts([
      ...['X', 'Y', 'Z'].map((axis, index) => [axis, span(index)]),
      [t('attended.offset'), bounds.workOffset?.map((each) => number(each, 2)).join(' · ') ?? t('unknown')],
      ['$30', bounds.maximumPower ?? t('unknown')], ['$32', bounds.laserMode === undefined || bounds.laserMode === null ? t('unknown') : bounds.laserMode ? t('on') : t('off')],
      [t('attended.until'), bounds.startsUntil && clock(bounds.startsUntil, true)],
    ]),
    bounds.warnings.map((warning) => h('p', { class: 'barred' }, icon('alert'), warning)),
    mayJob(job) && h('div', { class: 'row' },
      button('attend', t('attended.frame'), { data: { job: job.id, machine: name, word: 'frame' } }),
      button('attend', t('attended.start'), { data: { job: job.id, machine: name, word: 'start' }, look: 'primary', sign: 'printing' })));
}

/** From where to where an axis works, of how much travel. */
function span(index) {
  const [least, most, travel] = [bounds.least[index], bounds.most[index], bounds.travel[index]];
  if (least === null || least === undefined) return null;
  return t('attended.span', { least: number(least, 2), most: number(most, 2), travel: number(travel ?? 0, 0) });
}
