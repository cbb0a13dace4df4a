/**
 * Reads server-sent events (HTML living standard, section 9.2) as the controller writes them. Incremental: a chunk may end
 * anywhere, also inside a character, so bytes are decoded as a stream.
 */

/** An event may not grow beyond this: a thousand workers' status is under 2 MiB. */
const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024;

export interface ServerSentEvent {
  event: string;
  data: string;
}

export interface EventStreamReader {
  /** The events that `chunk` completed. Throws when an event is larger than 16 Mi characters. */
  push(chunk: Uint8Array): ServerSentEvent[];
}

export function createEventStreamReader(): EventStreamReader {
  const decoder = new TextDecoder();
  let rest = '';
  let event = '';
  let data: string[] = [];
  let size = 0;

  const line = (text: string): ServerSentEvent | null => {
    if (text === '') {
      const complete = data.length === 0 ? null : { event: event === '' ? 'message' : event, data: data.join('\n') };
      event = '';
      data = [];
      size = 0;
      return complete;
    }
    const colon = text.indexOf(':');
    const field = colon === -1 ? text : text.slice(0, colon);
    const value = colon === -1 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
    size += text.length;
    return null;
  };

  return {
    push(chunk) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      const events: ServerSentEvent[] = [];
      for (const raw of lines) {
        const complete = line(raw.endsWith('\r') ? raw.slice(0, -1) : raw);
        if (complete !== null) events.push(complete);
      }
      if (size + rest.length > MAX_EVENT_CHARACTERS) {
        throw new Error(`the controller sent an event of more than ${MAX_EVENT_CHARACTERS} characters`);
      }
      return events;
    },
  };
}
