/**
 * The queue's order is the supervisor's, by priority, due date and fair share; a person puts one job right before
 * another. So a place in the list becomes "before the job that shall follow", and the last place "all others before me".
 */
import * as api from './api.js';
import { readQueue, shop, waitingJobs } from './shop.js';
import { notice } from './notices.js';
import { t } from './words.js';

/** What has to be said, in order, so that the job of `id` stands at `to` among `jobs`.
 * @param {{id: number, before?: number}[]} jobs in their order
 * @returns {{job: number, before: number}[]}
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
  const said = [];
  // A chain that leads from the next one back to this one would be a circle: it is opened first.
  const seen = new Set();
  for (let each = next; each?.before && !seen.has(each.id); each = jobs.find((job) => job.id === each.before)) {
    seen.add(each.id);
    if (each.before === id) said.push({ job: each.id, before: 0 });
  }
  return [...said, { job: id, before: next.id }];
}

/** Moves a job to a place among those that wait. */
export async function moved(id, to) {
  const jobs = waitingJobs();
  try {
    for (const { job, before } of steps(jobs, id, to)) await api.patch(api.at`/jobs/${job}`, { before });
  } finally {
    await readQueue();
  }
  const place = waitingJobs().findIndex((job) => job.id === id);
  notice('done', t('done.moved', { name: shop.jobs.get(id)?.name ?? id, place: place + 1, count: jobs.length }));
}
