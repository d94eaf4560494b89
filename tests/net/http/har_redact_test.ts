import { assert, assertEquals } from "@std/assert";
import { type HarEntry, HarRecorder } from "../../../net/http/har.ts";
import type { HttpRequest } from "../../../net/http/mod.ts";
import { socketTest } from "../_sockets.ts";
import { answering, response } from "./_answers.ts";
import { recorded, valueOf } from "./_har.ts";

const SECRET: HttpRequest = {
  url: "",
  headers: {
    authorization: "Bearer s3cret",
    Cookie: "a=s3cret; b=s3cret",
    "proxy-authorization": "s3cret",
    referer: "http://u:s3cret@h/p?q=s3cret",
  },
};

async function secretsOf(har?: HarRecorder): Promise<string> {
  await using server = await answering(response(
    "302 Found",
    "",
    "set-cookie: c=s3cret; Path=/",
    "set-cookie: d=s3cret",
    "location: //u:s3cret@h/p?q=s3cret&r#s3cret",
  ));
  const url = server.url.replace("//", "//u:s3cret@") + "/?k=s3cret&&l=s3cret";
  const request = { ...SECRET, url, redirect: "manual" } as const;
  return JSON.stringify(await recorded([request], {}, har));
}

socketTest("har: secrets are kept out, and their names are kept", async () => {
  const text = await secretsOf();
  assert(!text.includes("s3cret"), text);
  const [{ request, response }] = JSON.parse(text) as [HarEntry];
  const value = "redacted";
  assertEquals(request.cookies.map(({ name }) => name), ["a", "b"]);
  assertEquals(response.cookies, [{ name: "c", value }, { name: "d", value }]);
  assertEquals(request.queryString, [{ name: "k", value }, {
    name: "l",
    value,
  }]);
  assertEquals(valueOf(request, "authorization"), value);
  assertEquals(response.redirectURL, "//redacted@h/p?q=redacted&r#redacted");
});

socketTest("har: secrets are there if they are asked for", async () => {
  const text = await secretsOf(new HarRecorder({ secrets: "keep" }));
  const [{ request, response }] = JSON.parse(text) as [HarEntry];
  const value = "s3cret";
  assertEquals(request.cookies, [{ name: "a", value }, { name: "b", value }]);
  assertEquals(response.cookies, [{ name: "c", value }, { name: "d", value }]);
  assertEquals(request.queryString, [{ name: "k", value }, {
    name: "l",
    value,
  }]);
  assertEquals(valueOf(request, "authorization"), "Bearer s3cret");
});
