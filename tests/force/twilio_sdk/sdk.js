// sdk - what Twilio's own SDK says: a JSON question on stdin, a JSON answer on stdout. See ../twilio_sdk.py.
"use strict";
const fs = require("fs");
const twilio = require("twilio");
const RequestClient = require("twilio/lib/base/RequestClient");

// Repeated names become arrays, as every web framework makes them.
function parameters(pairs) {
  const found = {};
  for (const [name, value] of pairs) {
    if (!Object.prototype.hasOwnProperty.call(found, name)) found[name] = value;
    else found[name] = [].concat(found[name], value);
  }
  return found;
}

// The SDK knows only Twilio's hosts: every request goes to the stand-in instead.
class Elsewhere extends (RequestClient.default || RequestClient) {
  constructor(base) {
    super();
    this.base = new URL(base);
  }
  request(options) {
    const address = new URL(options.uri);
    address.protocol = this.base.protocol;
    address.host = this.base.host;
    return super.request({ ...options, uri: address.toString() });
  }
}

const questions = {
  sign: ({ token, calls }) => calls.map(({ url, pairs }) => twilio.getExpectedTwilioSignature(token, url, parameters(pairs))),
  validate: ({ token, calls }) =>
    calls.map(({ url, pairs, signature }) => twilio.validateRequest(token, signature, url, parameters(pairs))),
  use: async ({ base, account, token, form, template }) => {
    const client = twilio(account, token, { httpClient: new Elsewhere(base) });
    const created = [];
    for (let i = 0; i < 5; i++) created.push(await client.messages.create(form));
    const listed = await client.messages.list({ to: form.to, pageSize: 2 });
    const fetched = await client.messages(created[0].sid).fetch();
    const approval = await client.content.v1.contents(template).approvalFetch().fetch();
    const senders = await client.messaging.v2.channelsSenders.list({ channel: "whatsapp" });
    let refusal = null;
    await client.messages.create({ ...form, to: "whatsapp:4420000001" }).catch((error) => {
      refusal = { status: error.status, code: error.code };
    });
    return {
      created: created.map((message) => message.sid),
      listed: listed.map((message) => [message.sid, message.status, message.dateCreated instanceof Date]),
      fetched: [fetched.sid, fetched.status],
      approval: approval.whatsapp.status,
      senders: senders.map((sender) => [sender.senderId, sender.status]),
      refusal,
    };
  },
};

Promise.resolve(questions[process.argv[2]](JSON.parse(fs.readFileSync(0, "utf8"))))
  .then((answer) => process.stdout.write(JSON.stringify(answer)))
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
