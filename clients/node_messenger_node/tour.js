'use strict';
// The npm package messenger-node as published, which knows graph.facebook.com alone and comes through the proxy: no version in most
// paths, fields with spaces, the recipient last in multipart, app ids as numbers, labels, handover, ids of a person, broadcasts.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const packages = require('../npm/packages');
const {Client} = packages('messenger-node');
const {refused, start, walk} = require('../npm/tour');
const {listen} = require('../npm/webhook');

const env = process.env;
const client = new Client({page_token: env.PAGE_ACCESS_TOKEN, app_token: `${env.APP_ID}|${env.APP_SECRET}`});
const stranger = new Client({page_token: 'EAAnotatoken'});
const PICTURE = 'https://shop.example/img.png';

// What POST throws; of a GET the package does not see that it went wrong.
const graphError = ({error}) => error && {code: error.code, subcode: error.error_subcode};

const isSent = (answer) => assert.ok(answer.recipient_id && answer.message_id);
const isSaved = (answer) => {
  isSent(answer);
  assert.match(answer.attachment_id, /^\d+$/);
};
const isAction = (answer) => assert.deepEqual(Object.keys(answer), ['recipient_id']);
const isResult = (answer) => assert.deepEqual(answer, {result: 'success'});
const isSuccess = (answer) => assert.deepEqual(answer, {success: true});
const isUpload = (answer) => assert.match(answer.attachment_id, /^\d+$/);
const isPage = (answer) => assert.ok(answer.data.length > 0 && answer.paging.cursors.after);
const has = (...keys) => (answer) => assert.deepEqual(Object.keys(answer).sort(), keys.sort());
const holds = (...names) => (answer) => assert.deepEqual(Object.keys(answer.data[0]).sort(), names.sort());

const button = {type: 'postback', title: 'Buy', payload: 'BUY'};
const elements = [{title: 'Kettle', subtitle: 'Copper', buttons: [button]}, {title: 'Pot', subtitle: 'Iron'}];
const receipt = {recipient_name: 'Ann', order_number: '1', currency: 'EUR', payment_method: 'Visa', summary: {total_cost: 7}, elements: [{title: 'Kettle', price: 7}]};
const profile = {
  get_started: {payload: 'GO'},
  greeting: [{locale: 'default', text: 'Hello'}],
  whitelisted_domains: ['https://shop.example'],
  persistent_menu: [{locale: 'default', call_to_actions: [button]}],
  account_linking_url: 'https://shop.example/login',
};
const insights = ['page_messages_active_threads_unique', 'page_messages_blocked_conversations_unique', 'page_messages_reported_conversations_unique'];
const targeting = {geo_locations: {countries: ['FI']}};

