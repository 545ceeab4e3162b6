/**
 * What is known of the workshop: a snapshot by requests, kept current by events. Views read it; nobody but this file
 * writes it. Whoever wants to know that something changed says so with `onChange`.
 */
import * as api from './api.js';
import { Live } from './live.js';

/** @typedef {{at: number, heaters: {name: string, current: number, target: number}[]}} Sample */

export const shop = {
  /** @type {{name: string, role: string, csrf?: string} | null} */
  session: null,
  /** `connecting`, `live` or `lost`. */
  link: 'connecting',
  /** When the last word came, and when the next try is. */
  heardAt: 0,
  retryAt: null,
  isLoaded: false,
  /** @type {Map<string, any>} */
  machines: new Map(),
  /** @type {Map<number, any>} */
  jobs: new Map(),
  /** @type {any} */
  status: null,
  /** @type {Map<string, Sample[]>} temperatures of the last 15 minutes */
  samples: new Map(),
  /** @type {any[]} log lines that came since the page was opened, newest last */
  lines: [],
};

const OPEN = '/jobs?places=yes&state=queued,held,printing,paused,needsAttention,uncertain';
const KEPT = 900_000;
const listeners = new Set();
let live = null;

/** Calls `listener` with every event and after every change. */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed(event = null) {
  for (const listener of listeners) listener(event);
}

/** Asks who is here; null where nobody is signed in. */
export async function identify() {
  try {
    shop.session = await api.get('/session');
  } catch (problem) {
    if (problem.status !== 401 && problem.status !== 403) throw problem;
    shop.session = null;
  }
  api.trust(shop.session?.csrf);
  return shop.session;
}

/** Starts to follow what happens. */
export function follow() {
  live?.end();
  live = new Live('/api/v1/events', { event: take, state: linkChanged, refused: signedOut });
  live.open();
  // A phone far away waits a turn less; once the stream is there, all of it is read again.
  if (!shop.isLoaded) load().catch(() => null);
}

/** Tries again at once. */
export function retry() {
  live?.open();
}

/** Signs out here and there. */
export async function leave() {
  live?.end();
  live = null;
  await api.remove('/session').catch(() => null);
  signedOut();
}

function signedOut() {
  live?.end();
  live = null;
  shop.session = null;
  api.trust('');
  shop.machines.clear();
  shop.jobs.clear();
  shop.isLoaded = false;
  changed();
}

addEventListener('offline', () => live?.cut());
addEventListener('online', () => live?.open());

function linkChanged(state, retryAt) {
  shop.retryAt = retryAt;
  if (state === 'live') {
    // What was missed is not looked for: everything is read anew.
    load().then(() => { shop.link = 'live'; changed(); }, () => live?.cut());
  } else if (shop.link !== state && !(state === 'connecting' && shop.link === 'lost')) {
    shop.link = state;
  }
  changed();
}

/** Reads everything that the first page needs. */
async function load() {
  const [machines, jobs, status] = await Promise.all([api.all('/machines'), api.all(OPEN), api.get('/status')]);
  shop.machines = new Map(machines.map((machine) => [machine.settings.name, machine]));
  shop.jobs = new Map(jobs.map((job) => [job.id, job]));
  shop.status = status;
  for (const machine of machines) sample(machine.settings.name, machine.heaters);
  shop.isLoaded = true;
  shop.heardAt = Date.now();
  changed();
  const open = new Set(jobs.map((job) => job.id));
  await Promise.all([...new Set(machines.map((machine) => machine.bedJob))].filter((id) => id && !open.has(id)).map(readJob));
}

