'use strict';
// Calls every method of messaging-api-messenger against the platform at GRAPH_API_BASE and looks at each answer.
//
// It waits until somebody writes to the page, because only then may it answer, and then makes its tour with that person.
// TOUR_GROUPS=send,persona limits it to these groups. Steps follow each other: later ones use what earlier ones made.

const assert = require('node:assert/strict');
const {createReadStream} = require('node:fs');

const {MessengerClient, MessengerBatch} = require('./packages')('messaging-api-messenger');
const {refused, start, walk} = require('./tour');
const {listen} = require('./webhook');

const env = process.env;
const settings = {
  accessToken: env.PAGE_ACCESS_TOKEN,
  appId: env.APP_ID,
  appSecret: env.APP_SECRET,
  version: env.GRAPH_API_VERSION || '6.0',
  origin: env.GRAPH_API_BASE,
};
const client = new MessengerClient(settings);
const unproven = new MessengerClient({...settings, skipAppSecretProof: true});
const stranger = new MessengerClient({...settings, accessToken: 'EAAnotatoken', skipAppSecretProof: true});

const INBOX = '263902037430900';
const PICTURE = 'https://shop.example/img.png';
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const MP3 = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), Buffer.from([0xff, 0xfb, 0x90, 0x64]), Buffer.alloc(413)]);
const MP4 = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypmp42\0\0\0\0mp42isom', 'latin1'), Buffer.alloc(64)]);
const PDF = Buffer.from('%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n');

const postback = {type: 'postback', title: 'Menu', payload: 'MENU'};
const menu = [postback, {type: 'web_url', title: 'Shop', url: 'https://shop.example/'}];
const elements = [{title: 'Kettle', subtitle: 'Copper', imageUrl: PICTURE, buttons: [postback]}];
const quickReplies = [{contentType: 'text', title: 'Red', payload: 'RED'}, {contentType: 'user_email'}];
const receipt = {
  recipientName: 'A. Customer', orderNumber: '1042', currency: 'EUR', paymentMethod: 'Visa 2345',
  orderUrl: 'https://shop.example/1042', timestamp: '1428444852',
  address: {street1: 'Kuja 1', city: 'Turku', postalCode: '20100', state: 'V-S', country: 'FI'},
  summary: {subtotal: 75.0, shippingCost: 4.95, totalTax: 6.19, totalCost: 56.14},
  adjustments: [{name: 'Discount', amount: 20}],
  elements: [{title: 'Tea', subtitle: 'Black', quantity: 2, price: 50, currency: 'EUR', imageUrl: PICTURE}],
};
const flight = {
  flightNumber: 'KL9123', arrivalAirport: {airportCode: 'AMS', city: 'Amsterdam'},
  departureAirport: {airportCode: 'HEL', city: 'Helsinki', terminal: 'T2', gate: 'G33'},
  flightSchedule: {boardingTime: '2021-03-02T16:05', departureTime: '2021-03-02T16:45', arrivalTime: '2021-03-02T18:30'},
};
const boardingPass = {
  introMessage: 'You are checked in.', locale: 'en_US',
  boardingPass: [{passengerName: 'SMITH/NICOLAS', pnrNumber: 'CG4X7U', seat: '74J', logoImageUrl: PICTURE,
    headerImageUrl: PICTURE, qrCode: 'M1SMITH', aboveBarCodeImageUrl: PICTURE, flightInfo: flight}],
};
const itinerary = {
  introMessage: 'Your itinerary.', locale: 'en_US', pnrNumber: 'ABCDEF', totalPrice: '14003', currency: 'EUR',
  passengerInfo: [{name: 'N. Smith', passengerId: 'p001'}],
  flightInfo: [{...flight, connectionId: 'c001', segmentId: 's001', travelClass: 'business'}],
  passengerSegmentInfo: [{segmentId: 's001', passengerId: 'p001', seat: '12A', seatType: 'Business'}],
};

let psid;
const made = {};

// ---- what an answer must look like ----

function isSent(answer) {
  assert.equal(answer.recipientId, psid);
  assert.match(answer.messageId, /^(m_|mid\.)/);
}

