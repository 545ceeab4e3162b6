/**
 * A machine's camera: the newest picture, asked for only while somebody can see it. A stream is read by hand and not left to
 * the image, because an image that shows a stream does not tell when nothing comes any more.
 */
import * as api from '../core/api.js';
import { h } from '../core/dom.js';
import { redraw } from '../core/draw.js';
import { sentence } from '../core/notices.js';
import { t } from '../core/words.js';
import { heading } from './controls.js';

/** Milliseconds between single pictures, before the next try after a failure, and without a byte until a stream counts as dead. */
const EVERY = 2000;
const AGAIN = 8000;
const SILENCE = 20_000;

let of = null;
let source = '';
let trouble = '';
let abort = null;
let timer = 0;

export const camera = {
  /** Draws it; null where the machine has none. */
  view(machine) {
    const name = machine.settings.name;
    if (!machine.camera) {
      camera.stop();
      return null;
    }
    if (of?.name !== name || of.isStream !== machine.camera.stream) {
      camera.stop();
      of = { name, isStream: machine.camera.stream };
      run();
    }
    return h('section', { class: 'sheet plate camera', 'data-key': 'camera' }, heading(t('camera')),
      source ? h('img', { class: trouble ? 'old' : '', src: source, alt: t('camera.alt', { machine: name }), 'data-key': 'camera-picture' })
        : h('p', { class: 'hint' }, trouble ? null : t('loading')),
      trouble && h('p', { class: 'barred' }, trouble));
  },
  /** The view is left: nothing is asked any more. */
  stop() {
    pause();
    of = null;
    trouble = '';
    if (source) URL.revokeObjectURL(source);
    source = '';
  },
};

document.addEventListener('visibilitychange', () => {
  if (document.hidden) pause();
  else if (of) run();
});

function pause() {
  clearTimeout(timer);
  abort?.abort();
  abort = null;
}

/** Asks, and again after a while. */
async function run() {
  pause();
  if (document.hidden) return;
  const mine = (abort = new AbortController());
  let wait = EVERY;
  try {
    const path = api.at`/api/v1/machines/${of.name}/camera` + (of.isStream ? '/stream' : '');
    const alive = alarm(mine);
    try {
      const response = await fetch(path, { signal: mine.signal, cache: 'no-store', credentials: 'same-origin' });
      if (!response.ok) await api.answer(response);
      if (of.isStream) await read(response.body, alive);
      else show(await response.blob());
    } finally {
      alive(false);
    }
  } catch (problem) {
    // Whoever paused it or looks at something else now wants no word about it.
    if (mine !== abort) return;
    trouble = problem.status ? sentence(problem) : t('camera.lost');
    wait = AGAIN;
    redraw();
  }
  if (mine === abort) timer = setTimeout(run, wait);
}

/** Ends a request that gives nothing for long; called with each sign of life, and with false at the end. */
function alarm(controller) {
  let timer = 0;
  const alive = (goes = true) => {
    clearTimeout(timer);
    if (goes) timer = setTimeout(() => controller.abort(), SILENCE);
  };
  alive();
  return alive;
}

/** Shows the pictures of a stream; its framing is Fabline's own: a length with each part. */
async function read(body, alive) {
  const reader = body.getReader();
  let held = new Uint8Array(0);
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error('the stream ended');
    alive();
    held = join(held, value);
    for (let part = cut(held); part; part = cut(held)) {
      held = part.rest;
      show(part.picture);
    }
  }
}

function join(one, other) {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** The first whole part of what is held; null where it is not all there. */
function cut(held) {
  const head = new TextDecoder('latin1').decode(held.subarray(0, 300));
  const end = head.indexOf('\r\n\r\n') + 4;
  const size = Number(/content-length: (\d+)/i.exec(head.slice(0, end))?.[1]);
  if (end < 4 || !(held.length >= end + size)) return null;
  const type = /content-type: (image\/\w+)/i.exec(head)?.[1];
  return { picture: new Blob([held.subarray(end, end + size)], { type }), rest: held.slice(end + size) };
}

/** Puts a picture in place of the one before it, without drawing the rest of the page. */
function show(picture) {
  const old = source;
  const isBack = !old || trouble;
  source = URL.createObjectURL(picture);
  trouble = '';
  const image = document.querySelector('.camera img');
  if (image && !isBack) image.src = source;
  else redraw();
  if (old) URL.revokeObjectURL(old);
}