const steps = (psid, asid, file) => {
  const person = {id: psid};
  const template = (payload) => client.sendTemplate(person, payload);
  const made = {};
  const keep = (key, field, call) => async () => {
    const answer = await call();
    made[key] = answer[field];
    return answer;
  };
  return [
    ['send', 'sendText', () => client.sendText(person, 'Hello'), isSent],
    ['send', 'sendQuickReplies', () => client.sendQuickReplies(person, [{content_type: 'text', title: 'Yes', payload: 'Y'}], 'Shall we?'), isSent],
    ['send', 'sendAttachment, URL', () => client.sendAttachment({type: 'image', source: PICTURE, is_reusable: true}, person), isSaved],
    ['send', 'sendAttachment, file', () => client.sendAttachment({type: 'image', source: file}, person), isSaved],
    ['send', 'sendSenderAction, typing_on', () => client.sendSenderAction(person, 'typing_on'), isAction],
    ['send', 'sendSenderAction, mark_seen', () => client.sendSenderAction(person, 'mark_seen'), isAction],
    ['template', 'generic', () => template({template_type: 'generic', elements}), isSent],
    ['template', 'button', () => template({template_type: 'button', text: 'Buy?', buttons: [button]}), isSent],
    ['template', 'list', () => template({template_type: 'list', elements, top_element_style: 'compact'}), isSent],
    ['template', 'open_graph', () => template({template_type: 'open_graph', elements: [{url: 'https://open.spotify.com/track/7GhIk7Il098yCjg4BQjzvb'}]}), isSent],
    ['template', 'receipt', () => template({template_type: 'receipt', ...receipt}), isSent],
    ['upload', 'uploadAttachment, URL', () => client.uploadAttachment({type: 'image', source: PICTURE}), isUpload],
    ['upload', 'uploadAttachment, file', () => client.uploadAttachment({type: 'image', source: file}), isUpload],
    ['profile', 'setMessengerProfile', () => client.setMessengerProfile(profile), isResult],
    ['profile', 'getMessengerProfile, all', () => client.getMessengerProfile(), holds(...Object.keys(profile))],
    ['profile', 'getMessengerProfile, one', () => client.getMessengerProfile(['greeting']), holds('greeting')],
    ['profile', 'deleteMessengerProfile', () => client.deleteMessengerProfile(Object.keys(profile)), isResult],
    ['user', 'getUserProfile', () => client.getUserProfile(psid, ['first_name', 'last_name']), has('first_name', 'last_name')],
    ['user', 'getMatchingPsids, of a PSID', () => client.getMatchingPsids(psid, 'psid'), isPage],
    ['user', 'getMatchingAsids, of a PSID', () => client.getMatchingAsids(psid, 'psid'), isPage],
    ['user', 'getMatchingPsids, with the app\'s token', () => client.getMatchingPsids(asid, 'asid'), isPage],
    ['user', 'getMatchingAsids, with the app\'s token', () => client.getMatchingAsids(asid, 'asid'), isPage],
    ['code', 'generateMessengerCode', () => client.generateMessengerCode({ref: 'poster', image_size: 1000}), has('uri')],
    ['insights', 'getMessagingInsights', () => client.getMessagingInsights({metrics: insights}), (answer) => assert.ok(answer.data && answer.paging)],
    ['nlp', 'setNlpConfigs', () => client.setNlpConfigs({nlp_enabled: true, model: 'ENGLISH'}), isSuccess],
    ['handover', 'passThreadControl', () => client.passThreadControl(psid, 'page_inbox', 'note'), isSuccess],
    ['handover', 'getThreadOwner', () => client.getThreadOwner(psid), (answer) => assert.equal(answer.data[0].thread_owner.app_id, '263902037430900')],
    ['handover', 'takeThreadControl', () => client.takeThreadControl(psid), isSuccess],
    ['handover', 'requestThreadControl', () => client.requestThreadControl(psid), isSuccess],
    ['handover', 'getSecondaryReceiverList', () => client.getSecondaryReceiverList(psid), (answer) => assert.deepEqual(Object.keys(answer.data[0]).sort(), ['id', 'name'])],
    ['label', 'createCustomLabel', keep('label', 'id', () => client.createCustomLabel('regulars')), has('id')],
    ['label', 'getCustomLabelById', () => client.getCustomLabelById(made.label), has('id', 'name')],
    ['label', 'addPsidtoCustomLabel', () => client.addPsidtoCustomLabel(psid, made.label), isSuccess],
    ['label', 'getCustomLabelsByPsid', () => client.getCustomLabelsByPsid(psid), isPage],
    ['label', 'getAllCustomLabels', () => client.getAllCustomLabels(), isPage],
    ['broadcast', 'createMessageCreative', keep('creative', 'message_creative_id', () => client.createMessageCreative({text: 'News'})), has('message_creative_id')],
    ['broadcast', 'startBroadcastReachEstimation', keep('reach', 'reach_estimation_id', () => client.startBroadcastReachEstimation(made.label)), has('reach_estimation_id')],
    ['broadcast', 'getBroadcastReachEstimation', () => client.getBroadcastReachEstimation(made.reach), has('id', 'reach_estimation')],
    ['broadcast', 'sendBroadcast', () => client.sendBroadcast(made.creative, made.label), has('broadcast_id')],
    ['broadcast', 'sendSponsoredMessage', () => client.sendSponsoredMessage('1', {message_creative_id: made.creative, daily_budget: 100, bid_amount: 400, targeting}), (answer) => assert.equal(answer.success, true)],
    ['label', 'removePsidfromCustomLabel', () => client.removePsidfromCustomLabel(psid, made.label), isSuccess],
    ['label', 'deleteCustomLabel', () => client.deleteCustomLabel(made.label), isSuccess],
    ['error', 'sendText, nobody has this id', () => client.sendText({id: '1'}, 'Hello'), refused(100, 2018001)],
    ['error', 'getUserProfile, nobody has this id', () => client.getUserProfile('1', ['first_name']), (answer) => assert.equal(answer.error.error_subcode, 33)],
    ['error', 'sendText, bad token', () => stranger.sendText({id: psid}, 'Hello'), refused(190)],
  ];
};

/** The id that log-in would give the app for this person. */
async function appScopedId(psid) {
  const answer = await client.getMatchingAsids(psid, 'psid');
  return answer.data[0].id;
}

start(listen, async (psid) => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'tour-')), 'dot.gif');
  fs.writeFileSync(file, Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=', 'base64'));
  try {
    return await walk(steps(psid, await appScopedId(psid), file), {graphError});
  } finally {
    fs.rmSync(path.dirname(file), {recursive: true});
  }
});