const isActed = (answer) => assert.deepEqual(answer, {recipientId: psid});
const isResult = (answer) => assert.deepEqual(answer, {result: 'success'});
const isSuccess = (answer) => assert.equal(answer.success, true);
const isId = (answer) => assert.match(answer.id, /^\d+$/);
const isList = (answer) => assert.ok(Array.isArray(answer));
const isEmpty = (answer) => assert.equal(answer, null);
const isUpload = (answer) => assert.match(answer.attachmentId, /^\d+$/);
const isMetric = (name) => (answer) => assert.equal(answer.name, name);
const remember = (key, of, check) => (answer) => {
  check(answer);
  made[key] = answer[of];
};

// ---- the tour: [group, name, call, what the answer must be, from when on it is refused instead] ----

const AIRLINE_ENDED = {from: '2021-12-06', error: refused(100)};
const LABEL_NAME_ENDED = {from: '2021-12-14', error: refused(100)}; // may be written, but is read as page_label_name

const tour = [
  ['page', 'getPageInfo', () => client.getPageInfo(), (answer) => {
    assert.equal(answer.id, env.PAGE_ID);
    assert.ok(answer.name);
  }],
  ['page', 'getPageInfo, fields', () => client.getPageInfo({fields: ['name']}), (answer) => assert.ok(answer.name)],
  // the proof that the package adds is of the page's token, and this call goes out with the app's
  ['page', 'debugToken, with a proof', () => client.debugToken(), refused(100)],
  ['page', 'debugToken', () => unproven.debugToken(), (answer) => {
    assert.equal(answer.isValid, true);
    assert.equal(answer.appId, env.APP_ID);
  }],
  ['page', 'getUserProfile', () => client.getUserProfile(psid), (answer) => {
    assert.equal(answer.id, psid);
    assert.ok(answer.firstName && answer.lastName && answer.profilePic);
  }],
  ['page', 'getUserProfile, fields', () => client.getUserProfile(psid, {fields: ['first_name']}), (answer) => assert.ok(answer.firstName)],
  ['page', 'getSubscriptions', () => client.getSubscriptions(), isList],
  ['page', 'createSubscription', () => client.createSubscription({
    callbackUrl: `http://127.0.0.1:${env.WEBHOOK_PORT}/webhook`, verifyToken: env.VERIFY_TOKEN,
  }), isSuccess],
  ['page', 'getPageSubscription', () => client.getPageSubscription(), (answer) => assert.equal(answer.object, 'page')],

  ['send', 'sendText', () => client.sendText(psid, 'Hello, ünïcödé \u{1F600}'), isSent],
  ['send', 'sendText, RESPONSE', () => client.sendText(psid, 'Hello', {messagingType: 'RESPONSE'}), isSent],
  ['send', 'sendText, quick replies', () => client.sendText(psid, 'Which?', {quickReplies}), isSent],
  ['send', 'sendText, recipient object', () => client.sendText({id: psid}, 'Hello'), isSent],
  ['send', 'sendMessage', () => client.sendMessage(psid, {text: 'Hello', metadata: 'x'}), isSent],
  ['send', 'sendRawBody', () => client.sendRawBody({recipient: {id: psid}, message: {text: 'Hello'}}), isSent],
  ['send', 'sendAttachment', () => client.sendAttachment(psid, {type: 'image', payload: {url: PICTURE}}), isSent],
  ['send', 'sendImage, url', () => client.sendImage(psid, PICTURE), isSent],
  ['send', 'sendAudio, url', () => client.sendAudio(psid, 'https://shop.example/a.mp3'), isSent],
  ['send', 'sendVideo, url', () => client.sendVideo(psid, 'https://shop.example/v.mp4'), isSent],
  ['send', 'sendFile, url', () => client.sendFile(psid, 'https://shop.example/f.pdf'), isSent],
  ['send', 'sendImage, buffer', () => client.sendImage(psid, PIXEL, {filename: 'i.png'}), isSent],
  ['send', 'sendAudio, buffer', () => client.sendAudio(psid, MP3, {filename: 'a.mp3'}), isSent],
  ['send', 'sendVideo, buffer', () => client.sendVideo(psid, MP4, {filename: 'v.mp4'}), isSent],
  ['send', 'sendFile, buffer', () => client.sendFile(psid, PDF, {filename: 'f.pdf'}), isSent],
  ['send', 'sendFile, stream', () => client.sendFile(psid, createReadStream(__filename)), isSent],
  ['send', 'markSeen', () => client.markSeen(psid), isActed],
  ['send', 'typingOn', () => client.typingOn(psid), isActed],
  ['send', 'typingOff', () => client.typingOff(psid), isActed],
  ['send', 'sendSenderAction', () => client.sendSenderAction(psid, 'typing_on'), isActed],

  ['template', 'sendTemplate', () => client.sendTemplate(psid, {templateType: 'generic', elements}), isSent],
  ['template', 'sendGenericTemplate', () => client.sendGenericTemplate(psid, elements), isSent],
  ['template', 'sendGenericTemplate, square', () => client.sendGenericTemplate(psid, elements, {imageAspectRatio: 'square'}), isSent],
  ['template', 'sendButtonTemplate', () => client.sendButtonTemplate(psid, 'What?', menu), isSent],
  ['template', 'sendReceiptTemplate', () => client.sendReceiptTemplate(psid, receipt), isSent],
  ['template', 'sendOneTimeNotifReqTemplate', () => client.sendOneTimeNotifReqTemplate(psid, {title: 'Tell me', payload: 'P'}), isSent],

  ['airline', 'sendAirlineBoardingPassTemplate', () => client.sendAirlineBoardingPassTemplate(psid, boardingPass), isSent, AIRLINE_ENDED],
  ['airline', 'sendAirlineCheckinTemplate', () => client.sendAirlineCheckinTemplate(psid, {
    introMessage: 'Check in.', locale: 'en_US', flightInfo: [flight], checkinUrl: 'https://shop.example/checkin'}), isSent, AIRLINE_ENDED],
  ['airline', 'sendAirlineItineraryTemplate', () => client.sendAirlineItineraryTemplate(psid, itinerary), isSent, AIRLINE_ENDED],
  ['airline', 'sendAirlineUpdateTemplate', () => client.sendAirlineUpdateTemplate(psid, {
    introMessage: 'Delayed.', updateType: 'delay', locale: 'en_US', updateFlightInfo: flight}), isSent, AIRLINE_ENDED],

  ['upload', 'uploadImage, url', () => client.uploadImage(PICTURE, {isReusable: true}), remember('image', 'attachmentId', isUpload)],
  ['upload', 'sendImage, attachment id', () => client.sendImage(psid, {attachmentId: made.image}), isSent],
  ['upload', 'sendMediaTemplate', () => client.sendMediaTemplate(psid, [{mediaType: 'image', attachmentId: made.image}]), isSent],
  ['upload', 'uploadImage, buffer', () => client.uploadImage(PIXEL, {filename: 'i.png'}), isUpload],
  ['upload', 'uploadAudio', () => client.uploadAudio(MP3, {filename: 'a.mp3'}), isUpload],
  ['upload', 'uploadVideo', () => client.uploadVideo(MP4, {filename: 'v.mp4'}), isUpload],
  ['upload', 'uploadFile', () => client.uploadFile(PDF, {filename: 'f.pdf'}), isUpload],
  ['upload', 'uploadAttachment', () => client.uploadAttachment('file', 'https://shop.example/f.pdf'), isUpload],

  ['persona', 'createPersona', () => client.createPersona({name: 'Maija', profilePictureUrl: PICTURE}), remember('persona', 'id', isId)],
  ['persona', 'getPersona', () => client.getPersona(made.persona), (answer) =>
    assert.deepEqual({id: answer.id, name: answer.name}, {id: made.persona, name: 'Maija'})],
  ['persona', 'getPersonas', () => client.getPersonas(), (answer) => assert.ok(answer.data.some((persona) => persona.id === made.persona))],
  ['persona', 'getAllPersonas', () => client.getAllPersonas(), (answer) => assert.equal(answer.length, 1)],
  ['persona', 'sendText, persona', () => client.sendText(psid, 'Maija here', {personaId: made.persona}), isSent],
  ['persona', 'typingOn, persona', () => client.typingOn(psid, {personaId: made.persona}), isActed],
  ['persona', 'deletePersona', () => client.deletePersona(made.persona), isSuccess],
  ['persona', 'getAllPersonas, none', () => client.getAllPersonas(), (answer) => assert.deepEqual(answer, [])],

  ['profile', 'setPersistentMenu, before Get Started', () => client.setPersistentMenu(menu), refused(100, 2018145)],
  ['profile', 'setGetStarted', () => client.setGetStarted('GET_STARTED'), isResult],
  ['profile', 'getGetStarted', () => client.getGetStarted(), (answer) => assert.deepEqual(answer, {payload: 'GET_STARTED'})],
  ['profile', 'setPersistentMenu', () => client.setPersistentMenu(menu), isResult],
  ['profile', 'getPersistentMenu', () => client.getPersistentMenu(), (answer) => assert.equal(answer[0].callToActions.length, 2)],
  ['profile', 'setGreeting', () => client.setGreeting('Hello {{user_first_name}}'), isResult],
  ['profile', 'getGreeting', () => client.getGreeting(), (answer) => assert.equal(answer[0].text, 'Hello {{user_first_name}}')],
  ['profile', 'setIceBreakers', () => client.setIceBreakers([{question: 'Where?', payload: 'WHERE'}]), isResult],
  ['profile', 'getIceBreakers', () => client.getIceBreakers(), (answer) => assert.deepEqual(answer, [{question: 'Where?', payload: 'WHERE'}])],
  ['profile', 'setWhitelistedDomains', () => client.setWhitelistedDomains(['https://shop.example']), isResult],
  ['profile', 'getWhitelistedDomains', () => client.getWhitelistedDomains(), (answer) => assert.match(answer[0], /^https:\/\/shop\.example\/?$/)],
  ['profile', 'setAccountLinkingURL', () => client.setAccountLinkingURL('https://shop.example/login'), isResult],
  ['profile', 'getAccountLinkingURL', () => client.getAccountLinkingURL(), (answer) => assert.equal(answer, 'https://shop.example/login')],
  ['profile', 'setMessengerProfile', () => client.setMessengerProfile({getStarted: {payload: 'AGAIN'}}), isResult],
  ['profile', 'getMessengerProfile', () => client.getMessengerProfile(['get_started', 'greeting']), (answer) => {
    assert.equal(answer.length, 1); // one object holds all
    assert.ok(answer[0].getStarted && answer[0].greeting);
  }],
  ['profile', 'setUserPersistentMenu', () => client.setUserPersistentMenu(psid, menu), isResult],
  ['profile', 'getUserPersistentMenu', () => client.getUserPersistentMenu(psid), (answer) => assert.equal(answer[0].locale, 'default')],
  ['profile', 'deleteUserPersistentMenu', () => client.deleteUserPersistentMenu(psid), isResult],
  ['profile', 'deletePersistentMenu', () => client.deletePersistentMenu(), isResult],
  ['profile', 'deleteIceBreakers', () => client.deleteIceBreakers(), isResult],
  ['profile', 'deleteGetStarted', () => client.deleteGetStarted(), isResult],
  ['profile', 'deleteGreeting', () => client.deleteGreeting(), isResult],
  ['profile', 'deleteWhitelistedDomains', () => client.deleteWhitelistedDomains(), isResult],
  ['profile', 'deleteAccountLinkingURL', () => client.deleteAccountLinkingURL(), isResult],
  ['profile', 'deleteMessengerProfile', () => client.deleteMessengerProfile(['get_started', 'greeting']), isResult],
  ['profile', 'getGreeting, none', () => client.getGreeting(), isEmpty],

  ['label', 'createLabel', () => client.createLabel('vip'), remember('label', 'id', isId)],
  ['label', 'associateLabel', () => client.associateLabel(psid, made.label), isSuccess],
  ['label', 'getAssociatedLabels', () => client.getAssociatedLabels(psid), (answer) => assert.equal(answer.data[0].id, made.label), LABEL_NAME_ENDED],
  ['label', 'getLabelDetails', () => client.getLabelDetails(made.label, {fields: ['id', 'name']}), (answer) =>
    assert.deepEqual(answer, {id: made.label, name: 'vip'}), LABEL_NAME_ENDED],
  ['label', 'getLabelList', () => client.getLabelList(), (answer) => {
    assert.equal(answer.data.length, 1);
    assert.ok(answer.paging.cursors);
  }, LABEL_NAME_ENDED],
  ['label', 'dissociateLabel', () => client.dissociateLabel(psid, made.label), isSuccess],
  ['label', 'deleteLabel', () => client.deleteLabel(made.label), isSuccess],

  ['handover', 'getSecondaryReceivers', () => client.getSecondaryReceivers(), isList],
  ['handover', 'passThreadControlToPageInbox', () => client.passThreadControlToPageInbox(psid, 'please help'), isSuccess],
  ['handover', 'getThreadOwner', () => client.getThreadOwner(psid), (answer) => assert.equal(answer.appId, INBOX)],
  ['handover', 'sendText, not the owner', () => client.sendText(psid, 'Hello'), refused(10, 2018300)],
  ['handover', 'requestThreadControl', () => client.requestThreadControl(psid, 'may I'), isSuccess],
  ['handover', 'takeThreadControl', () => client.takeThreadControl(psid, 'mine'), isSuccess],
  ['handover', 'getThreadOwner, ours', () => client.getThreadOwner(psid), (answer) => assert.equal(answer.appId, env.APP_ID)],
  ['handover', 'passThreadControl', () => client.passThreadControl(psid, Number(INBOX), 'here'), isSuccess],
  ['handover', 'takeThreadControl, again', () => client.takeThreadControl(psid), isSuccess],

  ['insights', 'getInsights', () => client.getInsights(['page_messages_new_conversations_unique']), isList],
  ['insights', 'getNewConversations', () => client.getNewConversations(), isMetric('page_messages_new_conversations_unique')],
  ['insights', 'getBlockedConversations', () => client.getBlockedConversations(), isMetric('page_messages_blocked_conversations_unique')],
  ['insights', 'getReportedConversations', () => client.getReportedConversations(), isMetric('page_messages_reported_conversations_unique')],
  ['insights', 'getTotalMessagingConnections', () => client.getTotalMessagingConnections(), isMetric('page_messages_total_messaging_connections')],
  ['other', 'getMessagingFeatureReview', () => client.getMessagingFeatureReview(), isList],
  ['other', 'enableNLP', () => client.enableNLP(), isSuccess],
  ['other', 'disableNLP', () => client.disableNLP(), isSuccess],
  ['other', 'setNLPConfigs', () => client.setNLPConfigs({nlpEnabled: true, model: 'ENGLISH'}), isSuccess],
  ['other', 'logCustomEvents', () => client.logCustomEvents({appId: env.APP_ID, pageId: env.PAGE_ID, pageScopedUserId: psid, events: [{_eventName: 'fb_mobile_purchase'}]}), isSuccess],
  ['other', 'getIdsForApps', () => client.getIdsForApps({userId: psid, appSecret: env.APP_SECRET}), (answer) => isList(answer.data)],
  ['other', 'getIdsForPages', () => client.getIdsForPages({userId: psid, appSecret: env.APP_SECRET}), (answer) => isList(answer.data)],

  ['batch', 'sendBatch', () => client.sendBatch([
    MessengerBatch.sendText(psid, 'one'),
    MessengerBatch.sendGenericTemplate(psid, elements),
    MessengerBatch.typingOn(psid),
    MessengerBatch.getUserProfile(psid, {fields: ['first_name']}),
    MessengerBatch.sendText('1', 'nobody'),
  ]), (answers) => {
    assert.deepEqual(answers.map((answer) => answer.code), [200, 200, 200, 200, 400]);
    isSent(answers[0].body);
    assert.equal(answers[4].body.error.code, 100);
  }],

  ['error', 'sendText, nobody has this id', () => client.sendText('1', 'Hello'), refused(100, 2018001)],
  ['error', 'sendText, too long', () => client.sendText(psid, 'x'.repeat(2001)), refused(100)],
  ['error', 'sendText, empty', () => client.sendText(psid, ''), refused(100)],
  ['error', 'sendText, unknown tag', () => client.sendText(psid, 'Hello', {tag: 'NO_SUCH_TAG'}), refused(100)],
  ['error', 'sendMessage, nothing in it', () => client.sendMessage(psid, {}), refused(100, 2018034)],
  ['error', 'sendButtonTemplate, four buttons', () => client.sendButtonTemplate(psid, 'What?', [...menu, ...menu]), refused(105)],
  ['error', 'sendGenericTemplate, none', () => client.sendGenericTemplate(psid, []), refused(194)],
  ['error', 'getPersona, unknown', () => client.getPersona('1'), refused(100)],
  ['error', 'getPageInfo, bad token', () => stranger.getPageInfo(), refused(190)],
  ['error', 'sendText, bad token', () => stranger.sendText(psid, 'Hello'), refused(190)],
];

// ---- making it ----

/** The platform's date, which decides what it still knows. */
async function platformDate() {
  const {headers} = await client.axios.get('/me', {params: {access_token: env.PAGE_ACCESS_TOKEN}});
  return new Date(headers.date).toISOString();
}

function graphError({response}) {
  const error = response && response.data && response.data.error;
  return error && {code: error.code, subcode: error.errorSubcode};
}

start(listen, async (person) => {
  psid = person;
  return walk(tour, {date: await platformDate(), graphError});
});
