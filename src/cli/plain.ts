/**
 * Text that others wrote (worker output, reasons that people typed) made safe for a terminal: an escape sequence could move the
 * cursor, retitle the window or write into the clipboard.
 */

// CSI, then OSC/DCS/SOS/PM/APC strings with their terminator, then two-character escapes (ECMA-48, section 5).
/* oxlint-disable no-control-regex -- control characters are what is looked for */
const SEQUENCE =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;
const SGR = /^\u001b\[[0-9;:]*m$/;
/* oxlint-enable no-control-regex */

/** No escape sequence, no control character; a tab becomes spaces enough to keep words apart. */
export function stripControls(text: string): string {
  return text.replace(SEQUENCE, '').replace(CONTROL, '').replaceAll('\t', '  ');
}

/** The same, but tabs and colours (SGR) stay. */
export function stripAllButColours(text: string): string {
  let out = '';
  let at = 0;
  for (const match of text.matchAll(SEQUENCE)) {
    out += text.slice(at, match.index).replace(CONTROL, '');
    if (SGR.test(match[0])) out += match[0];
    at = match.index + match[0].length;
  }
  return out + text.slice(at).replace(CONTROL, '');
}
