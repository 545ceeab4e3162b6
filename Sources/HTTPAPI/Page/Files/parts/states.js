/** States of machines and jobs, each by colour, shape and word. */
import { h } from '../core/dom.js';
import { t } from '../core/words.js';
import { icon } from './icons.js';

/** What a machine's phase looks like: tone and sign. */
const phases = {
  idle: ['rest', 'idle'],
  printing: ['run', 'printing'],
  resuming: ['run', 'dots'],
  pausing: ['warn', 'dots'],
  paused: ['warn', 'paused'],
  cancelling: ['warn', 'dots'],
  needsAttention: ['alert', 'alert'],
  killed: ['alert', 'stop'],
  linkLost: ['alert', 'away'],
  printingNotOurs: ['run', 'printing'],
  opening: ['rest', 'dots'],
  handshaking: ['rest', 'dots'],
  disconnected: ['off', 'away'],
  noDriver: ['off', 'away'],
};

/** What a job's or attempt's state looks like. */
const states = {
  queued: ['rest', 'queued'],
  staged: ['rest', 'queued'],
  held: ['warn', 'hand'],
  printing: ['run', 'printing'],
  paused: ['warn', 'paused'],
  needsAttention: ['alert', 'alert'],
  done: ['good', 'check'],
  failed: ['alert', 'cross'],
  cancelled: ['off', 'minus'],
  withdrawn: ['off', 'minus'],
  uncertain: ['alert', 'question'],
};

function chip(look, words) {
  const [tone, sign] = look ?? ['rest', 'idle'];
  return h('span', { class: `state tone-${tone}` }, icon(sign), h('span', null, words));
}

/** A machine's state. */
export const machineState = (machine) =>
  machine.prompt ? chip(['alert', 'alert'], t('phase.asks')) : chip(phases[machine.phase], phaseWords(machine));

/** A machine's state in words. */
export const phaseWords = (machine) => (machine.prompt ? t('phase.asks') : t(`phase.${machine.phase}`));

/** The tone of a machine's card. */
export const machineTone = (machine) => (machine.prompt ? 'alert' : (phases[machine.phase] ?? phases.idle)[0]);

/** A job's or attempt's state. */
export const jobState = (job) => chip(states[job.state], t(`state.${job.state}`));

/** Whether a machine works at a file of ours. */
export const isAtWork = (machine) => !!machine.job;

/** Whether there is someone at the other end. */
export const isReachable = (machine) =>
  !['disconnected', 'noDriver', 'opening', 'handshaking', 'linkLost', 'killed'].includes(machine.phase);
