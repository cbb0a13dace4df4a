/** A connection that is passed on unseen, because it is not AMQP 0-9-1. */

/** The first byte of a TLS record that begins a connection (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16;

/** In a sentence, by its first bytes. */
export const whyRaw = (said: Buffer): string =>
  said[0] === TLS_HANDSHAKE
    ? 'The worker begins with TLS: switch that off in its configuration. The gate speaks TLS to the broker; the way to the gate is plain.'
    : 'A connection does not speak AMQP 0-9-1: it is passed on, but messages in flight cannot be seen.';
