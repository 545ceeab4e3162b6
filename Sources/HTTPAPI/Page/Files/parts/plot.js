/** The last 15 minutes of a machine's temperatures, as a drawing that is drawn anew with each sample. */
import { h, svg } from '../core/dom.js';
import { t } from '../core/words.js';
import { heaterName } from './rulers.js';

const WIDTH = 600;
const HEIGHT = 220;
const LEFT = 50;
const BOTTOM = 30;
const SPAN = 900_000;

/** @param {import('../core/shop.js').Sample[]} samples */
export function temperaturePlot(samples, now = Date.now()) {
  const names = [...new Set(samples.flatMap((sample) => sample.heaters.map((heater) => heater.name)))];
  const top = Math.max(100, ...samples.flatMap((sample) => sample.heaters.flatMap((heater) => [heater.current, heater.target]))) * 1.08;
  const x = (at) => LEFT + (1 - (now - at) / SPAN) * (WIDTH - LEFT);
  const y = (value) => (HEIGHT - BOTTOM) * (1 - Math.max(0, value) / top);
  return h('figure', { class: 'plot' },
    svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': t('plot.words', { latest: latestWords(samples) }) },
      grid(top, y, x, now),
      names.map((name, index) => [
        svg('path', { class: `plot-target plot-${index}`, d: path(samples, name, 'target', x, y, (value) => value > 0) }),
        svg('path', { class: `plot-line plot-${index}`, d: path(samples, name, 'current', x, y, () => true) }),
      ])),
    h('figcaption', null, names.map((name, index) => h('span', { class: `plot-key plot-${index}` }, heaterName(name)))));
}

function grid(top, y, x, now) {
  const step = top > 150 ? 50 : 25;
  const lines = [];
  for (let value = 0; value < top; value += step) {
    lines.push(svg('path', { class: 'plot-grid', d: `M${LEFT} ${y(value).toFixed(1)}H${WIDTH}` }),
      svg('text', { x: LEFT - 8, y: y(value) + 4, 'text-anchor': 'end' }, `${value}°`));
  }
  for (const minutes of [15, 10, 5]) {
    lines.push(svg('text', { x: Math.max(LEFT, x(now - minutes * 60_000)), y: HEIGHT - 4, 'text-anchor': minutes === 15 ? 'start' : 'middle' }, t('plot.ago', { minutes })));
  }
  return [...lines, svg('text', { x: WIDTH, y: HEIGHT - 4, 'text-anchor': 'end' }, t('plot.now'))];
}

/** A line with a gap wherever nothing was heard for 20 s, or where nothing is to be drawn. */
function path(samples, name, member, x, y, isDrawn) {
  let text = '';
  let last = null;
  for (const { at, heaters } of samples) {
    const value = heaters.find((heater) => heater.name === name)?.[member];
    if (value === undefined || !isDrawn(value)) {
      last = null;
      continue;
    }
    text += `${last === null || at - last > 20_000 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    last = at;
  }
  return text;
}

function latestWords(samples) {
  return (samples.at(-1)?.heaters ?? []).map((heater) => `${heaterName(heater.name)} ${Math.round(heater.current)}°`).join(', ');
}
