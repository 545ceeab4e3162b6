/** Round trips of a link by their logarithm, as bars with their words. */
import { h } from '../core/dom.js';
import { t } from '../core/words.js';
import { number } from '../core/format.js';

/** @param {number[]} counts member n counts 2^n to 2^(n+1) microseconds */
export function histogram(counts) {
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return null;
  const last = counts.findLastIndex((count) => count > 0);
  const most = Math.max(...counts);
  return h('table', { class: 'bars' },
    h('caption', null, t('link.roundTrips')),
    h('tbody', null, counts.slice(first, last + 1).map((count, index) =>
      h('tr', null, h('th', { scope: 'row' }, span(first + index)),
        h('td', null, h('i', { class: 'bar', style: { '--part': String(count / most) }, 'aria-hidden': 'true' }), h('span', null, number(count)))))));
}

function span(power) {
  const micros = 2 ** power;
  return micros < 1000 ? `≥ ${number(micros)} µs` : `≥ ${number(micros / 1000, micros < 10_000 ? 1 : 0)} ms`;
}
