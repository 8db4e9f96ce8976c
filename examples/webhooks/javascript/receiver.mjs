import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
const handled = new Set();

function receive(headers, body) {
  try {
    webhook.verify(body, headers, { jsonParse: false });
  } catch {
    return 401;
  }
  const id = headers["webhook-id"];
  if (!handled.has(id)) {
    console.log(id, body.toString());
    handled.add(id);
  }
  return 204;
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  response.writeHead(receive(request.headers, Buffer.concat(chunks))).end();
}).listen(Number(process.env.PORT ?? 9000), "127.0.0.1");
