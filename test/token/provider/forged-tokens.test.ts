import { expect, test } from 'vitest'
import { CERTS, startChecked } from '../../support/provider/checked.js'
import { compact, hmacToken, newSigningKey, part } from '../../support/provider/signing-key.js'

const KEY = newSigningKey()
const OTHER = newSigningKey('RS256', 'other')
const NOTHING = () => Buffer.alloc(0)

test.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const)('signed with %s: in', async (alg) => {
  const key = newSigningKey(alg)
  const { outcome, claims } = await startChecked([key])
  expect(await outcome(key.token(claims()))).toBe('in')
  expect(await outcome(key.token(claims({ sub: 'bob' })).replace(/.{8}$/, 'AAAAAAAA'))).toMatch(/^401 invalid token: (?:its signature is not valid|it is malformed)$/)
})

test.each([
  // alg       signature
  ['none',     NOTHING],
  ['None',     NOTHING],
  ['NONE',     NOTHING],
  ['nOnE',     NOTHING],
  ['',         NOTHING],
  ['none',     () => Buffer.from('x')],
  [undefined,  () => Buffer.from('x')],
  [null,       () => Buffer.from('x')],
  [['RS256'],  () => Buffer.from('x')],
  ['rs256',    () => Buffer.from('x')],
  ['RS256 ',   () => Buffer.from('x')],
  ['RSA-OAEP', () => Buffer.from('x')],
  ['ES256K',   () => Buffer.from('x')],
  ['ML-DSA-44', () => Buffer.from('x')],
  ['constructor', () => Buffer.from('x')],
])('OIDC 1: alg %j is refused', async (alg, signature) => {
  const { outcome, claims, server } = await startChecked([KEY])
  expect(await outcome(compact({ alg, kid: KEY.kid }, claims(), signature))).toMatch(/^401 invalid token: (?:algorithm .* is not one of RS256|it is malformed$)/)
  expect(server.asked).toEqual([])
})

test('OIDC 1: a good algorithm without a signature is refused', async () => {
  const { outcome, claims } = await startChecked([KEY])
  const good = KEY.token(claims())
  expect(await outcome(good.replace(/[^.]+$/, ''))).toBe('401 invalid token: it is malformed')
  expect(await outcome(good.replace(/\.[^.]+$/, ''))).toMatch(/^401 invalid token: it is not a JSON Web Token/)
  expect(await outcome(good)).toBe('in')
})

test.each([
  // says                 secret
  ['the key as PEM',      KEY.publicKey.export({ type: 'spki', format: 'pem' }) as string],
  ['PEM, trimmed',        (KEY.publicKey.export({ type: 'spki', format: 'pem' }) as string).trim()],
  ['the key as DER',      KEY.publicKey.export({ type: 'spki', format: 'der' }) as Buffer],
  ['the key as a JWK',    JSON.stringify(KEY.jwk)],
  ['its modulus',         KEY.jwk.n as string],
  ['its modulus, bytes',  Buffer.from(KEY.jwk.n as string, 'base64url')],
  ['its kid',             KEY.kid],
  ['nothing',             ''],
])('OIDC 2: HMAC with %s is refused', async (_says, secret) => {
  const { outcome, claims } = await startChecked([KEY])
  for (const alg of ['HS256', 'HS384', 'HS512'] as const) {
    expect(await outcome(hmacToken(alg, secret, claims(), { kid: KEY.kid }))).toMatch(/^401 invalid token: algorithm "HS\d{3}" is not one of/)
    // The algorithm of the key, and its signature by HMAC
    const forged = hmacToken(alg, secret, claims(), { alg: 'RS256', kid: KEY.kid })
    expect(await outcome(forged)).toBe('401 invalid token: its signature is not valid')
  }
})

test('OIDC 2: an HMAC algorithm cannot even be allowed', async () => {
  await expect(startChecked([KEY], { algorithms: ['RS256', 'HS256'] })).rejects.toThrow(/algorithms must be some of RS256.* not "HS256"/)
})

test.each([
  // says                       header
  ['jwk',                       () => ({ jwk: OTHER.jwk })],
  ['jwk, and the kid of ours',  () => ({ jwk: OTHER.jwk, kid: KEY.kid })],
  ['jku',                       (origin: string) => ({ jku: `${origin}/evil` })],
  ['jku, no kid',               (origin: string) => ({ jku: `${origin}/evil`, kid: undefined })],
  ['x5u',                       (origin: string) => ({ x5u: `${origin}/evil` })],
  ['x5c',                       () => ({ x5c: ['MIIB'] })],
  ['x5t',                       () => ({ x5t: 'AAAA', 'x5t#S256': 'AAAA' })],
])('OIDC 3: a key that the header brings (%s) is not used, and nothing is fetched', async (_says, header) => {
  const { outcome, claims, server } = await startChecked([KEY])
  server.pages.set('/evil', { keys: [OTHER.jwk] })
  expect(await outcome(OTHER.token(claims(), header(server.origin)))).toMatch(/^401 invalid token: (?:it is signed with key "other"|its signature is not valid)/)
  expect(server.asked).toEqual([CERTS])
  // They are ignored, not refused: Entra sends x5t
  expect(await outcome(KEY.token(claims(), { ...header(server.origin), kid: KEY.kid }))).toBe('in')
})

