/** Signing in. */
import * as api from '../core/api.js';
import { h } from '../core/dom.js';
import { identify } from '../core/shop.js';
import { language, languages, t } from '../core/words.js';
import { sentence } from '../core/notices.js';
import { redraw } from '../core/draw.js';
import { field } from '../parts/controls.js';
import { icon } from '../parts/icons.js';
import { begin } from '../main.js';

let failure = '';
let isBusy = false;

/** The whole page: nothing of the workshop is shown before somebody is known. */
export function page() {
  return h('div', { id: 'app', class: 'sign' },
    h('main', { id: 'main', class: 'sign-plate' },
      h('img', { src: new URL('../mark.svg', import.meta.url).pathname, alt: '', width: 48, height: 48 }),
      h('h1', { tabindex: -1 }, t('sign.title')),
      h('form', { onsubmit: enter, 'data-key': 'sign' },
        field(t('sign.name'), h('input', { id: 'sign-name', name: 'name', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', required: true })),
        field(t('sign.password'), h('input', { id: 'sign-password', name: 'password', type: 'password', autocomplete: 'current-password', required: true })),
        failure && h('p', { class: 'field-failure', role: 'alert' }, icon('alert'), failure),
        h('button', { type: 'submit', class: 'button primary wide', 'aria-busy': isBusy ? 'true' : null }, h('span', null, t('sign.in')))),
      h('p', { class: 'sign-languages' }, Object.entries(languages).map(([tag, words]) =>
        h('button', { type: 'button', class: 'button quiet', lang: tag, 'data-act': 'language', 'data-tag': tag, 'aria-pressed': String(tag === language()) }, words)))));
}

async function enter(event) {
  event.preventDefault();
  const form = event.currentTarget;
  if (isBusy) return;
  isBusy = true;
  failure = '';
  redraw();
  try {
    const body = new FormData(form);
    await api.post('/session', { name: String(body.get('name')).trim(), password: body.get('password') });
    await identify();
    form.reset();
    await begin();
  } catch (problem) {
    failure = sentence(problem);
  } finally {
    isBusy = false;
    redraw();
  }
}
