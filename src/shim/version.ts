/** Version of this build, put in by the bundler; unbundled (in tests) it is `0.0.0-dev`. */
export const VERSION: string = process.env['ACKWARDEN_VERSION'] ?? '0.0.0-dev';

/** Hash of the bundled shim, put in by the bundler: shims with the same one are the same program. */
export const BUILD: string = process.env['ACKWARDEN_BUILD'] ?? 'unbundled';
