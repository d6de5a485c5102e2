import type { RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { CERTS, startChecked } from '../../support/provider/checked.js'
import { newSigningKey } from '../../support/provider/signing-key.js'

const KEY = newSigningKey('RS256', 'ours')
const EC = newSigningKey('ES256', 'ec')
const MINUTE = 60_000

const text = (body: string | Buffer, type = 'application/json'): RequestListener => (_request, response) => {
  response.writeHead(200, { 'Content-Type': type }).end(body)
}

/** Writes until nobody listens: 64 MB at most. */
const endless: RequestListener = (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.write('{"keys":[],"x":"')
  const piece = Buffer.alloc(65_536, 'x')
  let left = 1024
  const more = () => {
    while (left-- > 0) if (!response.write(piece)) return void response.once('drain', more)
    response.end('"}')
  }
  more()
}

const ANSWERS: [string, object | RequestListener, RegExp][] = [
  // says                       answer                                                    reason
  ['64 MB',                     endless,                                                  /answers with more than 1048576 bytes/],
  ['HTML',                      text('<html>Sign in</html>', 'text/html'),                /does not answer with JSON/],
  ['half of it',                text(JSON.stringify({ keys: [KEY.jwk] }).slice(0, -3)),   /does not answer with JSON/],
  ['nothing',                   text(''),                                                 /does not answer with JSON/],
  ['no UTF-8',                  text(Buffer.from([0x22, 0xff, 0x22])),                    /does not answer with JSON/],
  ['a list',                    [KEY.jwk],                                                /does not answer with a JSON object/],
  ['null',                      text('null'),                                             /does not answer with a JSON object/],
  ['another object',            { error: 'x' },                                           /is neither a key set \(keys\) nor a discovery document \(jwks_uri\)/],
  ['keys that are not a list',  { keys: { ours: KEY.jwk } },                              /is neither a key set/],
  ['an empty set',              { keys: [] },                                             /has no usable key: it is empty/],
  ['only odd keys',             { keys: [null, { kty: 'oct', k: 'AAAA' }] },              /has no usable key: key 1 is not an object; key 2 is not public/],
  ['a redirect',                (_q, a) => a.writeHead(302, { Location: '/evil' }).end(), /answers 302: redirects are not followed \(to "\/evil"\)/],
  ['a permanent redirect',      (_q, a) => a.writeHead(308, { Location: '/evil' }).end(), /answers 308: redirects are not followed/],
  ['nothing new',               (_q, a) => a.writeHead(304).end(),                        /answers 304/],
  ['no content',                (_q, a) => a.writeHead(204).end(),                        /answers 204, not 200/],
  ['401',                       (_q, a) => a.writeHead(401).end('{"keys":[]}'),           /answers 401, not 200/],
  ['compressed, unasked',       (_q, a) => a.writeHead(200, { 'Content-Encoding': 'gzip' }).end(Buffer.from([0x1f, 0x8b, 8, 0])), /does not answer with JSON/],
]

test.each(ANSWERS)('OIDC 21: %s instead of keys: what was known stays', async (_says, answer, reason) => {
  const { outcome, claims, server, clock, status } = await startChecked([KEY])
  server.pages.set('/evil', { keys: [EC.jwk] })
  expect(await outcome(KEY.token(claims()))).toBe('in')
  server.pages.set(CERTS, answer)
  clock.advance(MINUTE)
  expect(await outcome(EC.token(claims()))).toMatch(/^503/)
  expect(await outcome(KEY.token(claims()))).toBe('in')
  expect(status()).toMatchObject({ keys: 1, lastError: expect.stringMatching(reason) })
  expect(server.asked).toEqual([CERTS, CERTS])
})

test('OIDC 21: of 64 MB one is read, and no more', async () => {
  const { verify, claims, server } = await startChecked([])
  let written = 0
  server.pages.set(CERTS, (request, response) => {
    response.on('close', () => { written = request.socket.bytesWritten })
    endless(request, response)
  })
  expect(await verify(KEY.token(claims()))).toMatchObject({ status: 503 })
  // The rest is what the kernel had taken of it
  expect(written).toBeLessThan(16_000_000)
})

const PRIVATE = { ...KEY.jwk, kid: 'private', d: 'AAAA' }

test.each<[string, unknown, RegExp | undefined]>([
  // says                         key                                                                   logged
  ['null',                        null,                                                                 /key 1 is not an object/],
  ['text',                        'key',                                                                /key 1 is not an object/],
  ['a list',                      [],                                                                   /key 1 is of a kind that is not supported/],
  ['empty',                       {},                                                                   /key 1 is of a kind that is not supported/],
  ['private',                     PRIVATE,                                                              /key 1 is not public/],
  ['oct',                         { kty: 'oct', k: 'AAAA', kid: 'ours', alg: 'HS256' },                 /key 1 is not public/],
  ['oct without k',               { kty: 'oct', kid: 'ours', alg: 'HS256' },                            /key 1 is of a kind that is not supported \("HS256"\)/],
  ['for encryption',              { ...KEY.jwk, use: 'enc', alg: 'RSA-OAEP' },                       /key 1 is for other uses \("enc"\)/],
  ['for encryption, alg of ours', { ...KEY.jwk, use: 'enc' },                                        /key 1 is for other uses/],
  ['to sign with',                { ...KEY.jwk, key_ops: ['sign'] },                                 /key 1 cannot be read/],
  ['of 1024 bits',                newSigningKey('RS256', 'ours', 1024).jwk,                             /key 1 has only 1024 bits/],
  ['a broken twin',               { ...KEY.jwk, n: '!' },                                            /key 1 (?:cannot be read|has only \d+ bits)/],
  ['a twin without n',            { kty: 'RSA', kid: 'ours', alg: 'RS256', e: 'AQAB' },                 /key 1 cannot be read/],
  ['a twin with e of 1',          { ...KEY.jwk, e: 'AQ' },                                           /key 1 (?:cannot be read|has an exponent)/],
  ['a twin with an even e',       { ...KEY.jwk, e: 'Ag' },                                           /key 1 (?:cannot be read|has an exponent)/],
  ['a twin that is another key',  newSigningKey('RS256', 'ours').jwk,                                   undefined],
  ['the same twice',              KEY.jwk,                                                              undefined],
  ['EC with RS256',               { ...EC.jwk, alg: 'RS256' },                                          /key 1 cannot be read/],
  ['a point off the curve',       { ...EC.jwk, x: EC.jwk.y, y: EC.jwk.x },                              /key 1 cannot be read/],
  ['an unknown curve',            { ...EC.jwk, crv: 'secp256k1', alg: 'ES256K' },                       /key 1 is of a kind that is not supported/],
  ['kid a number',                { ...KEY.jwk, kid: 1 },                                            /key 1 has a kid that is not text/],
  ['kid endless',                 { ...KEY.jwk, kid: 'k'.repeat(257) },                              /key 1 has a kid that is not text/],
  ['alg null',                    { ...KEY.jwk, alg: null, kid: 'null' },                            undefined],
  ['kty an object',               { ...KEY.jwk, kty: {}, alg: undefined },                           /key 1 is of a kind/],
  ['a control in it',             { ...KEY.jwk, alg: 'x\u001b[2J' },                                 /key 1 is of a kind that is not supported \("x\\u001b\[2J"\)/],
])('OIDC 21: a key that is %s does not spoil the set', async (_says, odd, logged) => {
  const { outcome, claims, server, events } = await startChecked([])
  server.pages.set(CERTS, { keys: [odd, KEY.jwk] })
  expect(await outcome(KEY.token(claims()))).toBe('in')
  expect(events[0]?.message).toMatch(logged ? new RegExp(`^the identity provider's keys: 1 key added \\("ours"\\); not used: ${logged.source}`) : /added \(/)
})

test('OIDC 21: a twin of 1024 bits verifies nothing', async () => {
  const weak = newSigningKey('RS256', 'weak', 1024)
  const { outcome, claims } = await startChecked([weak, KEY])
  expect(await outcome(weak.token(claims()))).toMatch(/^401 invalid token: it is signed with key "weak"/)
})

test('OIDC 21: so many keys that nobody has them: the first hundred count', async () => {
  const { outcome, claims, server, events, status } = await startChecked([])
  const { x, y } = EC.jwk
  const many = Array.from({ length: 2000 }, (_, i) => ({ kty: 'EC', crv: 'P-256', x, y, kid: `key-${i}` }))
  server.pages.set(CERTS, { keys: many })
  expect(await outcome(EC.token(claims(), { kid: 'key-99' }))).toBe('in')
  expect(await outcome(EC.token(claims(), { kid: 'key-100' }))).toMatch(/^401/)
  expect(status().keys).toBe(100)
  expect(events[0]?.message).toBe(`the identity provider's keys: 100 keys added ("key-0", "key-1", "key-2", "key-3", "key-4" and 95 more); not used: 1900 after the first 100`)
})

test('a 404 below /auth/realms: what Keycloak changed is told', async () => {
  const { outcome, claims, issuer, status } = await startChecked([], (origin) => ({ jwksEndpoint: `${origin}/auth${CERTS}` }))
  expect(await outcome(KEY.token(claims({ iss: issuer.replace('/realms', '/auth/realms') })))).toMatch(/^503/)
  expect(status().lastError).toMatch(/answers 404: since version 17 Keycloak has no \/auth before \/realms$/)
})
