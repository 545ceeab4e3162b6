/** Language, light and dark, who is here; people and tokens for administrators; the supervisor itself. */
import * as api from '../core/api.js';
import { h } from '../core/dom.js';
import { provide } from '../core/acts.js';
import { redraw } from '../core/draw.js';
import { may, shop } from '../core/shop.js';
import { language, languages, t } from '../core/words.js';
import { clock } from '../core/format.js';
import { notice } from '../core/notices.js';
import { button, choice, field, heading } from '../parts/controls.js';
import { facts } from '../parts/facts.js';
import { theme } from '../parts/frame.js';

const ROLES = ['viewer', 'member', 'operator', 'admin'];
let people = null;
let tokens = null;
let asking = [];

export const title = () => t('nav.more');

export async function entered() {
  people = tokens = null;
  asking = [];
  const list = (path) => api.get(path).then((page) => page.items, () => null);
  [tokens, asking, people] = await Promise.all([list('/tokens'), list('/tokens/requests').then((items) => items ?? []), may('admin') ? list('/users') : null]);
  redraw();
}

provide('addPerson', async () => {
  const { form } = await import('../parts/dialog.js');
  const answer = await form(t('people.add'), [
    field(t('sign.name'), h('input', { name: 'name', id: 'person-name', required: true, autocomplete: 'off', autocapitalize: 'none' })),
    field(t('role'), choice('role', ROLES.map((role) => [role, t(`role.${role}`)]), 'member')),
    field(t('sign.password'), h('input', { name: 'password', id: 'person-password', type: 'password', required: true, autocomplete: 'new-password' })),
  ], { yes: t('add') });
  if (!answer) return;
  await api.post('/users', Object.fromEntries(answer));
  await entered();
});
provide('person', async ({ name, role, disabled }) => {
  await api.patch(api.at`/users/${name}`, role ? { role } : { disabled: disabled === 'yes' });
  await entered();
});
provide('removePerson', async ({ name }) => {
  const { confirm } = await import('../parts/dialog.js');
  if (!(await confirm(t('people.remove', { name }), t('people.remove.words'), t('remove'), t('cancel')))) return;
  await api.remove(api.at`/users/${name}`);
  await entered();
});
provide('addToken', async () => {
  const { askFor, show } = await import('../parts/dialog.js');
  const name = await askFor(t('tokens.add'), t('tokens.name'), t('add'));
  if (!name) return;
  const made = await api.post('/tokens', { name });
  await show(t('tokens.made'), [h('p', null, t('tokens.once')), h('p', null, h('code', { class: 'secret', tabindex: 0 }, made.secret))]);
  await entered();
});
provide('revoke', async ({ id }) => {
  await api.remove(api.at`/tokens/${id}`);
  notice('done', t('tokens.revoked'));
  await entered();
});
provide('decideKey', async ({ id, allow }) => {
  await api.post(api.at`/tokens/requests/${id}`, { allow: allow === 'yes' });
  notice('done', allow === 'yes' ? t('asking.allowed') : t('asking.denied'));
  await entered();
});

/** Draws it. */
export function view() {
  return h('div', { class: 'more' },
    h('div', { class: 'view-head' }, h('h1', { tabindex: -1 }, t('nav.more'))),
    h('div', { class: 'sheets' },
      h('section', { class: 'sheet plate' }, heading(t('look')),
        h('fieldset', null, h('legend', { class: 'legend' }, 'Language · 언어'), h('div', { class: 'row' }, Object.entries(languages).map(([tag, words]) =>
          h('button', { type: 'button', class: 'button', lang: tag, 'data-act': 'language', 'data-tag': tag, 'aria-pressed': String(tag === language()) }, words)))),
        h('fieldset', null, h('legend', { class: 'legend' }, t('theme')), h('div', { class: 'row' }, ['system', 'light', 'dark'].map((each) =>
          h('button', { type: 'button', class: 'button', 'data-act': 'theme', 'data-choice': each, 'aria-pressed': String(each === theme()) }, t(`theme.${each}`)))))),
      h('section', { class: 'sheet plate' }, heading(t('you')),
        facts([[t('sign.name'), shop.session.name], [t('role'), t(`role.${shop.session.role}`)]]), h('p', { class: 'hint' }, t(`role.${shop.session.role}.words`)),
        h('div', { class: 'row' }, button('leave', t('sign.out')))),
      asking.length > 0 && askingSheet(), people && peopleSheet(), tokens && tokensSheet(),
      shop.status && h('section', { class: 'sheet plate' }, heading(t('supervisor')),
        facts([[t('version'), shop.status.version], [t('since'), clock(shop.status.startedAt)], [t('inhibitor'), shop.status.inhibitor], [t('storeSetAside'), shop.status.storeSetAside]]),
        may('admin') && (shop.status.draining
          ? button('drain', t('drain.off'), { data: { on: 'no' }, look: 'primary' })
          : button('drain', t('drain.on'), { data: { on: 'yes' } })))));
}

function peopleSheet() {
  return h('section', { class: 'sheet plate wide' }, heading(t('people'), button('addPerson', t('people.add'), { look: 'small', sign: 'plus' })),
    h('ul', { class: 'lines' }, people.map((person) => h('li', { 'data-key': person.name },
      h('p', null, h('b', null, person.name), ` · ${t(`role.${person.role}`)}`, person.disabled && ` · ${t('people.disabled')}`),
      h('div', { class: 'row' },
        ROLES.filter((role) => role !== person.role).map((role) => button('person', t(`role.${role}`), { data: { name: person.name, role }, look: 'small quiet', name: t('people.make', { name: person.name, role: t(`role.${role}`) }) })),
        button('person', person.disabled ? t('people.enable') : t('people.disable'), { data: { name: person.name, disabled: person.disabled ? 'no' : 'yes' }, look: 'small' }),
        button('removePerson', t('remove'), { data: { name: person.name }, look: 'small', name: t('remove.name', { name: person.name }) }))))));
}

/** Programs that ask for a key: whoever opened this page from one of them finds it here. */
function askingSheet() {
  return h('section', { class: 'sheet plate wide' }, heading(t('asking')), h('p', { class: 'hint' }, t('asking.words')),
    h('ul', { class: 'lines' }, asking.map((each) => h('li', { 'data-key': `asking-${each.id}` },
      h('p', null, h('b', null, each.app), ` · ${each.address} · ${clock(each.askedAt)}`, each.user && ` · ${each.user}`),
      h('div', { class: 'row' },
        button('decideKey', t('asking.allow'), { data: { id: each.id, allow: 'yes' }, look: 'small primary', name: t('asking.allowName', { name: each.app }) }),
        button('decideKey', t('asking.deny'), { data: { id: each.id, allow: 'no' }, look: 'small', name: t('asking.denyName', { name: each.app }) }))))));
}

function tokensSheet() {
  return h('section', { class: 'sheet plate wide' }, heading(t('tokens'), button('addToken', t('tokens.add'), { look: 'small', sign: 'plus' })), h('p', { class: 'hint' }, t('tokens.words')),
    h('ul', { class: 'lines' }, tokens.map((token) => h('li', { 'data-key': token.id ?? token.name },
      h('p', null, h('b', null, token.name), token.owner && ` · ${token.owner}`, ` · ${token.lastUsedAt ? t('tokens.used', { clock: clock(token.lastUsedAt) }) : t('tokens.unused')}`),
      button('revoke', t('tokens.revoke'), { data: { id: token.id ?? token.name }, look: 'small', name: t('tokens.revokeName', { name: token.name }) })))));
}
