/** Figures as people read them. */
import { language, t } from './words.js';

/** `1 h 05 min`, `12 min`, `40 s`. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(Number(seconds))) return '–';
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (hours) return t('time.hm', { h: hours, m: String(minutes).padStart(2, '0') });
  if (minutes) return t('time.m', { m: minutes });
  return t('time.s', { s: whole });
}

/** The time of day of something that is near, with the date where it is another day. */
export function clock(value, withSeconds = false) {
  if (!value) return '–';
  const date = new Date(value);
  const far = Math.abs(date - Date.now()) > 20 * 3600_000;
  return new Intl.DateTimeFormat(language(), {
    hour: '2-digit', minute: '2-digit', second: withSeconds ? '2-digit' : undefined, hourCycle: 'h23',
    ...(far ? { day: 'numeric', month: 'short' } : {}),
  }).format(date);
}

/** When something that takes so many more seconds is over. */
export const endsAt = (seconds) => clock(Date.now() + seconds * 1000);

/** Whole percent, never 100 before the end. */
export function percent(fraction) {
  const value = Math.max(0, Math.min(1, fraction || 0));
  return value < 1 ? Math.min(99, Math.floor(value * 100)) : 100;
}

/** Whole degrees. */
export const degrees = (value) => `${Math.round(value)}°`;

/** A number in the reader's way. */
export const number = (value, digits = 0) =>
  new Intl.NumberFormat(language(), { maximumFractionDigits: digits }).format(value);

/** `1.2 MB`. */
export function bytes(count) {
  if (!(count >= 0)) return '–';
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < 3) {
    value /= 1000;
    unit += 1;
  }
  return `${number(value, value < 10 && unit ? 1 : 0)} ${units[unit]}`;
}

/** A file's name without its ending, for where there is little room. */
export const stem = (name) => String(name).replace(/\.(gcode|gco|g|nc|ngc|gc)$/i, '');
