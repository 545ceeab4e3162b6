/** Pictures of files: the slicer's thumbnail, else the one that the supervisor drew, else none. */
import { h } from '../core/dom.js';
import { redraw } from '../core/draw.js';

/** The address of a file's picture by its hash; an empty one while it is looked for and where there is none. */
const found = new Map();
const waiting = [];
let isLooking = false;

/** The picture of a file, once it is there. It says nothing that does not stand beside it.
 * @param {string | undefined} hash
 * @param {number} width
 * @param {number} height
 */
export function picture(hash, width, height = width, look = '') {
  if (!hash) return null;
  if (!found.has(hash)) {
    found.set(hash, '');
    waiting.push(hash);
    search();
  }
  const source = found.get(hash);
  return source ? h('img', { class: `picture ${look}`, src: source, alt: '', width, height, 'data-key': `picture-${hash}` }) : null;
}

/** Looks for one after the other, so that many files hold up nothing else. */
async function search() {
  if (isLooking) return;
  isLooking = true;
  for (let hash = waiting.shift(); hash; hash = waiting.shift()) {
    for (const source of [`/api/v1/files/${hash}/thumbnail?size=320`, `/api/v1/files/${hash}/picture`]) {
      if (await isThere(source)) {
        found.set(hash, source);
        redraw();
        break;
      }
    }
  }
  isLooking = false;
}

function isThere(source) {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
    image.src = source;
  });
}
