// The providers' own clients against replay.py, so that it is not only our belief of what they speak. Prints one JSON
// document: {what: [address, ...]}. Usage: official.mjs NODE_MODULES KEY '{"mailgun": URL, ...}'
import { createRequire } from "node:module";

const [modules, key, urls] = [process.argv[2], process.argv[3], JSON.parse(process.argv[4])];
const require = createRequire(modules + "/");
const found = {};

async function mailgun() {
    const Mailgun = require("mailgun.js").default ?? require("mailgun.js");
    const client = new Mailgun(require("form-data")).client({ username: "api", key, url: urls.mailgun });
    found.mailgun = [];
    for (let options = { limit: 2 }; ; ) {
        const page = await client.suppressions.list("mg.example.com", "bounces", options);
        if (page.items.length === 0) break;
        found.mailgun.push(...page.items.map((item) => item.address));
        options = { limit: 2, page: page.pages.next.page };
    }
    found.mailgunOne = [(await client.suppressions.get("mg.example.com", "bounces", "o'brien+tag@example.com")).address];
    const removed = await client.suppressions.destroy("mg.example.com", "bounces", "o'brien+tag@example.com");
    found.mailgunRemoved = [removed.address];
}

async function sendgrid() {
    const client = require("@sendgrid/client");
    client.setApiKey(key);
    client.setDefaultRequest("baseUrl", urls.sendgrid);
    found.sendgrid = [];
    for (let offset = 0; ; offset += 2) {
        const [, body] = await client.request({ method: "GET", url: "/v3/suppression/bounces", qs: { limit: 2, offset } });
        if (body.length === 0) break;
        found.sendgrid.push(...body.map((item) => item.email));
    }
    const url = "/v3/suppression/bounces/" + encodeURIComponent("o'brien+tag@example.com");
    const [reply] = await client.request({ method: "DELETE", url });
    found.sendgridRemoved = [String(reply.statusCode)];
}

async function postmark() {
    const { ServerClient } = require("postmark");
    const client = new ServerClient(key, { useHttps: false, requestHost: urls.postmark.split("//")[1] });
    const streams = (await client.getMessageStreams()).MessageStreams.filter((s) => s.MessageStreamType !== "Inbound");
    found.postmark = [];
    for (const stream of streams) {
        const { Suppressions } = await client.getSuppressions(stream.ID);
        found.postmark.push(...Suppressions.map((item) => item.EmailAddress));
    }
    const wanted = { Suppressions: [{ EmailAddress: "o'brien+tag@example.com" }] };
    found.postmarkRemoved = (await client.deleteSuppressions("outbound", wanted)).Suppressions.map((s) => s.Status);
}

async function ses() {
    const aws = require("@aws-sdk/client-sesv2");
    const client = new aws.SESv2Client({
        region: "ap-northeast-1",
        endpoint: urls.ses,
        credentials: { accessKeyId: "AKIDREPLAY", secretAccessKey: key, sessionToken: "session//token+en==" },
    });
    const account = await client.send(new aws.GetAccountCommand({}));
    found.sesReasons = account.SuppressionAttributes.SuppressedReasons;
    found.ses = [];
    for (let NextToken; ; ) {
        const page = await client.send(new aws.ListSuppressedDestinationsCommand({ PageSize: 2, NextToken }));
        found.ses.push(...page.SuppressedDestinationSummaries.map((item) => item.EmailAddress));
        NextToken = page.NextToken;
        if (!NextToken) break;
    }
    const EmailAddress = "o'brien+tag@example.com";
    found.sesRemoved = [String((await client.send(new aws.DeleteSuppressedDestinationCommand({ EmailAddress }))).$metadata.httpStatusCode)];
    const TenantName = "tenant-a";
    found.sesTenantScope = [(await client.send(new aws.GetTenantCommand({ TenantName }))).Tenant.SuppressionAttributes.SuppressionScope];
    const own = await client.send(new aws.ListSuppressedDestinationsCommand({ TenantName }));
    found.sesTenant = own.SuppressedDestinationSummaries.map((item) => item.EmailAddress);
    await client.send(new aws.DeleteSuppressedDestinationCommand({ EmailAddress, TenantName }));
}

for (const each of [mailgun, sendgrid, postmark, ses]) {
    try {
        await each();
    } catch (error) {
        found[each.name + "Error"] = [String(error), JSON.stringify(error.response?.body ?? error.details ?? "")];
    }
}
console.log(JSON.stringify(found));
