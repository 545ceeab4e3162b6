/**
 * The event stream: read by hand and not by `EventSource`, because a link that went dead in silence has to be
 * noticed, and the stream's signs of life are comments that `EventSource` hides.
 *
 * connecting -> live -> lost -> (wait, growing) -> connecting
 */
import { EventReader } from './sse.js';

/** Milliseconds without a byte after which the link counts as dead; the supervisor says something every 15 s. */
const SILENCE = 35_000;
/** Milliseconds before the next try, by how many failed. */
const WAITS = [500, 1000, 2000, 4000, 8000, 15_000];

export class Live {
  #path;
  #on;
  #last = null;
  #failures = 0;
  #abort = null;
  #timer = 0;
  #ended = false;

  /**
   * @param {string} path
   * @param {{event: (event: any) => void, state: (state: string, retryAt: number | null) => void, refused: (status: number) => void}} on
   */
  constructor(path, on) {
    this.#path = path;
    this.#on = on;
  }

  /** Opens the stream, and again whenever it breaks, until `end`. */
  async open() {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    this.#on.state('connecting', null);
    let alarm = 0;
    const alive = () => {
      clearTimeout(alarm);
      alarm = setTimeout(() => abort.abort(), SILENCE);
    };
    try {
      alive();
      const headers = { Accept: 'text/event-stream' };
      if (this.#last) headers['Last-Event-ID'] = this.#last;
      const response = await fetch(this.#path, { headers, signal: abort.signal, cache: 'no-store', credentials: 'same-origin' });
      if (response.status === 401 || response.status === 403) {
        this.#on.refused(response.status);
        return;
      }
      if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
      this.#failures = 0;
      this.#on.state('live', null);
      await this.#read(response.body, alive);
    } catch {
      // Whatever broke it, the answer is the same: say so and try again.
    } finally {
      clearTimeout(alarm);
    }
    if (abort === this.#abort && !this.#ended) this.#again();
  }

  async #read(body, alive) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    const events = new EventReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      alive();
      for (const event of events.take(value)) {
        if (event.id) this.#last = event.id;
        this.#on.event(JSON.parse(event.data));
      }
    }
  }

  #again() {
    const wait = WAITS[Math.min(this.#failures, WAITS.length - 1)];
    this.#failures += 1;
    this.#on.state('lost', Date.now() + wait);
    this.#timer = setTimeout(() => this.open(), wait);
  }

  /** The system says that there is no network: no use in waiting for the silence. */
  cut() {
    this.#abort?.abort();
  }

  /** Ends it for good. */
  end() {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }
}
