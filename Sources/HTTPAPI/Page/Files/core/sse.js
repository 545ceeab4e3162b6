/** Server-sent events from bytes: text in, events out; nothing here reads or waits. */
export class EventReader {
  #rest = '';
  #event = '';
  #data = [];
  #id = null;

  /** Takes a piece of the stream; answers the events that it completes.
   * @param {string} text
   * @returns {{id: string | null, event: string, data: string}[]}
   */
  take(text) {
    const events = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length) events.push({ id: this.#id, event: this.#event || 'message', data: this.#data.join('\n') });
        this.#event = '';
        this.#data = [];
        this.#id = null;
      } else if (!line.startsWith(':')) {
        this.#field(line);
      }
    }
    return events;
  }

  #field(line) {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#event = value;
    else if (name === 'id') this.#id = value;
  }
}