function take(event) {
  shop.heardAt = Date.now();
  const machine = shop.machines.get(event.machine);
  switch (event.kind) {
    case 'progress':
      if (machine) {
        machine.progress = event.progress;
        machine.job = event.job ?? machine.job;
      }
      break;
    case 'heaters':
      if (machine) machine.heaters = event.heaters;
      sample(event.machine, event.heaters ?? []);
      break;
    case 'machine': case 'prompt': case 'device':
      if (event.machine) soon(`machine ${event.machine}`, () => readMachine(event.machine));
      if (event.job) soon(`job ${event.job}`, () => readJob(event.job));
      break;
    case 'job':
      soon(`job ${event.job}`, () => readJob(event.job));
      soon('queue', readQueue);
      if (event.machine) soon(`machine ${event.machine}`, () => readMachine(event.machine));
      break;
    case 'drain':
      soon('status', async () => { shop.status = await api.get('/status'); });
      break;
    case 'gap': case 'dropped':
      soon('all', load);
      break;
    case 'log': case 'fault':
      shop.lines.push(event);
      if (shop.lines.length > 1000) shop.lines.splice(0, 200);
      break;
  }
  changed(event);
}

const waiting = new Set();

/** Reads once for a burst of events. */
function soon(what, read) {
  if (waiting.has(what)) return;
  waiting.add(what);
  setTimeout(async () => {
    waiting.delete(what);
    try {
      await read();
    } catch {
      // The stream tells whether the link is lost; the next event reads again.
    }
    changed();
  }, 60);
}

/** Takes what the supervisor answered of itself. */
export function takeStatus(status) {
  shop.status = status;
  changed();
}

/** Reads one machine again. */
export async function readMachine(name) {
  try {
    const machine = await api.get(api.at`/machines/${name}`);
    shop.machines.set(name, machine);
    if (machine.bedJob && !shop.jobs.has(machine.bedJob)) await readJob(machine.bedJob);
  } catch (problem) {
    if (problem.status === 404) shop.machines.delete(name);
    else throw problem;
  }
  changed();
}

/** Reads one job again. */
export async function readJob(id) {
  try {
    // The place is told with the whole queue only.
    shop.jobs.set(id, { place: shop.jobs.get(id)?.place, ...(await api.get(api.at`/jobs/${id}`)) });
  } catch (problem) {
    if (problem.status === 404) shop.jobs.delete(id);
    else throw problem;
  }
  changed();
}

/** Reads the open jobs again: a job that moved moves others. */
export async function readQueue() {
  for (const job of await api.all(OPEN)) shop.jobs.set(job.id, job);
  changed();
}

function sample(name, heaters) {
  if (!heaters?.length) return;
  const list = shop.samples.get(name) ?? [];
  list.push({ at: Date.now(), heaters });
  while (list.length && list[0].at < Date.now() - KEPT) list.shift();
  shop.samples.set(name, list);
}

/** Takes what the supervisor kept of a machine's temperatures: what was before the page's own first sample. */
export function takePast(name, items) {
  const list = shop.samples.get(name) ?? [];
  const first = list[0]?.at ?? Infinity;
  const past = items.map(({ age, heaters }) => ({ at: Date.now() - age * 1000, heaters })).filter(({ at }) => at < first);
  shop.samples.set(name, [...past, ...list]);
  changed();
}

/** Jobs of which copies wait, first to be served first. */
export function waitingJobs() {
  return [...shop.jobs.values()]
    .filter((job) => job.state !== 'held' && (job.state === 'queued' || (job.place && job.copies > 1)))
    .sort((one, other) => (one.place ?? 1e9) - (other.place ?? 1e9) || one.id - other.id);
}

/** Jobs that somebody or something holds back. */
export function heldJobs() {
  return [...shop.jobs.values()].filter((job) => job.state === 'held').sort((one, other) => one.id - other.id);
}

/** Jobs that a machine works at or that a person has to decide about. */
export function runningJobs() {
  return [...shop.jobs.values()]
    .filter((job) => ['printing', 'paused', 'needsAttention', 'uncertain'].includes(job.state))
    .sort((one, other) => one.id - other.id);
}

const RANKS = ['viewer', 'member', 'operator', 'admin'];

/** Whether whoever is signed in has at least this role. */
export function may(role) {
  return !!shop.session && RANKS.indexOf(shop.session.role) >= RANKS.indexOf(role);
}

/** Whether whoever is signed in may act on this job. */
export function mayJob(job) {
  return may('operator') || (may('member') && job?.submitter === shop.session?.name);
}
