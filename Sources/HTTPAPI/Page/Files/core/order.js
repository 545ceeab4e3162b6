/**
 * The queue's order is the supervisor's, by priority, due date and fair share; a person puts one job right before
 * another. So a place in the list becomes "before the job that shall follow", and the last place "all others before me".
 *
 * What was put before what earlier travels along, or sorts itself in between: where the list is not as it was wanted
 * then, it is said job by job.
 */
import * as api from './api.js';
import { readQueue, shop, waitingJobs } from './shop.js';
import { notice } from './notices.js';
import { t } from './words.js';

/** @typedef {{id: number, before?: number | null}} Waiting */
/** @typedef {{job: number, before: number}} Word */

/** The list as it is wanted: the job of `id` at `to`.
 * @param {Waiting[]} jobs in their order
 */
export function wanted(jobs, id, to) {
  const others = jobs.filter((job) => job.id !== id);
  const moving = jobs.find((job) => job.id === id);
  return moving ? [...others.slice(0, to), moving, ...others.slice(to)] : jobs;
}

/** The fewest words that should do it.
 * @param {Waiting[]} jobs in their order
 * @returns {Word[]}
 */
export function steps(jobs, id, to) {
  const from = jobs.findIndex((job) => job.id === id);
  if (from < 0 || to === from || to < 0 || to >= jobs.length) return [];
  const others = jobs.filter((job) => job.id !== id);
  const next = others[to];
  if (!next) {
    // Those that already stand before another one of these keep their place in front of it.
    const here = new Set(others.map((job) => job.id));
    const before = others.filter((job) => !here.has(job.before) && job.before !== id).map((job) => ({ job: job.id, before: id }));
    return jobs[from].before ? [{ job: id, before: 0 }, ...before] : before;
  }
  return [...opened(jobs, next, id), { job: id, before: next.id }];
}

/** A chain that leads from `next` to `id` would become a circle: it is opened first. */
function opened(jobs, next, id) {
  const seen = new Set();
  for (let each = next; each?.before && !seen.has(each.id); each = jobs.find((job) => job.id === each.before)) {
    seen.add(each.id);
    if (each.before === id) return [{ job: each.id, before: 0 }];
  }
  return [];
}

/** Every word for a list: what was said is taken back, then each job is put before the next one. None where it is right.
 * @param {Waiting[]} jobs as they are
 * @param {Waiting[]} list as it is wanted
 * @returns {Word[]}
 */
export function chain(jobs, list) {
  if (list.every((job, index) => jobs[index]?.id === job.id)) return [];
  return [
    ...jobs.filter((job) => job.before).map((job) => ({ job: job.id, before: 0 })),
    ...list.slice(0, -1).map((job, index) => ({ job: job.id, before: list[index + 1].id })),
  ];
}

/** Moves a job to a place among those that wait. */
export async function moved(id, to) {
  const list = wanted(waitingJobs(), id, to);
  const say = async (words) => {
    try {
      for (const { job, before } of words) await api.patch(api.at`/jobs/${job}`, { before });
    } finally {
      await readQueue();
    }
  };
  await say(steps(waitingJobs(), id, to));
  await say(chain(waitingJobs(), list));
  const place = waitingJobs().findIndex((job) => job.id === id);
  notice('done', t('done.moved', { name: shop.jobs.get(id)?.name ?? id, place: place + 1, count: list.length }));
}
