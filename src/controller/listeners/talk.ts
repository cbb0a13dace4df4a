/**
 * What one listener process and we say to each other (supervisord.md, section 3.6), as supervisord's clients know it:
 *
 *     acknowledged ──READY\n──▶ ready ──an event is sent──▶ busy ──RESULT n\nOK or FAIL──▶ acknowledged
 *
 * Whatever else it writes is garbage: nobody knows any more what its next word answers. Pure; bytes are text of one character each.
 */
export type Talk =
  /** `rest`: what has come of READY so far. */
  | { state: 'acknowledged'; rest: string }
  | { state: 'ready' }
  /** `rest`: what has come of its answer so far. */
  | { state: 'busy'; rest: string }
  | { state: 'unknown'; garbage: string };

export type TalkInput = { type: 'bytes'; bytes: string } | { type: 'sent' };

/** `ok`, `fail`: what became of the event that was sent last. */
export type TalkOutput = 'ready' | 'ok' | 'fail' | 'garbage';

const READY = 'READY\n';
const RESULT = 'RESULT ';
const RESULT_LINE = /^RESULT +(\d{1,6}) *\r?$/;
/** Longer than any line of a result that means one. */
const MOST_LINE = 32;
/** Longer than any answer that is one: it is `OK` or something else. */
const MOST_BODY = 65_536;
const SHOWN = 60;

export const BEGIN: Talk = { state: 'acknowledged', rest: '' };

/** One input → what is the case now, and what it means, in order. */
export const listener = (talk: Talk, input: TalkInput): { talk: Talk; outputs: TalkOutput[] } => {
  if (input.type === 'sent') {
    if (talk.state !== 'ready') throw new Error(`an event was sent to a listener that is ${talk.state}`);
    return { talk: { state: 'busy', rest: '' }, outputs: [] };
  }
  const outputs: TalkOutput[] = [];
  let now: Talk = talk;
  let bytes = input.bytes;
  // Each turn takes what it understands and hands on the rest.
  while (bytes !== '') {
    const turn = hear(now, bytes);
    now = turn.talk;
    bytes = turn.left;
    if (turn.output !== null) outputs.push(turn.output);
  }
  return { talk: now, outputs };
};

interface Turn {
  talk: Talk;
  left: string;
  output: TalkOutput | null;
}

const hear = (talk: Talk, bytes: string): Turn => {
  switch (talk.state) {
    case 'acknowledged':
      return hearReady(talk.rest + bytes);
    case 'ready':
      return garbage(bytes);
    case 'busy':
      return hearResult(talk.rest + bytes);
    case 'unknown':
      return { talk, left: '', output: null };
  }
};

const hearReady = (said: string): Turn => {
  if (said.startsWith(READY)) return { talk: { state: 'ready' }, left: said.slice(READY.length), output: 'ready' };
  return READY.startsWith(said) ? more('acknowledged', said) : garbage(said);
};

const hearResult = (said: string): Turn => {
  const end = said.indexOf('\n');
  if (end === -1) {
    const fits = said.length <= MOST_LINE && (RESULT.startsWith(said) || said.startsWith(RESULT));
    return fits ? more('busy', said) : garbage(said);
  }
  const size = RESULT_LINE.exec(said.slice(0, end))?.[1];
  if (size === undefined || Number(size) > MOST_BODY) return garbage(said);
  const body = said.slice(end + 1, end + 1 + Number(size));
  if (body.length < Number(size)) return more('busy', said);
  const left = said.slice(end + 1 + Number(size));
  // As supervisord: whatever is not OK is a refusal.
  return { talk: BEGIN, left, output: body === 'OK' ? 'ok' : 'fail' };
};

const more = (state: 'acknowledged' | 'busy', rest: string): Turn => ({
  talk: { state, rest },
  left: '',
  output: null,
});

const garbage = (said: string): Turn => ({
  talk: { state: 'unknown', garbage: said.slice(0, SHOWN) },
  left: '',
  output: 'garbage',
});
