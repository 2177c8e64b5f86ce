'use strict';
// A shop bot on the npm package messaging-api-messenger, whose `origin` option points at the fake platform.
// It sets up its page when it starts and then answers everything that people say or tap.

const {MessengerClient} = require('./packages')('messaging-api-messenger');
const {listen} = require('./webhook');

const env = process.env;
const client = new MessengerClient({
  accessToken: env.PAGE_ACCESS_TOKEN,
  appId: env.APP_ID,
  appSecret: env.APP_SECRET,
  version: env.GRAPH_API_VERSION || '19.0',
  origin: env.GRAPH_API_BASE,
});

const RESPONSE = {messagingType: 'RESPONSE'};
const SECOND = 1000;
const PASSING_ERRORS = [4, 17, 32, 613, 80006, 1200, 2, -1];
const ATTEMPTS_MAX = 4;
const pause = Number(env.BOT_PAUSE_MS || SECOND);

const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

const TOPICS = ['products', 'picture', 'invoice', 'order', 'agent', 'notify'];
const quickReplies = TOPICS.map((topic) => ({contentType: 'text', title: topic, payload: topic.toUpperCase()}));

const elements = ['Copper kettle', 'Black tea'].map((title) => ({
  title,
  subtitle: 'From our shop',
  imageUrl: 'https://shop.example/img.jpg',
  defaultAction: {type: 'web_url', url: 'https://shop.example/'},
  buttons: [{type: 'postback', title: 'Order', payload: 'ORDER'}],
}));

const receipt = {
  recipientName: 'A. Customer', orderNumber: '1042', currency: 'EUR', paymentMethod: 'Visa 2345',
  elements: [{title: 'Black tea', price: 9.5, quantity: 1, currency: 'EUR'}],
  summary: {totalCost: 9.5},
};

let personaId;
async function persona() {
  if (!personaId) {
    personaId = (await client.createPersona({name: 'Maija', profilePictureUrl: 'https://shop.example/maija.jpg'})).id;
  }
  return personaId;
}

let pictureId;
async function picture() {
  if (!pictureId) {
    pictureId = (await client.uploadImage(PIXEL, {filename: 'kettle.png', isReusable: true})).attachmentId;
  }
  return pictureId;
}

const answers = {
  products: (psid) => client.sendGenericTemplate(psid, elements, RESPONSE),
  picture: async (psid) => client.sendImage(psid, {attachmentId: await picture()}, RESPONSE),
  invoice: (psid) => client.sendReceiptTemplate(psid, receipt, RESPONSE),
  order: (psid) => client.sendButtonTemplate(psid, 'Your order is on its way.', [
    {type: 'web_url', title: 'Track it', url: 'https://shop.example/track'},
    {type: 'postback', title: 'Menu', payload: 'MENU'},
    {type: 'phone_number', title: 'Call us', payload: '+358401234567'},
  ], RESPONSE),
  agent: async (psid) => {
    const personaOptions = {...RESPONSE, personaId: await persona()};
    await client.typingOn(psid, {personaId: personaOptions.personaId});
    return client.sendText(psid, 'Maija here. How can I help?', personaOptions);
  },
  notify: (psid) => client.sendOneTimeNotifReqTemplate(psid, {title: 'Tell me once', payload: 'RESTOCK'}, RESPONSE),
  menu: (psid) => client.sendText(psid, 'What may it be?', {...RESPONSE, quickReplies}),
};

/** Tries a call again after passing errors, each time later; a final error is logged and left alone. */
async function patiently(call) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const body = error.response && error.response.data && error.response.data.error;
      console.error(error.message);
      if (!body || !PASSING_ERRORS.includes(body.code) || attempt + 1 === ATTEMPTS_MAX) {
        return null;
      }
      await new Promise((resolve) => setTimeout(resolve, pause * 2 ** attempt));
    }
  }
}

// People stop us in any language, with any punctuation around the word.
const STOP_WORDS = ['stop', 'unsubscribe', 'dur', 'durdur', 'توقف', 'إيقاف', 'стоп', 'хватит', 'отписаться', 'lopeta', 'lopettakaa'];
const START_WORDS = ['start', 'get_started', 'başla', 'ابدأ', 'начать', 'aloita'];

const seen = new Set();
const stopped = new Set();

/** What a person wants: STOP, or one of our topics, or the menu. */
function topicOf(said) {
  const text = (said.quick_reply && said.quick_reply.payload) || said.payload || said.text || '';
  const words = text.toLowerCase().split(/[^\p{L}_]+/u);
  if (words.some((word) => STOP_WORDS.includes(word))) {
    return 'stop';
  }
  if (words.some((word) => START_WORDS.includes(word))) {
    return 'start';
  }
  return TOPICS.find((topic) => words.includes(topic)) || 'menu';
}

async function onWords(psid, said) {
  const topic = topicOf(said);
  if (topic === 'stop') {
    stopped.add(psid);
  } else if (topic === 'start') {
    stopped.delete(psid);
  }
  if (!stopped.has(psid) && await patiently(() => client.markSeen(psid))) {
    await patiently(() => (answers[topic] || answers.menu)(psid));
  }
}

async function onEvent(event) {
  const said = event.message || event.postback;
  const psid = event.sender && event.sender.id;
  const token = event.optin && event.optin.one_time_notif_token;
  const key = (said && said.mid) || token;
  if (!key || !psid || (said && said.is_echo) || seen.has(key)) {
    return;
  }
  seen.add(key);
  if (said) {
    await onWords(psid, said);
  } else if (!stopped.has(psid)) {
    await patiently(() => client.sendText({oneTimeNotifToken: token}, 'It is back in stock.'));
  }
}

async function setUpPage() {
  await patiently(() => client.setMessengerProfile({
    getStarted: {payload: 'GET_STARTED'},
    greeting: [{locale: 'default', text: 'Welcome to the kettle shop, {{user_first_name}}!'}],
    persistentMenu: [{
      locale: 'default',
      composerInputDisabled: false,
      callToActions: [{type: 'postback', title: 'Products', payload: 'PRODUCTS'}],
    }],
    iceBreakers: [{question: 'Where is my order?', payload: 'ORDER'}],
  }));
}

const stop = listen((event) => onEvent(event).catch((error) => console.error(error)));
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
if (env.BOT_SET_UP !== 'no') {
  setUpPage();
}
