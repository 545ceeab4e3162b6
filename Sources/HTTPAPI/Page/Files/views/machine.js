/** One machine: everything that a person beside it can do. */
import * as api from '../core/api.js';
import { h } from '../core/dom.js';
import { act, provide } from '../core/acts.js';
import { redraw } from '../core/draw.js';
import { may, shop, takePast } from '../core/shop.js';
import { t } from '../core/words.js';
import { stem } from '../core/format.js';
import { button, heading, stopButton } from '../parts/controls.js';
import { camera } from '../parts/camera.js';
import { console as wire } from '../parts/console.js';
import { facts, history } from '../parts/facts.js';
import { histogram } from '../parts/histogram.js';
import { jobButtons, needsBand } from '../parts/needs.js';
import { heaterName, heaterScales, progressRuler } from '../parts/rulers.js';
import { isReachable, machineState, machineTone } from '../parts/states.js';
import { temperaturePlot } from '../parts/plot.js';
import { picture } from '../parts/pictures.js';
import { icon } from '../parts/icons.js';

const STEPS = [0.1, 1, 10, 50];
let step = 10;
let link = null;
let rows = null;
let shown = '';

export const title = ([name]) => name;

/** Reads what is not kept current by events. */
export function entered([name]) {
  shown = name;
  link = rows = null;
  api.get(api.at`/machines/${name}/link`).then((value) => { if (shown === name) link = value; redraw(); }, () => null);
  api.get(api.at`/machines/${name}/temperatures`).then(({ items }) => takePast(name, items), () => null);
  api.get(api.at`/machines/${name}/history?limit=500`).then((value) => { if (shown === name) rows = value.items.slice(-40); redraw(); }, () => null);
}

export function left() {
  wire.stop();
  camera.stop();
}

provide('step', ({ by }) => { step = Number(by); redraw(); });
provide('heatTo', ({ machine, heater }, element) => {
  const input = element.closest('.heat-row').querySelector('input');
  const target = Number(input.value);
  return act(machine, { act: 'heat', ...(heater === 'B' ? { bedTarget: target } : { tool: Number(heater.slice(1)), toolTarget: target }) }, t('done.heat'));
});
provide('filament', ({ machine, word }) => {
  const target = Number(document.getElementById('filament-target')?.value) || 0;
  return act(machine, { act: word, toolTarget: target, length: Number(document.getElementById('filament-length')?.value) || 50 }, t(`done.${word}`));
});
provide('tune', ({ machine, member, by }, element) => {
  const value = by ?? element.closest('.heat-row').querySelector('input').value;
  return act(machine, { act: 'tune', [member]: Number(value) }, t('done.tune'));
});

/** Draws it. */
export function view([name]) {
  const machine = shop.machines.get(name);
  if (!machine) return h('p', { class: 'waiting' }, shop.isLoaded ? t('machine.unknown', { machine: name }) : t('loading'));
  const job = machine.job ? shop.jobs.get(machine.job) : null;
  return h('div', { class: 'machine' },
    h('div', { class: 'view-head' },
      h('a', { class: 'back', href: '#/' }, icon('back'), t('back', { place: t('nav.machines') })),
      h('h1', { tabindex: -1 }, name), machineState(machine), h('span', { class: 'grow' }), stopButton(name)),
    h('div', { class: 'sheets' },
      h('section', { class: `sheet plate tone-${machineTone(machine)} wide`, 'aria-label': t('now') },
        machine.job && h('div', { class: 'plate-job' }, picture(job?.file, 56), h('a', { class: 'job-name', href: `#/job/${machine.job}` }, job ? stem(job.name) : t('job.number', { job: machine.job }))),
        machine.progress && progressRuler(machine.progress, t('progress.of', { machine: name })),
        needsBand(machine) ?? (!machine.job && h('p', { class: 'calm' }, t('calm'))),
        h('div', { class: 'plate-acts' }, jobButtons(job, machine))),
      camera.view(machine),
      temperatures(machine, name),
      may('operator') && moves(machine, name),
      may('member') && filament(machine, name),
      may('operator') && tuning(machine, name),
      may('operator') && macros(machine, name),
      wire.view(machine),
      linkSheet(),
      rows && sheet(t('history'), history(rows)),
      about(machine)));
}

function sheet(title, ...content) {
  return h('section', { class: 'sheet plate', 'data-key': title }, heading(title), content);
}

/** Why nothing is moved by hand now; null where it may be (safety rule 9). */
function barred(machine) {
  if (!isReachable(machine)) return t('barred.away');
  if (machine.phase !== 'idle') return t('barred.busy');
  return null;
}

function barredWords(reason) {
  return reason && h('p', { class: 'barred' }, icon('hand'), reason);
}

function temperatures(machine, name) {
  const away = isReachable(machine) ? null : t('barred.away');
  return sheet(t('temperatures'), heaterScales(machine), temperaturePlot(shop.samples.get(name) ?? []),
    may('operator') && h('div', { class: 'heat-rows' }, machine.heaters.map((heater) => {
      const isBed = heater.name === 'B';
      const id = `heat-${heater.name}`;
      return h('div', { class: 'heat-row', 'data-key': heater.name },
        h('label', { for: id }, heaterName(heater.name)),
        h('input', { id, type: 'number', inputmode: 'numeric', min: 0, max: isBed ? machine.settings.maxBed : machine.settings.maxTool, step: 1, value: heater.target || (isBed ? 60 : 210) }),
        button('heatTo', t('heat'), { data: { machine: name, heater: heater.name }, sign: 'flame', barred: away, name: t('heat.name', { heater: heaterName(heater.name) }) }));
    })),
    may('operator') && button('cool', t('cool'), { data: { machine: name }, barred: away }));
}