test.each([
  // says          kid                                         refused because
  ['a list',       [KEY.kid],                                  'its kid is not text of at most 256 characters'],
  ['a number',     1,                                          'its kid is not text of at most 256 characters'],
  ['null',         null,                                       'its kid is not text of at most 256 characters'],
  ['257 long',     'k'.repeat(257),                            'its kid is not text of at most 256 characters'],
  ['64 KB',        'k'.repeat(65_536),                         'it has more than 16384 characters'],
  ['a path',       '../../../../dev/null',                     'it is signed with key "../../../../dev/null" (RS256), which the provider does not publish'],
  ['SQL',          "x' UNION SELECT 'a",                       `it is signed with key "x' UNION SELECT 'a" (RS256), which the provider does not publish`],
  ['a URL',        'http://127.0.0.1:1/key',                   'it is signed with key "http://127.0.0.1:1/key" (RS256), which the provider does not publish'],
  ['a control',    'a\nb\u001b[2J',                            'it is signed with key "a\\nb\\u001b[2J" (RS256), which the provider does not publish'],
  ['__proto__',    '__proto__',                                'it is signed with key "__proto__" (RS256), which the provider does not publish'],
  ['empty',        '',                                         'it is signed with key "" (RS256), which the provider does not publish'],
])('OIDC 4: kid %s is refused', async (_says, kid, reason) => {
  const { outcome, claims, server } = await startChecked([KEY])
  expect(await outcome(KEY.token(claims(), { kid }))).toBe(`401 invalid token: ${reason}`)
  expect(server.asked.filter((path) => path !== CERTS)).toEqual([])
})

test.each([
  // says                      header                                    
  ['unknown',                  { crit: ['x'], x: 1 }],
  ['empty',                    { crit: [] }],
  ['of what is there anyway',  { crit: ['alg'] }],
  ['b64',                      { crit: ['b64'], b64: true }],
  ['b64 false',                { crit: ['b64'], b64: false }],
  ['text',                     { crit: 'x' }],
  ['null',                     { crit: null }],
])('OIDC 5: crit (%s) is refused', async (_says, header) => {
  const { outcome, claims } = await startChecked([KEY])
  expect(await outcome(KEY.token(claims(), header))).toBe('401 invalid token: its header asks for extensions (crit) that are not supported')
})

test.each<[string, (good: string) => string]>([
  ['four parts',                (good) => `${good}.e30`],
  ['four parts, one empty',     (good) => `${good}.`],
  ['five parts',                (good) => `${good}.e30.e30`],
  ['two parts',                 (good) => good.split('.').slice(0, 2).join('.')],
  ['one part',                  (good) => good.split('.')[0] as string],
  ['nothing',                   () => ''],
  ['dots only',                 () => '..'],
  ['a space before',            (good) => ` ${good}`],
  ['a space after',             (good) => `${good} `],
  ['a line break after',        (good) => `${good}\n`],
  ['a space within',            (good) => good.replace('.', ' .')],
  ['padding',                   (good) => `${good}=`],
  ['padding within',            (good) => good.replace('.', '=.')],
  ['base64, not base64url',     (good) => good.replace(/[-_]/g, (c) => (c === '-' ? '+' : '/')).replace(/\.([^.]*)$/, '.+$1')],
  ['another last character',    (good) => good.slice(0, -1) + String.fromCharCode(good.charCodeAt(good.length - 1) + 1)],
  ['a NUL',                     (good) => good.replace('.', '\0.')],
  ['JSON serialization',        (good) => JSON.stringify({ protected: good.split('.')[0], payload: good.split('.')[1], signature: good.split('.')[2] })],
  ['no header',                 (good) => good.replace(/^[^.]+/, '')],
  ['header not JSON',           (good) => good.replace(/^[^.]+/, part(Buffer.from('{')))],
  ['header a list',             (good) => good.replace(/^[^.]+/, part([]))],
  ['header null',               (good) => good.replace(/^[^.]+/, part(null))],
  ['header with a BOM',         (good) => good.replace(/^[^.]+/, part(Buffer.from('\ufeff{"alg":"RS256"}')))],
])('OIDC 5: %s is refused', async (_says, change) => {
  const { outcome, claims, server } = await startChecked([KEY])
  const good = KEY.token(claims())
  const changed = change(good)
  expect(changed).not.toBe(good)
  expect(await outcome(changed)).toMatch(/^401 invalid token: (?:it is malformed|its header is not a JSON object|it is not a JSON Web Token|it is encrypted)/)
  expect(server.asked).toEqual([])
})

test('whatever is presented, no message has the token in it', async () => {
  const { outcome, claims } = await startChecked([KEY])
  const good = KEY.token(claims())
  const [, body, signature] = good.split('.') as [string, string, string]
  for (const token of [`${good}x`, good.replace('.', '..'), body, OTHER.token(claims()), KEY.token(claims({ exp: 1 }))]) {
    const said = await outcome(token)
    expect(said).toMatch(/^401/)
    expect([body.slice(0, 40), signature.slice(0, 40)].some((secret) => said.includes(secret))).toBe(false)
  }
})
