/** The stored files, with their pictures. */
import * as api from '../core/api.js';
import { h } from '../core/dom.js';
import { provide } from '../core/acts.js';
import { redraw } from '../core/draw.js';
import { may } from '../core/shop.js';
import { t } from '../core/words.js';
import { bytes, clock, duration, number, stem } from '../core/format.js';
import { picture } from '../parts/pictures.js';
import { button, empty, field } from '../parts/controls.js';

let files = null;
let next = null;
let wanted = '';

export const title = () => t('nav.files');

export async function entered() {
  files = null;
  wanted = '';
  await more();
}

async function more() {
  const page = await api.get(`/files?limit=60${next && files ? `&after=${encodeURIComponent(next)}` : ''}`);
  files = [...(files ?? []), ...page.items];
  next = page.next ?? null;
  redraw();
}

provide('moreFiles', more);
provide('removeFile', async ({ hash, name }) => {
  const { confirm } = await import('../parts/dialog.js');
  if (!(await confirm(t('file.remove', { name }), t('file.remove.words'), t('file.remove.yes'), t('cancel')))) return;
  await api.remove(api.at`/files/${hash}`);
  files = files.filter((file) => file.hash !== hash);
});

/** Draws it. */
export function view() {
  const shown = files?.filter((file) => file.name.toLowerCase().includes(wanted.toLowerCase()));
  return h('div', { class: 'files' },
    h('div', { class: 'view-head' }, h('h1', { tabindex: -1 }, t('nav.files')), h('span', { class: 'grow' }), may('member') && h('a', { class: 'button primary', href: '#/submit' }, t('submit'))),
    !files ? h('p', { class: 'waiting' }, t('loading')) : [
      h('div', { class: 'filters' }, field(t('files.search'), h('input', { id: 'files-search', type: 'search', oninput: (event) => { wanted = event.currentTarget.value; redraw(); } }))),
      shown.length ? h('ul', { class: 'cards' }, shown.map(card)) : empty(t('files.none')),
      next && h('div', { class: 'row' }, button('moreFiles', t('more.items'))),
    ]);
}

function card(file) {
  const facts = file.metadata;
  return h('li', { class: 'plate file', 'data-key': file.hash },
    picture(file.hash, 200, 150, 'wide-picture'),
    h('h2', null, stem(file.name)),
    h('p', { class: 'job-facts' }, [facts.seconds && duration(facts.seconds), facts.layers && t('layers.count', { count: facts.layers }), facts.filamentGrams && `${number(facts.filamentGrams, 1)} g`, facts.materials?.join(', '), bytes(file.size)].filter(Boolean).join(' · ')),
    h('p', { class: 'job-facts' }, `${file.submitter} · ${clock(file.createdAt)}`),
    h('div', { class: 'row' },
      may('member') && h('a', { class: 'button small', href: `#/submit/${file.hash}`, 'aria-label': t('print.name', { name: stem(file.name) }) }, t('print')),
      may('operator') && button('removeFile', t('remove'), { data: { hash: file.hash, name: file.name }, look: 'small quiet', name: t('remove.name', { name: stem(file.name) }) })));
}
