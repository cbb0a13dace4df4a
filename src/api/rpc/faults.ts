/** supervisord's faults: their codes and names are what its clients test. */
const CODES = {
  UNKNOWN_METHOD: 1,
  INCORRECT_PARAMETERS: 2,
  BAD_ARGUMENTS: 3,
  SIGNATURE_UNSUPPORTED: 4,
  SHUTDOWN_STATE: 6,
  BAD_NAME: 10,
  BAD_SIGNAL: 11,
  NO_FILE: 20,
  NOT_EXECUTABLE: 21,
  FAILED: 30,
  ABNORMAL_TERMINATION: 40,
  SPAWN_ERROR: 50,
  ALREADY_STARTED: 60,
  NOT_RUNNING: 70,
  ALREADY_ADDED: 90,
  STILL_RUNNING: 91,
  CANT_REREAD: 92,
} as const;

export type FaultName = keyof typeof CODES;

/** The status of a batch item that went well; no fault, but in the same number space. */
export const SUCCESS = 80;

/** A call that cannot be served as supervisord would tell it. */
export class Fault extends Error {
  readonly code: number;

  /** @param extra what it is about, mostly the name that was asked for */
  constructor(name: FaultName, extra: string | null = null) {
    super(extra === null ? name : `${name}: ${extra}`);
    this.code = CODES[name];
  }
}
