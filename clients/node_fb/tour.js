'use strict';
// The npm package fb as published, which knows graph.facebook.com alone and comes through the proxy: form bodies whose values are
// JSON, fields as a JSON array, proofs, batches as a JSON string with methods in lower case, tokens by the app's secret.

const assert = require('node:assert/strict');

const packages = require('../npm/packages');
const {Facebook} = packages('fb');
const {refused, start, walk} = require('../npm/tour');
const {listen} = require('../npm/webhook');

const env = process.env;
const settings = {version: 'v2.12', appId: env.APP_ID, appSecret: env.APP_SECRET};
const facebook = new Facebook({...settings, accessToken: env.PAGE_ACCESS_TOKEN});
const forger = new Facebook({...settings, appSecret: 'another', accessToken: env.PAGE_ACCESS_TOKEN});
const PICTURE = 'https://shop.example/img.png';

/** The answer, or a thrown Graph error. */
function api(from, ...call) {
  return new Promise((resolve, reject) => {
    from.api(...call, (answer) => {
      if (!answer || answer.error) {
        reject(Object.assign(new Error(answer ? answer.error.message : 'no answer'), {graph: answer && answer.error}));
      } else {
        resolve(answer);
      }
    });
  });
}

const graphError = ({graph}) => graph && {code: graph.code, subcode: graph.error_subcode};
const call = (...args) => () => api(facebook, ...args);
const isSent = (answer) => assert.ok(answer.recipient_id && answer.message_id);
const isResult = (answer) => assert.deepEqual(answer, {result: 'success'});
const has = (...keys) => (answer) => assert.deepEqual(Object.keys(answer).sort(), keys.sort());
const message = (psid, body) => ['me/messages', 'post', {recipient: {id: psid}, message: body}];

const generic = {type: 'template', payload: {template_type: 'generic', sharable: true, elements: [{title: 'Çaydanlık', subtitle: 'Bakır', buttons: [{type: 'postback', title: 'Al', payload: 'BUY'}]}]}};
const profile = {get_started: {payload: 'GO'}, greeting: [{locale: 'default', text: 'Hello'}]};
const login = {client_id: env.APP_ID, client_secret: env.APP_SECRET};

function batchOf(psid) {
  const send = (text) => ({
    method: 'post', relative_url: 'me/messages',
    body: `recipient=${encodeURIComponent(JSON.stringify({id: psid}))}&message=${encodeURIComponent(JSON.stringify({text}))}`,
  });
  return [{method: 'get', relative_url: 'me?fields=id'}, send('çay & kahve'), {method: 'get', relative_url: 'me/nonsense'}];
}

function isBatch(answers) {
  assert.deepEqual(answers.map(({code}) => code), [200, 200, 400]);
  assert.equal(JSON.parse(answers[0].body).id, env.PAGE_ID);
  isSent(JSON.parse(answers[1].body));
}

const steps = (psid) => [
  ['page', 'me', call('me', {fields: ['id', 'name']}), has('id', 'name')],
  ['send', 'text', call(...message(psid, {text: 'Çay & kahve 🫖'})), isSent],
  ['send', 'image', call(...message(psid, {attachment: {type: 'image', payload: {url: PICTURE, is_reusable: true}}})), (answer) => assert.match(answer.attachment_id, /^\d+$/)],
  ['send', 'generic', call(...message(psid, {attachment: generic})), isSent],
  ['send', 'sender action', call('me/messages', 'post', {recipient: {id: psid}, sender_action: 'typing_on'}), has('recipient_id')],
  ['upload', 'URL', call('me/message_attachments', 'post', {message: {attachment: {type: 'image', payload: {url: PICTURE, is_reusable: true}}}}), has('attachment_id')],
  ['user', 'profile', call(psid, {fields: ['first_name', 'last_name']}), has('first_name', 'last_name')],
  ['profile', 'set', call('me/messenger_profile', 'post', profile), isResult],
  ['profile', 'get', call('me/messenger_profile', {fields: ['greeting', 'get_started']}), (answer) => assert.deepEqual(answer, {data: [{greeting: profile.greeting, get_started: profile.get_started}]})],
  ['profile', 'delete', call('me/messenger_profile', 'delete', {fields: ['greeting', 'get_started']}), isResult],
  ['persona', 'create', call('me/personas', 'post', {name: 'Ayşe', profile_picture_url: PICTURE}), has('id')],
  ['persona', 'list', call('me/personas'), ({data, paging}) => assert.ok(data[0].name === 'Ayşe' && paging.cursors.after)],
  ['conversation', 'messages', call('me/conversations', {fields: 'id,messages.limit(2){message,from}'}), ({data}) => assert.equal(data[0].messages.data.length, 2)],
  ['batch', 'three calls', call('', 'post', {batch: batchOf('1').slice(0, 1).concat(batchOf(psid).slice(1))}), isBatch],
  ['token', 'of the app', call('oauth/access_token', {...login, grant_type: 'client_credentials'}), has('access_token', 'token_type')],
  ['token', 'exchange', call('oauth/access_token', {...login, grant_type: 'fb_exchange_token', fb_exchange_token: env.PAGE_ACCESS_TOKEN}), has('access_token', 'token_type')],
  ['error', 'nobody has this id', call(...message('1', {text: 'Hello'})), refused(100, 2018001)],
  ['error', 'unknown edge', call('me/nonsense'), refused(2500)],
  ['error', 'wrong secret', () => api(forger, 'me', {fields: ['id']}), refused(100)],
];

start(listen, (psid) => walk(steps(psid), {graphError}));
