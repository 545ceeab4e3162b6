/** Pictures of files: the slicer's thumbnail, else the one that the supervisor drew, else none. */
import { h } from '../core/dom.js';
import { redraw } from '../core/draw.js';

/** How many sources of a file's picture were tried in vain, by its hash. */
const missing = new Map();
const sources = [(hash) => `/api/v1/files/${hash}/thumbnail?size=320`, (hash) => `/api/v1/files/${hash}/picture`];

/** The picture of a file, or nothing where there is none. It says nothing that does not stand beside it.
 * @param {string | undefined} hash
 * @param {number} width
 * @param {number} height
 */
export function picture(hash, width, height = width, look = '') {
  const source = hash && sources[missing.get(hash) ?? 0];
  if (!source) return null;
  return h('img', { class: `picture ${look}`, src: source(hash), alt: '', width, height, loading: 'lazy', 'data-file': hash, 'data-key': `picture-${hash}-${missing.get(hash) ?? 0}` });
}

/** Takes the next source, once, where one is missing. */
export function listenForMissing(root) {
  root.addEventListener('error', (event) => {
    const hash = event.target.dataset?.file;
    if (!hash) return;
    missing.set(hash, (missing.get(hash) ?? 0) + 1);
    redraw();
  }, true);
}
