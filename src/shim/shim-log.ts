/** One line for a person into shim.log, which is our stderr; what the controller must know is a fact instead. */
export function shimLog(text: string): void {
  process.stderr.write(`${new Date().toISOString()} shim[${process.pid}] ${text}\n`);
}
