/**
 * What a person can do: each act by its name, called with the button's `data-…`. One listener serves all buttons, so
 * that views may be drawn anew at any time.
 */
import * as api from './api.js';
import { readJob, readMachine, readQueue, retry, leave, shop, takeStatus } from './shop.js';
import { t, choose } from './words.js';
import { fail, notice, say } from './notices.js';
import { actKey, busy } from '../parts/controls.js';
import { moved } from './order.js';
import { redraw } from './draw.js';

/** @type {Record<string, (data: Record<string, string>, element: HTMLElement) => any>} */
const acts = {
  // Safety first: no question, no queue, no wait for another act.
  async estop({ machine }) {
    say(t('stop.sent'), true);
    const results = machine
      ? [{ machine, ...(await api.post(api.at`/machines/${machine}/acts`, { act: 'estop' })) }]
      : (await api.post('/estop')).items;
    for (const result of results) {
      if (result.confirmed) notice('done', t('stop.confirmed', { machine: result.machine }));
      else notice('failure', `${t('stop.unconfirmed', { machine: result.machine })} ${result.message ?? ''}`);
    }
    if (!results.length) notice('done', t('stop.none'));
  },
  async ready({ machine, job }) {
    await api.post(api.at`/machines/${machine}/ready`, job ? { job: Number(job) } : {});
    notice('done', t('done.ready', { machine }));
    await readMachine(machine);
  },
  async answer({ machine, choice }) {
    await act(machine, choice === undefined ? { act: 'answer' } : { act: 'answer', choice: Number(choice) });
    await readMachine(machine);
  },
  async machine({ machine, word }) {
    await act(machine, { act: word });
    await readMachine(machine);
  },
  async enable({ machine }) {
    await api.post(api.at`/machines/${machine}/enable`);
    await readMachine(machine);
  },
  async disable({ machine }) {
    const { askFor } = await import('../parts/dialog.js');
    const reason = await askFor(t('disable.title', { machine }), t('disable.reason'), t('disable'));
    if (!reason) return;
    await api.post(api.at`/machines/${machine}/disable`, { reason });
    await readMachine(machine);
  },
  async order({ job, word }) {
    if (word === 'cancel') {
      const { confirm } = await import('../parts/dialog.js');
      const known = shop.jobs.get(Number(job));
      if (!(await confirm(t('cancel.title', { job, name: known?.name ?? '' }), t('cancel.words'), t('cancel.yes')))) return;
    }
    if (word === 'hold') {
      const { askFor } = await import('../parts/dialog.js');
      const reason = await askFor(t('hold.title', { job }), t('hold.reason'), t('hold'));
      if (reason === null) return;
      await api.post(api.at`/jobs/${job}/hold`, reason ? { reason } : {});
    } else {
      await api.post(api.at`/jobs/${job}/` + word);
    }
    notice('done', t(`done.${word}`, { job }));
    await Promise.all([readJob(Number(job)), readQueue()]);
  },
  async change({ job, member, value }) {
    await api.patch(api.at`/jobs/${job}`, { [member]: Number(value) });
    await readQueue();
  },
  async place({ job, to }) {
    await moved(Number(job), Number(to));
  },
  home: ({ machine, axes }) => act(machine, { act: 'home', axes: axes ?? '' }, t('done.home')),
  jog({ machine, axis, by }) {
    return act(machine, { act: 'jog', move: { [axis]: Number(by) }, feedrate: axis === 'z' ? 600 : axis === 'e' ? 180 : 3000 });
  },
  cool: ({ machine }) => act(machine, { act: 'cool' }, t('done.cool')),
  heat: ({ machine, tool, bed }) => act(machine, {
    act: 'heat', ...(tool === undefined ? {} : { toolTarget: Number(tool) }), ...(bed === undefined ? {} : { bedTarget: Number(bed) }),
  }, t('done.heat')),
  macro: ({ machine, name }) => act(machine, { act: 'run', text: name }, t('done.macro', { name })),
  async language({ tag }) {
    await choose(tag);
    redraw();
  },
  async theme({ choice }) {
    const { takeTheme } = await import('../parts/frame.js');
    takeTheme(choice);
    redraw();
  },
  drain: async ({ on }) => takeStatus(await api.post('/drain', { on: on === 'yes' })),
  retry: () => retry(),
  leave: () => leave(),
};

/** Acts on a machine and tells what the firmware answered, where it answered. */
export async function act(machine, body, done) {
  const result = await api.post(api.at`/machines/${machine}/acts`, body);
  if (done) notice('done', done);
  return result;
}

/** Adds an act of a part that is loaded later. */
export function provide(name, work) {
  acts[name] = work;
}

/** Does an act once at a time; a stop is never held up by itself. */
export async function perform(name, data, element) {
  const work = acts[name];
  if (!work) return;
  const key = actKey(name, data);
  if (busy.has(key) && name !== 'estop') return;
  busy.add(key);
  redraw();
  try {
    await work(data, element);
  } catch (problem) {
    if (name === 'estop') notice('failure', `${t('stop.failed')} ${problem.message ?? ''}`);
    else fail(problem);
  } finally {
    busy.delete(key);
    redraw();
  }
}

/** Listens to every button there is and will be. */
export function listen(root) {
  root.addEventListener('click', (event) => {
    const element = event.target.closest?.('[data-act]');
    if (!element) return;
    event.preventDefault();
    const { act: name, barred, key: _, own: __, ...data } = element.dataset;
    if (barred) return notice('warning', barred);
    return perform(name, data, element);
  });
}
