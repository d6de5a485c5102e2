import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { makeCertificates } from '../support/certificates.js'
import { startServer } from '../support/servers.js'
import { asAdmin, runCommand, startOurs, startTls } from './commands.js'

const pem = await makeCertificates()
const directory = mkdtempSync(join(tmpdir(), 'advice-'))
afterAll(() => rmSync(directory, { recursive: true }))
const file = (name: string, text: string) => {
  const path = join(directory, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}
const CA = file('ca.pem', pem.ca)

const cleanups: (() => unknown)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0).reverse()) await cleanup() })

const list = (address: string, ...flags: string[]) => runCommand(['user', 'list', '--meta-addr', address, ...flags], asAdmin)
const tls = async (pair: { cert: string; key: string }) => {
  const server = await startTls(pair)
  cleanups.push(() => server.close())
  return server.address
}

test.each<[string, () => { cert: string; key: string }, string[], RegExp]>([
  // says                 certificate           flags                                        advice
  ['an unknown CA', () => pem.server,           ['--meta-use-tls'],                          /: its certificate is not signed by a CA trusted here; .* with --meta-ca \(\[auth\] meta-ca\) \(\w+\)\n$/],
  ['another CA',   () => pem.otherServer, ['--meta-use-tls', '--meta-ca', CA],               /is not signed by a CA trusted here/],
  ['an old certificate',  () => pem.expired,    ['--meta-use-tls', '--meta-ca', CA],         /: its certificate has expired \(CERT_HAS_EXPIRED\)\n$/],
  ['another name',        () => pem.wrongName,  ['--meta-use-tls', '--meta-ca', CA],         /: its certificate is for another name; use that name in --meta-addr/],
  ['no TLS asked',        () => pem.server,     [],                                          /: it closed the connection; does it serve TLS only \(--meta-use-tls\)\?/],
])('TLS: %s', async (_says, pair, flags, advice) => {
  const ran = await list(await tls(pair()), ...flags)
  expect(ran).toMatchObject({ code: 1, stdout: '' })
  expect(ran.stderr).toMatch(advice)
  expect(ran.stderr).toMatch(/^kapacitor-auth: meta node https?:\/\/127\.0\.0\.1:\d+: [^\n]+\n$/)
})

test('a change without an answer may have been made, and is said to be; a question is not', async () => {
  const { url, close } = await startServer((_req, res) => res.destroy())
  cleanups.push(close)
  const address = new URL(url).host
  const ran = await runCommand(['user', 'delete', 'ann', '--yes', '--meta-addr', address], asAdmin)
  expect(ran).toMatchObject({ code: 1, stdout: '' })
  expect(ran.stderr.trimEnd().split('\n').at(-1)).toBe(`http://${address} may have made the change: check with show`)
  expect((await list(address)).stderr).not.toContain('may have')
})

test('TLS as it should be, by flags; and whatever the certificate', async () => {
  expect(await list(await tls(pem.server), '--meta-use-tls', '--meta-ca', CA)).toMatchObject({ code: 0, stdout: 'There are no users.\n', stderr: '' })
  expect(await list(await tls(pem.expired), '--meta-use-tls', '--meta-insecure-skip-verify')).toMatchObject({ code: 0, stderr: '' })
})

test('our meta node asks for a certificate: advice, and with it the list', async () => {
  const pair = { cert: file('server.pem', pem.server.cert), key: file('server-key.pem', pem.server.key) }
  const node = await startOurs({ 'meta.https-enabled': 'true', 'meta.https-certificate': pair.cert, 'meta.https-private-key': pair.key, 'meta.https-client-ca': CA })
  cleanups.push(() => node.close())
  const flags = ['--meta-use-tls', '--meta-ca', CA]
  expect((await list(node.address, ...flags)).stderr).toMatch(/--meta-cert(?: and|,) --meta-key/)
  const client = ['--meta-cert', file('client.pem', pem.client.cert), '--meta-key', file('client-key.pem', pem.client.key)]
  expect(await list(node.address, ...flags, ...client)).toMatchObject({ code: 0, stderr: '' })
  // The embedded one is found, TLS included, by its own section
  const env = { ...asAdmin, KAPACITOR_META_HTTP_BIND_ADDRESS: `127.0.0.1:${node.port}`, KAPACITOR_META_HTTPS_ENABLED: 'true', KAPACITOR_META_HTTPS_CERTIFICATE: pair.cert }
  expect(await runCommand(['user', 'list', ...flags.slice(1), ...client], env)).toMatchObject({ code: 0, stderr: '' })
})