function moves(machine, name) {
  const reason = barred(machine);
  const jog = (axis, sign, by, words) => button('jog', '', { data: { machine: name, axis, by: by * step }, sign, look: 'square', name: words, barred: reason });
  const home = (axes, words) => button('home', words, { data: { machine: name, axes }, sign: axes ? null : 'home', look: 'small', barred: reason, name: t('home.name', { axes: axes || 'X Y Z' }) });
  const at = machine.position.length >= 3 ? ['X', 'Y', 'Z'].map((axis, index) => `${axis} ${machine.position[index].toFixed(1)}`).join('  ') : null;
  return sheet(t('moves'), barredWords(reason), at && h('p', { class: 'position' }, at),
    h('div', { class: 'steps', role: 'group', 'aria-label': t('step') }, STEPS.map((each) =>
      h('button', { type: 'button', class: 'button small', 'data-act': 'step', 'data-by': each, 'aria-pressed': String(each === step) }, `${each} mm`))),
    h('div', { class: 'pads' },
      h('div', { class: 'pad', role: 'group', 'aria-label': 'X Y' },
        jog('y', 'up', 1, t('jog', { to: 'Y+', step })), jog('x', 'left', -1, t('jog', { to: 'X−', step })),
        h('span', { class: 'pad-name', 'aria-hidden': 'true' }, 'XY'),
        jog('x', 'right', 1, t('jog', { to: 'X+', step })), jog('y', 'down', -1, t('jog', { to: 'Y−', step }))),
      h('div', { class: 'pad pad-z', role: 'group', 'aria-label': 'Z' },
        jog('z', 'up', 1, t('jog', { to: 'Z+', step })), h('span', { class: 'pad-name', 'aria-hidden': 'true' }, 'Z'), jog('z', 'down', -1, t('jog', { to: 'Z−', step })))),
    h('div', { class: 'row' }, home('', t('home.all')), ['X', 'Y', 'Z'].map((axis) => home(axis, axis))));
}

function filament(machine, name) {
  const reason = barred(machine);
  return sheet(t('filament'), barredWords(reason),
    h('div', { class: 'fields' },
      h('div', { class: 'field' }, h('label', { for: 'filament-target' }, t('filament.target')), h('input', { id: 'filament-target', type: 'number', min: 0, max: machine.settings.maxTool, value: 210 })),
      h('div', { class: 'field' }, h('label', { for: 'filament-length' }, t('filament.length')), h('input', { id: 'filament-length', type: 'number', min: 1, max: 2000, value: 50 }))),
    h('div', { class: 'row' },
      button('filament', t('load'), { data: { machine: name, word: 'load' }, sign: 'down', barred: reason }),
      button('filament', t('unload'), { data: { machine: name, word: 'unload' }, sign: 'up', barred: reason })));
}

function tuning(machine, name) {
  const reason = isReachable(machine) ? null : t('barred.away');
  const row = (member, max, value, unit) => h('div', { class: 'heat-row', 'data-key': member },
    h('label', { for: `tune-${member}` }, t(`tune.${member}`, { unit })),
    h('input', { id: `tune-${member}`, type: 'number', min: member === 'fan' ? 0 : 1, max, value }),
    button('tune', t('set'), { data: { machine: name, member }, barred: reason, name: t('set.name', { what: t(`tune.${member}`) }) }));
  const baby = (by) => button('tune', `Z ${by > 0 ? '+' : '−'}0.05`, { data: { machine: name, member: 'babystep', by }, look: 'small', barred: reason, name: t('tune.babystep', { by }) });
  return sheet(t('tune'), h('p', { class: 'hint' }, t('tune.words')), h('div', { class: 'heat-rows' }, row('speed', 999, 100), row('flow', 999, 100), row('fan', 255, 255)), h('div', { class: 'row' }, baby(-0.05), baby(0.05)));
}

function macros(machine, name) {
  const names = Object.keys(machine.settings.macros).sort();
  if (!names.length) return null;
  const reason = barred(machine);
  return sheet(t('macros'), barredWords(reason), h('div', { class: 'row' }, names.map((each) => button('macro', each, { data: { machine: name, name: each }, barred: reason }))));
}

function linkSheet() {
  if (!link) return null;
  return sheet(t('linkSheet'), h('p', { class: 'verdict' }, link.verdict.sentence),
    facts([[t('link.baud'), link.baudGranted ? `${link.baudGranted} baud` : null], [t('link.lines'), link.lines], [t('link.resends'), link.resends],
      [t('link.damaged'), link.damagedOut + link.damagedIn], [t('link.starved'), link.starvations ? `${link.starvations} × (${link.starvedSeconds.toFixed(1)} s)` : 0], [t('link.resets'), link.resets]]),
    histogram(link.roundTrips));
}

function about(machine) {
  const { settings } = machine;
  return sheet(t('about.machine'),
    facts([[t('about.port'), h('code', null, settings.port)], [t('about.firmware'), machine.firmware], [t('about.pool'), settings.pool],
      [t('about.volume'), `${settings.volume.join(' × ')} mm`],
      [t('about.tools'), settings.tools.map((tool) => [tool.nozzle && `${tool.nozzle} mm`, tool.material, tool.colour].filter(Boolean).join(' ')).join(', ')]]),
    may('operator') && h('div', { class: 'row' },
      machine.disabled ? button('enable', t('enable'), { data: { machine: settings.name } }) : button('disable', t('disable'), { data: { machine: settings.name }, look: 'small' }),
      isReachable(machine) && !machine.job && button('machine', t('disconnect'), { data: { machine: settings.name, word: 'disconnect' }, look: 'small' })));
}
