/** Ours, or the service manager's: a worker must not answer for us, nor inherit our debugging. */
const OURS =
  /^(NOTIFY_SOCKET|WATCHDOG_|LISTEN_|NODE_(OPTIONS|CHANNEL_|UNIQUE_ID|V8_COVERAGE)|INVOCATION_ID$|JOURNAL_STREAM$|npm_|INIT_CWD$)/;

/** What of our own environment the programs that we run get. */
export const passedOn = (inherited: NodeJS.ProcessEnv): Record<string, string> => {
  const environment: Record<string, string> = {};
  for (const [key, value] of Object.entries(inherited)) {
    if (value !== undefined && !OURS.test(key)) environment[key] = value;
  }
  return environment;
};
