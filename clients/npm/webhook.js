'use strict';
// A webhook receiver on node's own http: handshake, signature over the raw bytes, acknowledgement at once.

const crypto = require('crypto');
const http = require('http');

function signatureFits(header, bytes, secret) {
  const expected = Buffer.from('sha256=' + crypto.createHmac('sha256', secret).update(bytes).digest('hex'));
  const got = Buffer.from(header || '');
  return got.length === expected.length && crypto.timingSafeEqual(got, expected);
}

function answerHandshake(query, response, verifyToken) {
  const fits = query.get('hub.mode') === 'subscribe' && query.get('hub.verify_token') === verifyToken;
  response.writeHead(fits ? 200 : 403, {'Content-Type': 'text/plain'});
  response.end(fits ? query.get('hub.challenge') : 'wrong verify token');
}

/** The events of a webhook body, or null when it is none. */
function eventsOf(bytes) {
  let body;
  try {
    body = JSON.parse(bytes);
  } catch {
    return null;
  }
  const entries = body && Array.isArray(body.entry) ? body.entry : [];
  return entries.flatMap((entry) => (entry && entry.messaging) || []).filter((event) => event && typeof event === 'object');
}

/**
 * Listens on 127.0.0.1:WEBHOOK_PORT and calls onEvent(event) for each element of `messaging`, after the acknowledgement.
 * Returns a function that stops listening, so that the process ends when what is in flight is done.
 */
function listen(onEvent) {
  const {APP_SECRET, VERIFY_TOKEN, WEBHOOK_PORT} = process.env;
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      if (url.pathname !== '/webhook') {
        response.writeHead(404).end();
      } else if (request.method === 'GET') {
        answerHandshake(url.searchParams, response, VERIFY_TOKEN);
      } else if (!signatureFits(request.headers['x-hub-signature-256'], bytes, APP_SECRET)) {
        response.writeHead(401).end();
      } else {
        const events = eventsOf(bytes);
        response.writeHead(events ? 200 : 400).end('EVENT_RECEIVED');
        (events || []).forEach((event) => setImmediate(onEvent, event));
      }
    });
  });
  return serve(server, WEBHOOK_PORT);
}

/** Lets a server of node's http listen on 127.0.0.1:port; returns what stops it. */
function serve(server, port) {
  server.listen(Number(port), '127.0.0.1');
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

module.exports = {listen, serve};
