/** The page's instruments: a ruler for how far a print is, a scale for each heater. */
import { h } from '../core/dom.js';
import { t } from '../core/words.js';
import { isReachable } from './states.js';
import { degrees, duration, endsAt, percent } from '../core/format.js';

/** How far a print is: a ruler with a pointer, the percent beside it, layer and time below. */
export function progressRuler(progress, label) {
  const value = percent(progress.fraction);
  return h('div', { class: 'run' },
    h('p', { class: 'readout', 'aria-hidden': 'true' }, h('b', null, value), h('span', null, '%')),
    h('div', { class: 'run-scale' },
      h('div', {
        class: 'ruler', role: 'progressbar', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': value,
        'aria-valuetext': [`${value} %`, layerWords(progress), leftWords(progress)].filter(Boolean).join(', '),
        style: { '--part': String(Math.max(0, Math.min(1, progress.fraction || 0))) },
      }, h('i', { class: 'ruler-fill' }), h('i', { class: 'ruler-hand' })),
      h('p', { class: 'run-words' },
        h('span', null, layerWords(progress) ?? t('line.of', { line: progress.line })),
        progress.remaining !== undefined && h('span', { class: 'run-left' }, leftWords(progress)))));
}

/** Layer n of m. */
export function layerWords(progress) {
  if (!progress.layer) return null;
  return progress.layers ? t('layer.of', { layer: progress.layer, layers: progress.layers }) : t('layer', { layer: progress.layer });
}

function leftWords(progress) {
  if (progress.remaining === undefined || progress.remaining === null) return null;
  return t('left', { time: duration(progress.remaining), clock: endsAt(progress.remaining) });
}

/** The heaters' scales; without a link they are what was read last, and say so. */
export function heaterScales(machine) {
  const isOld = !isReachable(machine);
  return h('dl', { class: `heaters ${isOld ? 'heaters-old' : ''}` }, isOld && h('div', { class: 'heaters-note' }, h('dt', null, t('heaters.old'))), machine.heaters.map((heater) => heaterScale(heater, machine.settings)));
}

/** What a heater is called. */
export function heaterName(name) {
  if (name === 'B') return t('heater.bed');
  if (name === 'C') return t('heater.chamber');
  const tool = /^T(\d+)$/.exec(name);
  return tool ? (tool[1] === '0' ? t('heater.tool') : t('heater.toolN', { n: tool[1] })) : name;
}

function heaterScale(heater, settings) {
  const top = Math.max(heater.name === 'B' ? settings.maxBed : settings.maxTool, 50);
  const part = (value) => String(Math.max(0, Math.min(1, value / top)));
  const isOn = heater.target > 0;
  const near = isOn && Math.abs(heater.current - heater.target) < 3;
  return h('div', { class: `heater ${isOn ? (near ? 'heater-at' : 'heater-on') : heater.current > 50 ? 'heater-hot' : ''}`, 'data-key': heater.name },
    h('dt', null, heaterName(heater.name)),
    h('dd', null,
      h('b', null, degrees(heater.current)),
      h('span', { class: 'heater-target' }, isOn ? h('span', null, h('span', { class: 'unseen' }, ` ${t('target')} `), ` / ${degrees(heater.target)}`) : t('off')),
      h('i', { class: 'scale', 'aria-hidden': 'true', style: { '--part': part(heater.current), '--target': part(heater.target) } },
        h('i', { class: 'scale-fill' }), isOn && h('i', { class: 'scale-mark' }))));
}

