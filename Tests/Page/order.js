/**
 * Moves in queues of all kinds, in the page: what `core/order.js` says, against a reading of its own of how the
 * supervisor ranks. Answers how many moves were right, and the first one that was not.
 */
async (address) => {
  const { use } = await import(address);
  const { steps, chain, wanted } = use('core/order.js');
  let seed = 7;
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  /** Whoever is put before another one that waits goes right in front of it; the rest by number. */
  const ranked = (jobs) => {
    const sorted = [...jobs].sort((one, other) => one.nature - other.nature);
    const result = [];
    const emit = (job) => {
      if (result.includes(job)) return;
      for (const mover of sorted.filter((each) => each.before === job.id)) emit(mover);
      result.push(job);
    };
    const here = (job) => jobs.some((each) => each.id === job.before);
    for (const job of sorted.filter((each) => !here(each))) emit(job);
    for (const job of sorted) emit(job);
    return result;
  };
  const leadsTo = (jobs, from, to) => {
    for (let each = jobs.find((job) => job.id === from); each; each = jobs.find((job) => job.id === each.before)) {
      if (each.id === to) return true;
    }
    return false;
  };
  /** Refuses a circle, as the store does. */
  const say = (jobs, words) => {
    for (const { job, before } of words) {
      if (before && leadsTo(jobs, before, job)) return false;
      jobs.find((each) => each.id === job).before = before || null;
    }
    return true;
  };
  let moves = 0;
  let plain = 0;
  for (let queue = 0; queue < 400; queue += 1) {
    const jobs = Array.from({ length: 2 + random(6) }, (_, index) => ({ id: index + 1, nature: random(1000), before: null }));
    for (let move = 0; move < 8; move += 1) {
      const now = ranked(jobs);
      const id = jobs[random(jobs.length)].id;
      const to = random(jobs.length);
      const list = wanted(now, id, to).map((job) => job.id).join();
      const first = steps(now, id, to);
      if (!say(jobs, first)) return { moves, plain, failure: `a circle: ${JSON.stringify({ now, id, to, first })}` };
      const between = ranked(jobs);
      if (between.map((job) => job.id).join() === list) plain += 1;
      if (!say(jobs, chain(between, list.split(',').map((each) => ({ id: Number(each) }))))) return { moves, plain, failure: 'a circle in the chain' };
      const then = ranked(jobs).map((job) => job.id).join();
      if (then !== list) return { moves, plain, failure: `${list} was wanted, ${then} came of it` };
      moves += 1;
    }
  }
  return { moves, plain, failure: null };
}
