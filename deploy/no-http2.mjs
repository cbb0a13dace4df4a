// In place of node:http2, which @hono/node-server loads to tell an HTTP/2 request from another: we serve HTTP/1 only, and it takes 2.4 MB.
export function Http2ServerRequest() {}
export const constants = {};
