'use strict';
// The npm package botly as published: express router, sha1 signatures, FB_URL option, version 2.12, callbacks, page id in paths.

const assert = require('node:assert/strict');
const http = require('node:http');
const {promisify} = require('node:util');

const packages = require('../npm/packages');
const Botly = packages('botly');
const express = packages('express');
const {refused, start, walk} = require('../npm/tour');
const {serve} = require('../npm/webhook');

const env = process.env;
const settings = {verifyToken: env.VERIFY_TOKEN, webHookPath: '/webhook', FB_URL: `${env.GRAPH_API_BASE}/v2.12/`};
const botly = new Botly({...settings, accessToken: env.PAGE_ACCESS_TOKEN});
const stranger = new Botly({...settings, accessToken: 'EAAnotatoken'});
const PICTURE = 'https://shop.example/img.png';

/** A method of botly as a promise; it hands errors over in the body, whatever the status. */
function ask(method, options, client = botly) {
  return promisify(client[method]).call(client, options).then((body) => {
    if (body && body.error) {
      throw Object.assign(new Error(body.error.message), {graph: body.error});
    }
    return body;
  });
}

const graphError = ({graph}) => graph && {code: graph.code, subcode: graph.error_subcode};
const isSent = (answer) => assert.ok(answer.recipient_id && answer.message_id);
const isResult = (answer) => assert.deepEqual(answer, {result: 'success'});

const steps = (id) => {
  const pageId = env.PAGE_ID;
  const postback = botly.createPostbackButton('Menu', 'MENU');
  const link = botly.createWebURLButton('Shop', 'https://shop.example/', 'tall');
  const element = {title: 'Kettle', subtitle: 'Copper', image_url: PICTURE, buttons: [postback, link]};
  const receipt = {
    recipient_name: 'A. Customer', order_number: '1043', currency: 'EUR', payment_method: 'Visa', summary: {total_cost: 9.5},
  };
  return [
    ['send', 'sendText', () => ask('sendText', {id, text: 'Hello'}), isSent],
    ['send', 'sendText, quick replies', () => ask('sendText', {id, text: 'Which?', quick_replies: [botly.createQuickReply('Red', 'RED', PICTURE)]}), isSent],
    ['send', 'sendText, silent', () => ask('sendText', {id, text: 'Psst', notificationType: 'NO_PUSH'}), isSent],
    ['send', 'sendImage', () => ask('sendImage', {id, url: PICTURE}), isSent],
    ['send', 'sendImage, reusable', () => ask('sendImage', {id, url: PICTURE, is_reusable: true}), (answer) => assert.match(answer.attachment_id, /^\d+$/)],
    ['send', 'sendAttachment, file', () => ask('sendAttachment', {id, type: 'file', payload: {url: 'https://shop.example/f.pdf'}}), isSent],
    ['send', 'sendButtons', () => ask('sendButtons', {id, text: 'What?', buttons: [postback, link]}), isSent],
    ['send', 'sendGeneric', () => ask('sendGeneric', {id, elements: [element], aspectRatio: 'square'}), isSent],
    ['send', 'sendReceipt', () => ask('sendReceipt', {id, payload: receipt}), isSent],
    ['send', 'sendAction', () => ask('sendAction', {id, action: 'typing_on'}), (answer) => assert.deepEqual(answer, {recipient_id: id})],
    ['upload', 'upload', () => ask('upload', {pageId, type: 'image', payload: {url: PICTURE, is_reusable: true}}), (answer) => assert.match(answer.attachment_id, /^\d+$/)],
    ['user', 'getUserProfile', () => ask('getUserProfile', {id, fields: ['first_name', 'last_name']}), (answer) => assert.ok(answer.first_name)],
    ['profile', 'setGetStarted', () => ask('setGetStarted', {pageId, payload: 'GO'}), isResult],
    ['profile', 'setGreetingText', () => ask('setGreetingText', {pageId, greeting: [{locale: 'default', text: 'Hello'}]}), isResult],
    ['profile', 'setPersistentMenu', () => ask('setPersistentMenu', {
      pageId, menu: [{locale: 'default', composer_input_disabled: false, call_to_actions: [postback]}]}), isResult],
    ['profile', 'removePersistentMenu', () => ask('removePersistentMenu', {pageId}), isResult],
    ['profile', 'setWhiteList', () => ask('setWhiteList', {pageId, whiteList: ['https://shop.example']}), isResult],
    ['profile', 'setAccountLinkingURL', () => ask('setAccountLinkingURL', {pageId, url: 'https://shop.example/login'}), isResult],
    ['error', 'sendList, a template that is gone', () => ask('sendList', {id, elements: [element, element]}), refused(100)],
    ['error', 'sendText, nobody has this id', () => ask('sendText', {id: '1', text: 'Hello'}), refused(100, 2018001)],
    ['error', 'sendText, empty', () => ask('sendText', {id, text: ''}), refused(100)],
    ['error', 'sendText, bad token', () => ask('sendText', {id, text: 'Hello'}, stranger), refused(190)],
    ['error', 'setPersistentMenu, page of nobody', () => ask('setPersistentMenu', {pageId: '1', menu: []}), refused(100)],
  ];
};

start((onEvent) => {
  const app = express();
  app.use(express.json({verify: botly.getVerifySignature(env.APP_SECRET)}));
  app.use(botly.router());
  botly.on('message', (sender, message) => onEvent(message));
  return serve(http.createServer(app), env.WEBHOOK_PORT);
}, (psid) => walk(steps(psid), {graphError}));
