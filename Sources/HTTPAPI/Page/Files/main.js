/** Starts the page: language, session, stream; then draws the view of the address whenever something changed. */
import { morph } from './core/dom.js';
import { listen, provide } from './core/acts.js';
import { drawsWith, redraw } from './core/draw.js';
import { fail, say } from './core/notices.js';
import { follow, identify, onChange, shop } from './core/shop.js';
import { preferred, speak, t } from './core/words.js';
import { frame, takeTheme } from './parts/frame.js';
import { phaseWords } from './parts/states.js';
import * as machines from './views/machines.js';

/** Views by the first word of the address; all but the first are read when they are gone to. */
const views = {
  '': { module: machines },
  machine: { load: () => import('./views/machine.js'), parent: '' },
  queue: { load: () => import('./views/queue.js') },
  job: { load: () => import('./views/job.js'), parent: 'queue' },
  submit: { load: () => import('./views/submit.js'), parent: 'queue' },
  files: { load: () => import('./views/files.js') },
  log: { load: () => import('./views/log.js') },
  more: { load: () => import('./views/more.js') },
};

let route = { name: '', rest: [], parent: undefined };
let current = null;
let signIn = null;

/** Reads the address. */
function here() {
  const [name = '', ...rest] = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  return { name: name in views ? name : '', rest, parent: views[name]?.parent };
}

/** Goes where the address says. */
async function go() {
  route = here();
  const entry = views[route.name];
  try {
    entry.module ??= await entry.load();
  } catch (problem) {
    return fail(problem);
  }
  current?.left?.();
  current = entry.module;
  current.entered?.(route.rest);
  draw();
  scrollTo(0, 0);
  document.querySelector('main h1')?.focus({ preventScroll: true });
}

function draw() {
  const app = document.getElementById('app');
  if (!shop.session) {
    if (signIn) morph(app, signIn.page());
    document.title = t('sign.title');
    return;
  }
  if (!current) return;
  morph(app, frame(route, current.view(route.rest)));
  if (shop.isLoaded && !performance.getEntriesByName('fabline-usable').length) {
    performance.mark('fabline-usable');
    // The other views come while this one is looked at.
    setTimeout(() => import('./views/queue.js').catch(() => null), 500);
  }
  const pressing = [...shop.machines.values()].filter((machine) => machine.prompt || machine.phase === 'needsAttention').length;
  document.title = `${pressing ? `(${pressing}) ` : ''}${current.title(route.rest)} – Fabline`;
}

/** Says state changes aloud, never figures. */
let spoken = new Map();
function announce() {
  if (!shop.isLoaded || shop.link !== 'live') return;
  const now = new Map([...shop.machines.values()].map((machine) => [machine.settings.name, phaseWords(machine)]));
  const news = [...now].filter(([name, words]) => spoken.has(name) && spoken.get(name) !== words).map(([name, words]) => `${name}: ${words}`);
  if (news.length) say(news.join('. '));
  spoken = now;
}

async function needSignIn() {
  signIn = await import('./views/signin.js');
  draw();
}

async function start() {
  takeTheme();
  // What is to be shown is asked for beside who asks: nobody waits for the one to ask for the other.
  follow();
  const [, session] = await Promise.all([speak(preferred()), identify().catch((problem) => problem)]);
  listen(document);
  provide('skip', () => document.getElementById('main')?.focus());
  drawsWith(draw);
  let wasLost = false;
  onChange((event) => {
    if (!shop.session && !signIn) needSignIn();
    if (event === null) announce();
    if ((shop.link === 'lost') !== wasLost) {
      wasLost = !wasLost;
      say(t(wasLost ? 'lost' : 'lost.over'), wasLost);
    }
    redraw();
  });
  addEventListener('hashchange', go);
  setInterval(() => (shop.link === 'lost' ? redraw() : null), 1000);
  if (session instanceof Error) fail(session);
  if (!shop.session) await needSignIn();
  await go();
}

/** After signing in the page begins as if it were opened. */
export async function begin() {
  signIn = null;
  follow();
  await go();
}

start();