test.each<[string, string[], RegExp]>([
  ['nobody listens',  ['127.0.0.1:1'],                 /^kapacitor-auth: meta node http:\/\/127\.0\.0\.1:1: nothing listens there; name the meta nodes with --meta-addr \(ECONNREFUSED\)\n$/],
  ['no such host',    ['nowhere.invalid:1'],           /^kapacitor-auth: warning: [^\n]+\nkapacitor-auth: meta node http:\/\/nowhere\.invalid:1: unknown host; check --meta-addr \(\w+\)\n$/],
  ['two of them',     ['127.0.0.1:1,127.0.0.1:2'],     /^kapacitor-auth: meta node http:\/\/127\.0\.0\.1:1: [^\n]+\nmeta node http:\/\/127\.0\.0\.1:2: [^\n]+\n$/],
  ['the default',     [],                              /^kapacitor-auth: meta node http:\/\/127\.0\.0\.1:1: nothing listens/],
])('%s', async (_says, [address], advice) => {
  const flags = address === undefined ? [] : ['--meta-addr', address]
  const ran = await runCommand(['user', 'list', ...flags], { ...asAdmin, KAPACITOR_META_HTTP_BIND_ADDRESS: ':1' })
  expect(ran.code).toBe(1)
  expect(ran.stderr).toMatch(advice)
})

test.each<[string, number, Record<string, string>, string, RegExp]>([
  // says                    status  headers                                 body                                               advice
  ['a leader elsewhere',     307,    { location: 'http://leader:8091/user' }, '',                                               /: it redirects to its leader http:\/\/leader:8091, which is not listed and so gets no credentials; add it to --meta-addr \(HTTP 307\)\n$/],
  ['a redirect to nowhere',  307,    {},                                     '',                                                /: it redirects to a leader that cannot be asked \(HTTP 307\)\n$/],
  ['a login page',           302,    { location: 'http://x/' },              '',                                                /is not a meta node: it redirects the request \(HTTP 302\)\n$/],
  ['a web server',           200,    {},                                     '<html>',                                          /is not a meta node, or is broken: HTTP 200 without JSON\n$/],
  ['another API',            404,    {},                                     '404 page not found\n',                            /^kapacitor-auth: 404 page not found\n$/],
  ['a page not found',       404,    {},                                     '<h1>',                                            /answered HTTP 404: is it a meta node\?\n$/],
  ['out of order',           503,    {},                                     '{"error":"the registry cannot be written to"}',   /: the registry cannot be written to \(HTTP 503\)\n$/],
  ['a broken proxy',         502,    {},                                     '<html>',                                          /: it cannot answer now \(HTTP 502\)\n$/],
  ['may not',                403,    {},                                     '{"error":"user admin is not an administrator"}',  /^kapacitor-auth: user admin is not an administrator: http:\S+ was asked as user "admin" of KAPACITOR_USERNAME\n$/],
  ['a name that may not be', 400,    {},                                     '{"error":"\\"name\\" begins with \\"oidc:\\", which is reserved"}', /^kapacitor-auth: the name begins with "oidc:", which is reserved\n$/],
  ['no name at all',         400,    {},                                     '{"error":"\\"name\\" is missing"}',                 /^kapacitor-auth: the name is missing\n$/],
  ['a word of that beginning', 400,  {},                                     '{"error":"\\"names\\" is unknown"}',                /^kapacitor-auth: "names" is unknown\n$/],
  ['Go behind TLS',          400,    {},                                     'Client sent an HTTP request to an HTTPS server.\n', /serves TLS only: use --meta-use-tls\n$/],
])('%s', async (_says, status, headers, body, advice) => {
  const server = await startServer((_req, res) => void res.writeHead(status, headers).end(body))
  cleanups.push(() => server.close())
  const { code, stderr } = await list(`127.0.0.1:${server.port}`)
  expect(code).toBe(1)
  expect(stderr).toMatch(advice)
})

test('a name that may be there by an earlier try: the advice is to look', async () => {
  const first = await startServer((req) => void req.socket.destroy())
  const second = await startServer((_req, res) => void res.writeHead(409).end('{"error":"role already exists"}'))
  cleanups.push(() => first.close(), () => second.close())
  const ran = await runCommand(['role', 'create', 'ops', '--meta-addr', `127.0.0.1:${first.port},127.0.0.1:${second.port}`], asAdmin)
  expect(ran).toEqual({ code: 1, stdout: '', stderr: `kapacitor-auth: role already exists; ${first.url} received the request earlier, gave no answer, and may have made the change: check with show\n` })
})

test.each<[string, string, Record<string, string>, boolean]>([
  // says                             meta nodes               environment                                      warned
  ['a password, beyond loopback',     '0.0.0.0:1',             asAdmin,                                         true],
  ['a token, beyond loopback',        '0.0.0.0:1',             { KAPACITOR_TOKEN: 'hunter2' },                  true],
  ['one of two, beyond loopback',     '127.0.0.1:1,0.0.0.0:1', { KAPACITOR_TOKEN: 'hunter2' },                  true],
  ['a token, to this machine',        '127.0.0.1:1,[::1]:1',   { KAPACITOR_TOKEN: 'hunter2' },                  false],
  ['nothing, beyond loopback',        '0.0.0.0:1',             { HOME: directory },                             false],
])('over plain HTTP: %s', async (_says, address, env, isWarned) => {
  const { code, stderr } = await runCommand(['user', 'list', '--meta-addr', address], env)
  const warning = 'kapacitor-auth: warning: credentials travel to 0.0.0.0:1 unencrypted; use --meta-use-tls\n'
  expect({ code, isWarned: stderr.startsWith(warning) }).toEqual({ code: 1, isWarned })
  expect(stderr).not.toContain('hunter2')
})
