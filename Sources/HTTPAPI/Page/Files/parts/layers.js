/** A file's picture, and its toolpath layer by layer where the supervisor has read it. */
import * as api from '../core/api.js';
import { h } from '../core/dom.js';
import { redraw } from '../core/draw.js';
import { t } from '../core/words.js';
import { picture } from './pictures.js';
import { number } from '../core/format.js';

let of = '';
let list = null;
let chosen = null;

export const layers = {
  /** Reads which layers a file has. */
  open(hash) {
    if (of === hash) return;
    of = hash;
    list = chosen = null;
    api.get(api.at`/files/${hash}/layers`).then((value) => { if (of === hash) list = value.layers ?? null; redraw(); }, () => null);
  },
  /** Draws it; without a chosen layer the one that is printed now is shown. */
  view(hash, now) {
    const whole = picture(hash, 240, 180, 'wide-picture');
    if (of !== hash || !list?.length) return h('div', { class: 'layers' }, whole, h('p', { class: 'hint' }, t('layers.none')));
    const layer = Math.min(list.length, Math.max(1, chosen ?? now ?? list.length));
    const height = list[layer - 1]?.z;
    return h('div', { class: 'layers' },
      h('img', { class: 'layer', src: `/api/v1/files/${hash}/layers/${layer - 1}?format=svg`, alt: t('layer', { layer }), width: 320, height: 320, 'data-key': 'layer' }),
      h('div', { class: 'field' },
        h('label', { for: 'layer' }, t('layer.of', { layer, layers: list.length }), height !== undefined && ` · Z ${number(height, 2)} mm`),
        h('input', { id: 'layer', type: 'range', min: 1, max: list.length, value: layer, oninput: (event) => { chosen = Number(event.currentTarget.value); redraw(); } })));
  },
};
