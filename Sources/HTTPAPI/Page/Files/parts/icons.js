/** Signs, drawn on a grid of 20. They accompany words and are hidden from screen readers. */
import { svg } from '../core/dom.js';

/** @type {Record<string, {line?: string, fill?: string}>} */
const drawings = {
  idle: { line: 'M10 4a6 6 0 1 1 0 12a6 6 0 1 1 0-12' },
  printing: { fill: 'M6 3.5v13l10.5-6.5z' },
  paused: { fill: 'M5 4h3.6v12H5zM11.4 4H15v12h-3.6z' },
  alert: { line: 'M10 8v4M10 14.4v.2', fill: '', outline: 'M10 3L18 16.5H2z' },
  dots: { fill: 'M3 10a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0M8.2 10a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0M13.4 10a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0' },
  away: { line: 'M5.8 14.2a6 6 0 0 1 8.4-8.4M16 10a6 6 0 0 1-7 5.9M3 17L17 3' },
  stop: { fill: 'M6.4 2h7.2L18 6.4v7.2L13.6 18H6.4L2 13.6V6.4z' },
  check: { line: 'M4 10.5l4 4l8-9' },
  cross: { line: 'M5 5l10 10M15 5L5 15' },
  hand: { line: 'M4.5 4.5h11v11h-11z' },
  queued: { line: 'M10 3.5L16.5 10L10 16.5L3.5 10z' },
  minus: { line: 'M10 3.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13M7 10h6' },
  question: { line: 'M7.4 7.6a2.7 2.7 0 1 1 3.9 2.4c-.9.5-1.3 1-1.3 2M10 14.6v.2M10 2.5L17.5 10L10 17.5L2.5 10z' },
  up: { line: 'M10 16V4M5 9l5-5l5 5' },
  down: { line: 'M10 4v12M5 11l5 5l5-5' },
  left: { line: 'M16 10H4M9 5l-5 5l5 5' },
  right: { line: 'M4 10h12M11 5l5 5l-5 5' },
  back: { line: 'M12 4l-6 6l6 6' },
  home: { line: 'M3 9.5L10 3.5l7 6M5 8.5V16h10V8.5' },
  machines: { line: 'M3.5 16.5V4h13v12.5M2 16.5h16M7 4v4h6V4M10 8v2.5M7 13.5h6' },
  queue: { line: 'M3 5h14M3 10h10M3 15h6' },
  files: { line: 'M5 2.5h6.5L15.5 6.5v11h-10.5zM11 3v4h4' },
  log: { line: 'M3.5 4.5h13v11h-13zM6 8l2 2l-2 2M10 12.5h4' },
  more: { line: 'M10 7a3 3 0 1 1 0 6a3 3 0 1 1 0-6M10 2v2.5M10 15.5v2.5M2 10h2.5M15.5 10h2.5M4.3 4.3l1.8 1.8M13.9 13.9l1.8 1.8M15.7 4.3l-1.8 1.8M6.1 13.9l-1.8 1.8' },
  people: { line: 'M7.5 4a2.6 2.6 0 1 1 0 5.2a2.6 2.6 0 1 1 0-5.2M2.5 16c0-3 2-4.8 5-4.8s5 1.8 5 4.8M13 4.4a2.5 2.5 0 0 1 0 4.7M14.3 11.4c2 .5 3.2 2.2 3.2 4.6' },
  plus: { line: 'M10 4v12M4 10h12' },
  grip: { fill: 'M6 5h2v2H6zM12 5h2v2h-2zM6 9h2v2H6zM12 9h2v2h-2zM6 13h2v2H6zM12 13h2v2h-2z' },
  flame: { line: 'M10 2.5c.5 3 4.5 4.5 4.5 9a4.5 4.5 0 0 1-9 0c0-2 1-3 1.8-4c.4 1.3 1 1.8 1.7 2c-.4-2.7-.2-5 1-7z' },
  bed: { line: 'M3 7h14M3 7v2h14V7M5 12c0 1-1 1-1 2s1 1 1 2M10 12c0 1-1 1-1 2s1 1 1 2M15 12c0 1-1 1-1 2s1 1 1 2' },
  link: { line: 'M4 7.5a8.5 8.5 0 0 1 12 0M6.5 10.5a5 5 0 0 1 7 0M10 14.2v.2' },
};

/** A sign by its name.
 * @param {string} name
 */
export function icon(name) {
  const drawing = drawings[name] ?? drawings.idle;
  return svg('svg', { class: 'icon', viewBox: '0 0 20 20', width: 20, height: 20, 'aria-hidden': 'true', focusable: 'false' },
    drawing.outline && svg('path', { d: drawing.outline, class: 'icon-outline' }),
    drawing.fill && svg('path', { d: drawing.fill, class: 'icon-fill' }),
    drawing.line && svg('path', { d: drawing.line, class: 'icon-line' }));
}
