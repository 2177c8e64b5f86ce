'use strict';
// The npm package messenger-bot as published: sha1 signatures, graph_url option, no messaging_type, request-promise errors.

const assert = require('node:assert/strict');
const http = require('node:http');

const packages = require('../npm/packages');
const Bot = packages('messenger-bot');
const {refused, start, walk} = require('../npm/tour');
const {serve} = require('../npm/webhook');

const env = process.env;
const settings = {app_secret: env.APP_SECRET, verify: env.VERIFY_TOKEN, graph_url: `${env.GRAPH_API_BASE}/v2.12/`, debug: 'all'};
const bot = new Bot({...settings, token: env.PAGE_ACCESS_TOKEN});
const stranger = new Bot({...settings, token: 'EAAnotatoken'});
const PICTURE = 'https://shop.example/img.png';

function graphError({error}) { // of a StatusCodeError: the body
  const graph = error && error.error;
  return graph && {code: graph.code, subcode: graph.error_subcode};
}

const isSent = (answer) => assert.ok(answer.recipient_id && answer.message_id);
const isResult = (answer) => assert.equal(answer.result, 'success'); // beside __debug__, which debug=all asks for
const menu = [{locale: 'default', call_to_actions: [{type: 'postback', title: 'Menu', payload: 'MENU'}]}];

const steps = (psid) => [
  ['send', 'sendMessage', () => bot.sendMessage(psid, {text: 'Hello'}), isSent],
  ['send', 'sendMessage, RESPONSE', () => bot.sendMessage(psid, {text: 'Hello'}, null, 'RESPONSE'), isSent],
  ['send', 'sendMessage, HUMAN_AGENT', () => bot.sendMessage(psid, {text: 'Hello'}, null, 'MESSAGE_TAG', 'HUMAN_AGENT'), isSent],
  ['send', 'sendMessage, image', () => bot.sendMessage(psid, {attachment: {type: 'image', payload: {url: PICTURE}}}), isSent],
  ['send', 'sendSenderAction', () => bot.sendSenderAction(psid, 'mark_seen'), (answer) => assert.equal(answer.recipient_id, psid)],
  ['upload', 'getAttachmentUploadId', () => bot.getAttachmentUploadId(PICTURE, true, 'image'), (answer) => assert.match(answer.attachment_id, /^\d+$/)],
  ['user', 'getProfile', () => bot.getProfile(psid), (answer) => assert.ok(answer.first_name && answer.locale)],
  ['profile', 'setGetStartedButton', () => bot.setGetStartedButton({payload: 'GO'}), isResult],
  ['profile', 'setPersistentMenu', () => bot.setPersistentMenu(menu), isResult],
  ['profile', 'setGreeting', () => bot.setGreeting([{locale: 'default', text: 'Hello'}]), isResult],
  ['profile', 'setDomainWhitelist', () => bot.setDomainWhitelist(['https://shop.example']), isResult],
  ['profile', 'removeGetStartedButton, menu still there', () => bot.removeGetStartedButton(), refused(100)],
  ['profile', 'removePersistentMenu', () => bot.removePersistentMenu(), isResult],
  ['profile', 'removeGetStartedButton', () => bot.removeGetStartedButton(), isResult],
  ['profile', 'removeGreeting', () => bot.removeGreeting(), isResult],
  ['profile', 'removeDomainWhitelist', () => bot.removeDomainWhitelist(), isResult],
  ['profile', 'unlinkAccount', () => bot.unlinkAccount(psid), (answer) => assert.equal(answer.result, 'unlink account success')],
  ['error', 'sendMessage, nobody has this id', () => bot.sendMessage('1', {text: 'Hello'}), refused(100, 2018001)],
  ['error', 'sendMessage, empty', () => bot.sendMessage(psid, {}), refused(100)],
  ['error', 'sendMessage, bad token', () => stranger.sendMessage(psid, {text: 'Hello'}), refused(190)],
];

start((onEvent) => {
  bot.on('message', (event) => onEvent(event));
  bot.on('error', (problem) => console.error(problem.message));
  return serve(http.createServer(bot.middleware()), env.WEBHOOK_PORT);
}, (psid) => walk(steps(psid), {graphError}));
