/** Text that any XML 1.0 reader accepts: one byte of a worker's output must not make a client fail. */
/* oxlint-disable no-control-regex -- control characters are what is looked for */

const ILLEGAL =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** Terminal sequences (ECMA-48): CSI (colours, cursor), OSC (titles, links), and the two-character ones. */
const TERMINAL = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-Z\\^_])/g;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

/** What no XML 1.0 document may contain, not even escaped, becomes U+FFFD. A carriage return is kept: readers would make it a line feed. */
export const xmlText = (text: string): string =>
  text.replaceAll(ILLEGAL, '\uFFFD').replaceAll(/[&<>\r]/g, (character) => ENTITIES[character] ?? character);

/** Without colours and the like: where ESC itself cannot be sent, the rest of the sequence would only be litter. */
export const withoutTerminalSequences = (text: string): string => text.replaceAll(TERMINAL, '');
