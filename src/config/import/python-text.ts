/** What Python calls whitespace (str.isspace): JavaScript's own set lacks U+001C…U+001F and U+0085, and has U+FEFF too many. */
const SPACE = '\\t-\\r\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const LEADING = new RegExp(`^[${SPACE}]+`);
const BREAK = new RegExp(`[${SPACE}]+`);
const ONE = new RegExp(`^[${SPACE}]$`);

/** Of one character. */
export function isSpace(char: string): boolean {
  return ONE.test(char);
}

export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

export function strip(text: string): string {
  return stripEnd(text.replace(LEADING, ''));
}

/** str.split() without an argument. */
export function splitSpace(text: string): string[] {
  const stripped = strip(text);
  return stripped === '' ? [] : stripped.split(BREAK);
}

/** Characters before the first one that is not whitespace; 0 for a blank line. */
export function indentOf(line: string): number {
  const blank = LEADING.exec(line)?.[0].length ?? 0;
  return blank === line.length ? 0 : blank;
}

/** Lines as a file opened in text mode gives them: \n, \r\n and \r end one. */
export function linesOf(text: string): string[] {
  const lines = text.replaceAll(/\r\n?/g, '\n').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
