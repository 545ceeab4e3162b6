/** What stands around every view: the way about, the state of the link, and the stop. */
import { h } from '../core/dom.js';
import { shop } from '../core/shop.js';
import { recall, remember, t } from '../core/words.js';
import { clock } from '../core/format.js';
import { button, stopButton } from './controls.js';
import { icon } from './icons.js';
import { needsOf } from './needs.js';

/** The places one can go to: address, words, sign. */
const places = [
  ['', 'nav.machines', 'machines'],
  ['queue', 'nav.queue', 'queue'],
  ['files', 'nav.files', 'files'],
  ['log', 'nav.log', 'log'],
  ['more', 'nav.more', 'more'],
];

/** The whole page around a view. */
export function frame(route, view) {
  return h('div', { id: 'app', class: 'app', 'data-link': shop.link },
    h('a', { class: 'skip', href: '#main', 'data-act': 'skip' }, t('skip')),
    h('header', { class: 'top' },
      h('a', { class: 'brand', href: '#/' }, h('img', { src: markPath(), alt: '', width: 28, height: 28 }), h('b', null, 'Fabline')),
      linkState(),
      stopButton(null, 'stop-all')),
    h('nav', { class: 'ways', 'aria-label': t('nav') }, places.map(([path, words, sign]) => way(route, path, words, sign))),
    h('div', { class: 'stage' }, shop.link === 'lost' && lostNotice(), drainNotice(),
      h('main', { id: 'main', tabindex: -1, class: shop.link === 'lost' ? 'stale' : '' },
        // Another view's elements are never made into this one's: they may have listeners.
        h('div', { 'data-key': `${route.name}/${route.rest.join('/')}` }, view))));
}

const markPath = () => new URL('../mark.svg', import.meta.url).pathname;

function way(route, path, words, sign) {
  const here = route.name === path || (route.parent ?? route.name) === path;
  const count = path === '' ? [...shop.machines.values()].filter((machine) => needsOf(machine).length).length : 0;
  return h('a', { href: `#/${path}`, 'aria-current': here ? 'page' : null },
    icon(sign), h('span', null, t(words)),
    count > 0 && h('span', { class: 'count' }, h('span', { 'aria-hidden': 'true' }, count), h('span', { class: 'unseen' }, t('needs.count', { count }))));
}

function linkState() {
  return h('p', { class: `link link-${shop.link}` }, h('i', { 'aria-hidden': 'true' }), h('span', null, t(`link.${shop.link}`)));
}

function lostNotice() {
  const seconds = shop.retryAt ? Math.max(1, Math.ceil((shop.retryAt - Date.now()) / 1000)) : 0;
  return h('div', { class: 'lost' }, icon('away'),
    h('p', null, h('b', null, t('lost')), ' ',
      shop.heardAt ? t('lost.since', { clock: clock(shop.heardAt, true) }) : '', ' ',
      h('span', { class: 'lost-next', 'aria-hidden': 'true' }, seconds ? t('lost.next', { seconds }) : t('lost.trying'))),
    button('retry', t('lost.retry')));
}

function drainNotice() {
  const drain = shop.status?.draining;
  if (!drain) return null;
  return h('div', { class: 'lost drain' }, icon('hand'), h('p', null, t('drain', { by: drain.by, clock: clock(drain.since) })));
}

/** Follows the system, or what was chosen here. */
export function takeTheme(choice) {
  if (choice) remember('fabline.theme', choice);
  const theme = choice ?? recall('fabline.theme') ?? 'system';
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  return theme;
}

/** The theme in use. */
export const theme = () => document.documentElement.dataset.theme ?? 'system';

