/** Names and values, and who did what. */
import { h } from '../core/dom.js';
import { t } from '../core/words.js';
import { clock } from '../core/format.js';

/** A list of facts; those without a value are left out.
 * @param {[string, any][]} rows
 */
export function facts(rows) {
  return h('dl', { class: 'facts' }, rows.filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false)
    .map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
}

/** A history, newest first; its own job is not named again. What was done stays in the supervisor's words. */
export function history(rows, job = null) {
  return h('ol', { class: 'history', tabindex: 0, 'aria-label': t('history') }, [...rows].reverse().map((row) =>
    h('li', null, h('time', { datetime: row.at }, clock(row.at, true)),
      h('p', null, h('b', null, row.what), row.why && ` · ${row.why}`, h('span', { class: 'who' }, t('by', { who: row.who })),
        row.job && row.job !== job && h('a', { href: `#/job/${row.job}` }, ` #${row.job}`)))));
}
