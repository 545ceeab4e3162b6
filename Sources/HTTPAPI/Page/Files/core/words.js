/**
 * What the page itself says, in the language of whoever reads. What supervisor and firmware say stays as it comes.
 */

/** The languages that there are a dictionary for, by what they call themselves. */
export const languages = { en: 'English', ko: '한국어' };

let words = {};

let spoken = 'en';

/** The language in use. */
export const language = () => spoken;

/** The language that was chosen here before, else the browser's, else English. */
export function preferred() {
  const chosen = recall('fabline.language');
  if (chosen && chosen in languages) return chosen;
  return navigator.languages?.map((tag) => tag.slice(0, 2)).find((tag) => tag in languages) ?? 'en';
}

/** Takes a language into use.
 * @param {string} tag
 */
export async function speak(tag) {
  words = (await import(`../words/${tag}.js`)).default;
  spoken = tag;
  document.documentElement.lang = tag;
  document.getElementById('notices')?.setAttribute('aria-label', t('notices'));
}

/** Remembers a choice and takes it into use. */
export async function choose(tag) {
  remember('fabline.language', tag);
  await speak(tag);
}

/** A sentence by its key, `{name}` filled in.
 * @param {string} key
 * @param {Record<string, any>} [members]
 * @returns {string}
 */
export function t(key, members = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in members ? String(members[name]) : whole));
}

/** Whether there is a sentence of that key. */
export const has = (key) => key in words;

/** A choice that was remembered on this device; null where storage is barred. */
export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Remembers a choice on this device, where that is allowed. */
export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A private window keeps nothing; the choice holds until it is closed.
  }
}
