'use strict';
// The npm package @warriorteam/messenger-sdk as published: node's own fetch, v23.0, sha256 signatures, reactions of the page,
// conversations with their messages, moderation, a call that failed with a 5xx tried again.

const assert = require('node:assert/strict');
const http = require('node:http');

const packages = require('../npm/packages');
const sdk = packages('@warriorteam/messenger-sdk');
const {refused, start, walk} = require('../npm/tour');
const {serve} = require('../npm/webhook');

const env = process.env;
const settings = {version: 'v23.0', baseUrl: env.GRAPH_API_BASE};
const messenger = new sdk.Messenger({...settings, accessToken: env.PAGE_ACCESS_TOKEN});
const stranger = new sdk.Messenger({...settings, accessToken: 'EAAnotatoken'});
const PICTURE = 'https://shop.example/img.png';

const graphError = (thrown) => thrown instanceof sdk.MessengerAPIError && {code: thrown.code, subcode: thrown.subcode};
const isSent = (answer) => assert.ok(answer.recipient_id && answer.message_id);
const isAction = (answer) => assert.deepEqual(Object.keys(answer), ['recipient_id']);
const isSuccess = (answer) => assert.deepEqual(answer, {success: true});
const has = (...keys) => (answer) => assert.deepEqual(Object.keys(answer).sort(), keys.sort());

/** Makes the next calls fail with code 2 and status 500, as the platform does on a bad day. */
async function failNext(times) {
  const answer = await fetch(`${env.GRAPH_API_BASE}/_sim/worlds/default/faults`, {method: 'POST', body: JSON.stringify({fault: 'error', code: 2, times})});
  assert.equal(answer.status, 200);
}

const steps = (psid, mid) => {
  const recipient = {id: psid};
  const text = (body, api = messenger) => api.send.message({recipient, messaging_type: 'RESPONSE', message: {text: body}});
  const button = {type: 'postback', title: 'Buy', payload: 'BUY'};
  const made = {};
  return [
    ['send', 'message', () => text('Hello'), isSent],
    ['send', 'typingOn', () => messenger.send.typingOn(psid), isAction],
    ['send', 'typingOff', () => messenger.send.typingOff(psid), isAction],
    ['send', 'markSeen', () => messenger.send.markSeen(psid), isAction],
    ['send', 'addReaction', () => messenger.send.addReaction(psid, {messageId: mid, emoji: 'love'}), isAction],
    ['send', 'removeReaction', () => messenger.send.removeReaction(psid, mid), isAction],
    ['send', 'attachmentFromUrl', () => messenger.send.attachmentFromUrl({recipient, type: 'image', url: PICTURE}), isSent],
    ['upload', 'upload', async () => (made.upload = await messenger.attachments.upload({type: 'image', url: PICTURE})), has('attachment_id')],
    ['send', 'attachment', () => messenger.send.attachment({recipient, type: 'image', attachment_id: made.upload.attachment_id}), isSent],
    ['template', 'generic', () => messenger.templates.generic({recipient, elements: [{title: 'Kettle', subtitle: 'Copper', buttons: [button]}]}), isSent],
    ['template', 'button', () => messenger.templates.button({recipient, text: 'Buy?', buttons: [button]}), isSent],
    ['template', 'media', () => messenger.templates.media({recipient, element: {media_type: 'image', attachment_id: made.upload.attachment_id}}), isSent],
    ['template', 'product', () => messenger.templates.product({recipient, elements: [{id: '123'}]}), isSent],
    ['user', 'getBasic', () => messenger.profile.getBasic(psid), has('first_name', 'last_name', 'profile_pic')],
    ['user', 'getFull', () => messenger.profile.getFull(psid), (answer) => assert.ok(answer.locale && answer.id === psid)],
    ['conversation', 'list', () => messenger.conversations.list(env.PAGE_ID, {platform: 'messenger', limit: 5}), ({data}) => assert.equal(data.length, 1)],
    ['conversation', 'findByUser', async () => (made.conversation = await messenger.conversations.findByUser(env.PAGE_ID, psid, 'messenger')), (id) => assert.match(id, /^t_/)],
    ['conversation', 'get', () => messenger.conversations.get(made.conversation, {fields: ['id', 'participants', 'messages']}), ({participants}) => assert.equal(participants.data.length, 2)],
    ['conversation', 'getMessages', () => messenger.conversations.getMessages(made.conversation, {limit: 3}), ({data}) => assert.ok(data.length > 0)],
    ['conversation', 'getMessage', () => messenger.conversations.getMessage(mid), ({message, from}) => assert.ok(message === 'hello' && from.id === psid)],
    ['conversation', 'getRecentMessages', () => messenger.conversations.getRecentMessages(made.conversation), (all) => assert.ok(all.every(({from}) => from.id))],
    ['retry', 'message, after a 5xx', async () => {
      await failNext(1);
      return text('Again');
    }, isSent],
    ['moderation', 'moveToSpam', () => messenger.moderation.moveToSpam(psid), isSuccess],
    ['moderation', 'blockUser', () => messenger.moderation.blockUser(psid), isSuccess],
    ['moderation', 'unblockUser', () => messenger.moderation.unblockUser([psid]), isSuccess],
    ['moderation', 'banUser', () => messenger.moderation.banUser(psid), isSuccess],
    ['moderation', 'unbanUser', () => messenger.moderation.unbanUser(psid), isSuccess],
    ['error', 'message, nobody has this id', () => messenger.send.message({recipient: {id: '1'}, messaging_type: 'RESPONSE', message: {text: 'Hello'}}), refused(100, 2018001)],
    ['error', 'list, of Instagram', () => messenger.conversations.list(env.PAGE_ID, {platform: 'instagram'}), refused(100)],
    ['error', 'message, bad token', () => text('Hello', stranger), refused(190)],
  ];
};

/** The SDK is no server: it judges verify tokens and signatures, and hands events over. */
function listen(onEvent) {
  const server = http.createServer((request, response) => {
    const query = Object.fromEntries(new URL(request.url, 'http://localhost').searchParams);
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      const bytes = Buffer.concat(chunks).toString();
      if (request.method === 'GET') {
        const challenge = sdk.verifyWebhookSubscription(query, env.VERIFY_TOKEN);
        response.writeHead(challenge ? 200 : 403).end(challenge || '');
        return;
      }
      const {isValid} = await sdk.verifyWebhookSignature(bytes, request.headers['x-hub-signature-256'], env.APP_SECRET);
      response.writeHead(isValid ? 200 : 401).end();
      if (isValid) {
        await sdk.processWebhookEvents(JSON.parse(bytes), {onMessage: onEvent});
      }
    });
  });
  return serve(server, env.WEBHOOK_PORT);
}

let first = '';

start((onEvent) => listen((event) => {
  first = first || event.message.mid;
  onEvent(event);
}), (psid) => walk(steps(psid, first), {graphError}));
