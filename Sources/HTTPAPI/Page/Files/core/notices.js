/** What the page tells in passing: what an act led to, and state changes for those who listen instead of look. */
import { h } from './dom.js';
import { t } from './words.js';
import { icon } from '../parts/icons.js';

const STAYS = 4500;
const MOST = 2;

/** Shows a notice; a failure or a warning stays until it is closed.
 * @param {'done' | 'warning' | 'failure'} kind
 * @param {string} text
 */
export function notice(kind, text) {
  const list = document.getElementById('notices');
  if (!list) return;
  const close = h('button', { type: 'button', class: 'notice-close', 'aria-label': t('close') }, icon('cross'));
  const item = h('div', { class: `notice notice-${kind}` }, icon({ done: 'check', warning: 'alert', failure: 'alert' }[kind]), h('p', null, text), close);
  close.addEventListener('click', () => item.remove());
  list.append(item);
  while (list.children.length > MOST) list.firstElementChild.remove();
  if (kind === 'done') setTimeout(() => item.remove(), STAYS);
  say(text, kind !== 'done');
}

/** The sentence of a failed request. */
export function sentence(problem) {
  if (problem.status === 0) return t('problem.unreachable');
  if (problem.detail || problem.message) return problem.message;
  return t('problem.status', { status: problem.status });
}

/** Tells of a failure. */
export function fail(problem) {
  if (problem.name === 'AbortError') return;
  notice('failure', sentence(problem));
}

/** Says something to a screen reader. */
export function say(text, urgent = false) {
  const region = document.getElementById(urgent ? 'urgent' : 'polite');
  if (region) region.textContent = region.textContent === text ? text + ' ' : text;
}
