/** Requests to `/api/v1`: JSON in and out, errors as `Problem`, writes with the session's word against forgery. */

const BASE = '/api/v1';

/** What went wrong, in a sentence for a person. */
export class Problem extends Error {
  /**
   * @param {string} code
   * @param {string} detail
   * @param {number} status 0 where nothing was reached
   */
  constructor(code, detail, status) {
    super(detail);
    this.code = code;
    this.status = status;
  }
}

let csrf = '';

/** Takes the session's word against forgery; it goes with every write. */
export function trust(word) {
  csrf = word ?? '';
}

/** The headers that a write needs. */
export function writing() {
  return csrf ? { 'X-Fabline-CSRF': csrf } : {};
}

/** The full path of a route, its parts escaped.
 * @param {TemplateStringsArray} texts
 * @param {...(string|number)} parts
 */
export function at(texts, ...parts) {
  return texts.reduce((path, text, index) => path + encodeURIComponent(parts[index - 1]) + text);
}

/** Asks; answers the decoded body, or null for an empty one.
 * @param {string} method
 * @param {string} path below `/api/v1`
 * @param {any} [body]
 * @param {{key?: string, signal?: AbortSignal}} [more]
 */
export async function ask(method, path, body, more = {}) {
  const headers = { Accept: 'application/json' };
  if (method !== 'GET') Object.assign(headers, writing());
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (more.key) headers['Idempotency-Key'] = more.key;
  let response;
  try {
    response = await fetch(BASE + path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: more.signal,
      cache: 'no-store', credentials: 'same-origin', keepalive: method !== 'GET',
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem('page.unreachable', '', 0);
  }
  return answer(response);
}

/** Reads an answer, or throws the problem that it tells. */
export async function answer(response) {
  if (response.status === 204) return null;
  const text = await response.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    // What is no JSON did not come from the API.
  }
  if (response.ok) return value;
  throw new Problem(value?.code ?? `http.${response.status}`, value?.detail ?? '', response.status);
}

export const get = (path, more) => ask('GET', path, undefined, more);
export const post = (path, body, more) => ask('POST', path, body ?? {}, more);
export const patch = (path, body) => ask('PATCH', path, body);
export const put = (path, body) => ask('PUT', path, body);
export const remove = (path) => ask('DELETE', path);

/** Every item of a paged list, at most `most`. */
export async function all(path, most = 2000) {
  const items = [];
  let after = '';
  do {
    const page = await get(path + (path.includes('?') ? '&' : '?') + 'limit=200' + (after ? `&after=${encodeURIComponent(after)}` : ''));
    items.push(...page.items);
    after = page.next ?? '';
  } while (after && items.length < most);
  return items;
}

/** Sends a file and tells how far it is.
 * @param {File} file
 * @param {(sent: number, total: number) => void} progress
 * @returns {{done: Promise<any>, abort: () => void}}
 */
export function upload(file, progress) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.open('POST', `${BASE}/files?name=${encodeURIComponent(file.name)}`);
    for (const [name, value] of Object.entries(writing())) request.setRequestHeader(name, value);
    request.setRequestHeader('Content-Type', 'text/x.gcode');
    request.upload.onprogress = (event) => progress(event.loaded, event.total);
    request.onload = () => answer(new Response(request.status === 204 ? null : request.responseText, { status: request.status })).then(resolve, reject);
    request.onerror = () => reject(new Problem('page.unreachable', '', 0));
    request.onabort = () => reject(new Problem('page.aborted', '', 0));
    request.send(file);
  });
  return { done, abort: () => request.abort() };
}

/** A key under which a repeated request is the same request. */
export function onceKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return 'page-' + [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
