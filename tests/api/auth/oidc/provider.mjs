// The certified provider of npm's oidc-provider, with its own pages for signing in.
// node provider.mjs MODULES REDIRECT_URI GROUPS, where GROUPS is JSON: {"login": ["group", …]}.
// It prints its issuer, and ends with its standard input.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, redirectUri, groups] = process.argv.slice(2);
const found = createRequire(`${modules}/`).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(found));
const groupsOf = JSON.parse(groups);

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "passerelle", client_secret: "a secret of the tests", redirect_uris: [redirectUri] }],
    claims: { openid: ["sub"], groups: ["groups"], email: ["email"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.org`, groups: groupsOf[id] ?? [] }),
    }),
    pkce: { required: () => true },
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
process.stdin.resume().on("end", () => process.exit());
