/**
 * Elements from values, and a tree brought up to date without losing focus, selection or what was typed.
 * Views build a fresh tree of what should be there; `morph` changes what is there into it.
 */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @typedef {Node | string | number | null | undefined | false | Child[]} Child
 */

/** Makes an element. `class`, `data-…`, `aria-…` are attributes; `style` is an object of custom properties.
 * @param {string} name
 * @param {Record<string, any> | null} [members]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(name, members, ...children) {
  return /** @type {HTMLElement} */ (dress(document.createElement(name), members, children));
}

/** Makes an element of a drawing. */
export function svg(name, members, ...children) {
  return dress(document.createElementNS(SVG, name), members, children);
}

function dress(element, members, children) {
  for (const [key, value] of Object.entries(members ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === 'style') for (const [name, each] of Object.entries(value)) element.style.setProperty(name, each);
    else if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child instanceof Node ? child : String(child));
  }
}

/** Makes `from` what `to` is. Elements with `data-own` are left to whoever fills them.
 * @param {Node} from
 * @param {Node} to
 */
export function morph(from, to) {
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName || keyOf(from) !== keyOf(to)) {
    from.parentNode?.replaceChild(to, from);
    return;
  }
  if (from.nodeType === Node.TEXT_NODE) {
    if (from.data !== to.data) from.data = to.data;
    return;
  }
  attributes(from, to);
  if (!from.hasAttribute('data-own')) morphChildren(from, to);
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.getAttribute('data-key') : null;
}

/** What belongs to the person and not to the view: whether something is unfolded. */
const theirs = new Set(['open']);

function attributes(from, to) {
  for (const { name } of [...from.attributes]) {
    if (name !== 'style' && !theirs.has(name) && !to.hasAttribute(name)) from.removeAttribute(name);
  }
  for (const { name, value } of [...to.attributes]) {
    if (name !== 'style' && from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  // The attribute may not be written under the page's policy; the object may.
  if (from.style && from.style.cssText !== to.style.cssText) from.style.cssText = to.style.cssText;
}

function morphChildren(from, to) {
  const keyed = new Map();
  for (const child of from.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  let here = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = keyOf(wanted);
    const known = key ? keyed.get(key) : null;
    if (known) {
      if (known === here) here = here.nextSibling;
      else place(from, known, here);
      morph(known, wanted);
    } else if (here && !key && !keyOf(here)) {
      const next = here.nextSibling;
      morph(here, wanted);
      here = next;
    } else {
      from.insertBefore(wanted, here);
    }
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
}

/** Moves a child without taking the focus from what is in it. */
function place(parent, child, before) {
  const focused = child.contains(document.activeElement) ? document.activeElement : null;
  parent.insertBefore(child, before);
  focused?.focus({ preventScroll: true });
}
