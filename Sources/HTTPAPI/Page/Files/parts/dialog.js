/** Questions in a dialog of the browser's own: it keeps the focus inside and closes with Escape. The stop comes along. */
import { h } from '../core/dom.js';
import { t } from '../core/words.js';
import { field, stopButton } from './controls.js';

/** Shows a form and answers its values, or null.
 * @param {string} title
 * @param {any[]} content
 * @param {{yes: string, no?: string | null, danger?: boolean}} words
 * @returns {Promise<FormData | null>}
 */
export function form(title, content, words) {
  return new Promise((resolve) => {
    const body = h('form', { method: 'dialog', class: 'dialog' },
      h('div', { class: 'dialog-head' }, h('h2', { id: 'dialog-title' }, title), stopButton(null)), content,
      h('div', { class: 'dialog-buttons' },
        words.no !== null && h('button', { type: 'button', class: 'button', onclick: () => dialog.close('') }, words.no ?? t('cancel')),
        h('button', { type: 'submit', value: 'yes', class: `button ${words.danger ? 'danger' : 'primary'}` }, words.yes)));
    const dialog = h('dialog', { 'aria-labelledby': 'dialog-title' }, body);
    dialog.addEventListener('close', () => {
      resolve(dialog.returnValue === 'yes' ? new FormData(body) : null);
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
    (body.querySelector('input, select, textarea') ?? body.querySelector('.dialog-buttons .button')).focus();
  });
}

/** Asks for a yes. */
export async function confirm(title, words, yes, no = t('cancel.no')) {
  return (await form(title, [h('p', null, words)], { yes, no, danger: true })) !== null;
}

/** Asks for a line of text; null where nothing was answered. */
export async function askFor(title, label, yes) {
  const answer = await form(title, [field(label, h('input', { name: 'text', id: 'dialog-text', maxlength: 200, autocomplete: 'off' }))], { yes });
  return answer === null ? null : String(answer.get('text')).trim();
}

/** Shows something that is seen once. */
export function show(title, content) {
  return form(title, content, { yes: t('close'), no: null });
}
