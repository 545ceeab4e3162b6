/** Buttons whose act stands in `core/acts.js`, and fields with their words. */
import { h } from '../core/dom.js';
import { t } from '../core/words.js';
import { icon } from './icons.js';

/** Acts that are under way, by what they are. */
export const busy = new Set();

/** The name under which an act is under way. */
export const actKey = (act, data) => act + JSON.stringify(Object.entries(data ?? {}).sort());

/**
 * A button. With `barred` it stays reachable and says why it does nothing.
 * @param {string} act
 * @param {string} label
 * @param {{data?: Record<string, any>, look?: string, sign?: string, barred?: string | null | false, name?: string, key?: string, expanded?: boolean}} [more]
 */
export function button(act, label, more = {}) {
  const data = Object.fromEntries(Object.entries(more.data ?? {}).filter(([, value]) => value !== undefined && value !== null));
  const isBusy = busy.has(actKey(act, Object.fromEntries(Object.entries(data).map(([key, value]) => [key, String(value)]))));
  const attributes = Object.fromEntries(Object.entries(data).map(([key, value]) => [`data-${key}`, value]));
  return h('button', {
    type: 'button', class: `button ${more.look ?? ''}`, 'data-act': act, ...attributes,
    'data-key': more.key, 'aria-label': more.name, title: more.barred || more.title || null,
    'aria-disabled': more.barred ? 'true' : null, 'data-barred': more.barred || null,
    'aria-busy': isBusy ? 'true' : null, 'aria-expanded': more.expanded === undefined ? null : String(more.expanded),
  }, more.sign && icon(more.sign), label && h('span', null, label));
}

/** The stop of one machine or, without a name, of all: one tap, whatever else goes on. */
export function stopButton(machine, look = '') {
  return h('button', {
    type: 'button', class: `stop ${look}`, 'data-act': 'estop', 'data-machine': machine ?? null,
    'aria-label': machine ? t('stop.machine', { machine }) : t('stop.all'), title: machine ? t('stop.machine', { machine }) : t('stop.all'),
  }, icon('stop'), h('span', null, machine ? t('stop') : t('stop.all')));
}

let fields = 0;

/** A field with its label and, where there is one, a hint. */
export function field(label, control, hint) {
  const id = control.id || `field-${(fields += 1)}`;
  control.id = id;
  if (hint) control.setAttribute('aria-describedby', `${id}-hint`);
  return h('div', { class: 'field' }, h('label', { for: id }, label), control, hint && h('p', { class: 'hint', id: `${id}-hint` }, hint));
}

/** A list to choose from.
 * @param {string} name
 * @param {[string, string][]} options value and words
 */
export function choice(name, options, chosen) {
  return h('select', { name }, options.map(([value, words]) => h('option', { value, selected: value === chosen }, words)));
}

/** A sentence where a list is empty. */
export const empty = (text, ...more) => h('div', { class: 'empty' }, h('p', null, text), ...more);

/** A heading of a part. */
export const heading = (text, ...more) => h('div', { class: 'part-head' }, h('h2', null, text), ...more);
