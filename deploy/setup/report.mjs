/** What a person must act on: printed as it is, without a stack trace. */
export class SetupError extends Error {
  /**
   * @param {string} message sentences: what was found, what was expected, what to do
   * @param {number} [exitCode] 1: set-up could not be done; 2: wrong usage or platform; 130: interrupted
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Set-up talks on stderr: stdout belongs to the program that follows. @param {string} text */
export function say(text) {
  process.stderr.write(`set-up: ${text.replaceAll('\n', '\nset-up: ')}\n`);
}

/** A word as a shell would need it typed. @param {string} word */
export function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
