import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { invalidToken, refuseToken, secretKey, verifyClaims } from '../../src/token/claims.js'

const SECRET = 'sixteen bytes or more'
const NOW = 1_800_000_000
const ALL = ['HS256', 'HS384', 'HS512']
const HASH: Record<string, string> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }

const encode = (part: unknown) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

/** A token with that header and those claims; signed, whatever the header says, with `secret` and `hash`. */
function sign(header: unknown, claims: unknown, secret = SECRET, hash = 'sha256'): string {
  const text = `${encode(header)}.${encode(claims)}`
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`
}

const HEADER = { alg: 'HS256', typ: 'JWT' }
const CLAIMS = { username: 'ann', exp: NOW + 60 }
const GOOD = sign(HEADER, CLAIMS)
const [HEAD = '', BODY = '', SIGNATURE = ''] = GOOD.split('.')

const verify = (token: string, algorithms = ALL, now = NOW) => verifyClaims(token, secretKey(SECRET), algorithms, now)
const outcome = async (token: string) => {
  const claims = await verify(token)
  return claims instanceof AuthError ? claims.code : 'good'
}

describe('a good token is one that is signed with the secret', () => {
  test.each([
    // says                                token                                                            expected
    ['as it should be',                    GOOD,                                                            'good'],
    ['by HS384',                           sign({ alg: 'HS384' }, CLAIMS, SECRET, 'sha384'),                'good'],
    ['by HS512',                           sign({ alg: 'HS512' }, CLAIMS, SECRET, 'sha512'),                'good'],
    ['without a type',                     sign({ alg: 'HS256' }, CLAIMS),                                  'good'],
    ['with claims that mean nothing here', sign(HEADER, { ...CLAIMS, aud: 'x', iss: 'y', sub: 'z' }),       'good'],
    ['64 KB of them',                      sign(HEADER, { ...CLAIMS, x: 'x'.repeat(65_536) }),              'good'],
    ['a key identifier is ignored',        sign({ ...HEADER, kid: 'k1' }, CLAIMS),                          'good'],
    ['even a path',                        sign({ ...HEADER, kid: '../../etc/passwd' }, CLAIMS),            'good'],
    ['even SQL',                           sign({ ...HEADER, kid: "' OR 1=1" }, CLAIMS),                    'good'],
    ['even 16 KB of it',                   sign({ ...HEADER, kid: 'k'.repeat(16_384) }, CLAIMS),            'good'],
    ['even a list',                        sign({ ...HEADER, kid: ['a'] }, CLAIMS),                         'good'],
    ['a key inside is ignored',            sign({ ...HEADER, jwk: { kty: 'oct', k: encode('theirs') } }, CLAIMS), 'good'],
    ['a key elsewhere is ignored',         sign({ ...HEADER, jku: 'http://127.0.0.1:1/keys' }, CLAIMS),     'good'],

    ['with another secret',                sign(HEADER, CLAIMS, 'sixteen bytes of theirs'),                 'ERR_TOKEN_INVALID'],
    ['with no secret',                     sign(HEADER, CLAIMS, ''),                                        'ERR_TOKEN_INVALID'],
    ['with half the secret',               sign(HEADER, CLAIMS, SECRET.slice(0, 8)),                        'ERR_TOKEN_INVALID'],
    ['with the secret and NUL',            sign(HEADER, CLAIMS, `${SECRET}\0x`),                            'ERR_TOKEN_INVALID'],
    ['with the key that it brings',        sign({ ...HEADER, jwk: { kty: 'oct', k: encode('theirs') } }, CLAIMS, 'theirs'), 'ERR_TOKEN_INVALID'],
    ['with a key that lies elsewhere',     sign({ ...HEADER, jku: 'http://127.0.0.1:1/keys' }, CLAIMS, 'theirs'), 'ERR_TOKEN_INVALID'],
    ['with a certificate that it brings',  sign({ ...HEADER, x5c: ['MIIB'], x5u: 'http://127.0.0.1:1/' }, CLAIMS, 'theirs'), 'ERR_TOKEN_INVALID'],
    ['by another hash than it says',       sign({ alg: 'HS512' }, CLAIMS),                                  'ERR_TOKEN_INVALID'],
    ['alg none, unsigned',                 `${encode({ alg: 'none' })}.${BODY}.`,                           'ERR_TOKEN_INVALID'],
    ['alg none, signed',                   sign({ alg: 'none' }, CLAIMS),                                   'ERR_TOKEN_INVALID'],
    ['alg None',                           sign({ alg: 'None' }, CLAIMS),                                   'ERR_TOKEN_INVALID'],
    ['alg NONE, with the good signature',  `${encode({ alg: 'NONE' })}.${BODY}.${SIGNATURE}`,               'ERR_TOKEN_INVALID'],
    ['alg hs256',                          sign({ alg: 'hs256' }, CLAIMS),                                  'ERR_TOKEN_INVALID'],
    ['alg RS256, HMAC signature',          sign({ alg: 'RS256' }, CLAIMS),                                  'ERR_TOKEN_INVALID'],
    ['alg ES256, HMAC signature',          sign({ alg: 'ES256' }, CLAIMS),                                  'ERR_TOKEN_INVALID'],
    ['alg PS256, HMAC signature',          sign({ alg: 'PS256' }, CLAIMS),                                  'ERR_TOKEN_INVALID'],
    ['alg EdDSA, HMAC signature',          sign({ alg: 'EdDSA' }, CLAIMS),                                  'ERR_TOKEN_INVALID'],
    ['alg dir',                            sign({ alg: 'dir', enc: 'A128GCM' }, CLAIMS),                    'ERR_TOKEN_INVALID'],
    ['no alg',                             sign({ typ: 'JWT' }, CLAIMS),                                    'ERR_TOKEN_INVALID'],
    ['alg is a number',                    sign({ alg: 256 }, CLAIMS),                                      'ERR_TOKEN_INVALID'],
    ['alg is a list',                      sign({ alg: ['HS256'] }, CLAIMS),                                'ERR_TOKEN_INVALID'],
    ['alg is empty',                       sign({ alg: '' }, CLAIMS),                                       'ERR_TOKEN_INVALID'],
    ['alg with a space',                   sign({ alg: 'HS256 ' }, CLAIMS),                                 'ERR_TOKEN_INVALID'],
    ['a critical header nobody knows',     sign({ ...HEADER, crit: ['x'], x: 1 }, CLAIMS),                  'ERR_TOKEN_INVALID'],
    ['a critical header that is missing',  sign({ ...HEADER, crit: ['x'] }, CLAIMS),                        'ERR_TOKEN_INVALID'],
    ['nothing critical, but said so',      sign({ ...HEADER, crit: [] }, CLAIMS),                           'ERR_TOKEN_INVALID'],
    ['critical is not a list',             sign({ ...HEADER, crit: 'exp' }, CLAIMS),                        'ERR_TOKEN_INVALID'],
    ['claims that are not encoded',        sign({ ...HEADER, b64: false, crit: ['b64'] }, CLAIMS),          'ERR_TOKEN_INVALID'],
    ['a header that is no JSON',           sign('HS256', CLAIMS),                                           'ERR_TOKEN_INVALID'],
    ['a header that is a list',            sign([], CLAIMS),                                                'ERR_TOKEN_INVALID'],
    ['a header that is null',              sign('null', CLAIMS),                                            'ERR_TOKEN_INVALID'],
    ['the header of another token',        `${encode({ alg: 'HS256' })}.${BODY}.${SIGNATURE}`,              'ERR_TOKEN_INVALID'],
    ['the claims of another token',        `${HEAD}.${encode({ ...CLAIMS, username: 'root' })}.${SIGNATURE}`, 'ERR_TOKEN_INVALID'],
    ['a signature cut short',              GOOD.slice(0, -4),                                               'ERR_TOKEN_INVALID'],
    ['no signature',                       `${HEAD}.${BODY}.`,                                              'ERR_TOKEN_INVALID'],
    ['a signature of zeros',               `${HEAD}.${BODY}.${'A'.repeat(43)}`,                             'ERR_TOKEN_INVALID'],
  ])('%s', async (_says, token, expected) => {
    expect(await outcome(token)).toBe(expected)
  })

  test('one algorithm asked for excludes the others', async () => {
    expect(await verify(GOOD, ['HS512'])).toMatchObject({ code: 'ERR_TOKEN_INVALID' })
    expect(await verify(sign({ alg: 'HS512' }, CLAIMS, SECRET, 'sha512'), ['HS512'])).not.toBeInstanceOf(AuthError)
    expect(await verify(GOOD, [])).toMatchObject({ code: 'ERR_TOKEN_INVALID' })
  })
})

describe('a token has one spelling', () => {
  /** The same bytes: the last of 43 characters holds 4 bits of them, and 2 that decoders ignore. */
  function spellings(token: string): string[] {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = alphabet.indexOf(token.at(-1) as string)
    return [1, 2, 3].map((bits) => token.slice(0, -1) + alphabet[last + bits])
  }
  const flip = (text: string) => text.replaceAll('-', '+').replaceAll('_', '/')

  test.each([
    // says                                token
    ['nothing',                            ''],
    ['one part',                           'garbage'],
    ['two parts',                          `${HEAD}.${BODY}`],
    ['four parts',                         `${GOOD}.x`],
    ['five parts, as an encrypted token',  'a.b.c.d.e'],
    ['only dots',                          '..'],
    ['a flood of dots',                    '.'.repeat(65_536)],
    ['a flood of letters',                 'a'.repeat(65_536)],
    ['a space before',                     ` ${GOOD}`],
    ['a space after',                      `${GOOD} `],
    ['a line feed after',                  `${GOOD}\n`],
    ['a tab inside',                       GOOD.replace('.', '.\t')],
    ['NUL after',                          `${GOOD}\0`],
    ['a comma after',                      `${GOOD},`],
    ['the scheme in the token',            `Bearer ${GOOD}`],
    ['padding',                            `${GOOD}=`],
    ['padding of the header',              `${HEAD}==.${BODY}.${SIGNATURE}`],
    ['the other base64 alphabet',          flip(sign(HEADER, { ...CLAIMS, x: '???>>>~~~ÿÿÿ' }))],
    ['junk after the signature',           `${GOOD}!`],
    ['a JSON serialization',               JSON.stringify({ protected: HEAD, payload: BODY, signature: SIGNATURE })],
    ['letters beyond ASCII',               GOOD.replace('e', 'ｅ')],
    ...spellings(GOOD).map((token): [string, string] => ['D8: bits left over in the signature', token]),
  ])('%s', async (_says, token) => {
    expect(token).not.toBe(GOOD)
    expect(await outcome(token)).toBe('ERR_TOKEN_INVALID')
  })
})

describe('claims are an object in JSON', () => {
  test.each([
    // says                         claims
    ['no JSON',                     'not JSON'],
    ['empty',                       ''],
    ['a list',                      [CLAIMS]],
    ['a number',                    '1'],
    ['true',                        'true'],
    ['a string',                    '"ann"'],
    ['junk after them',             `${JSON.stringify(CLAIMS)}x`],
    ['two objects',                 `${JSON.stringify(CLAIMS)}${JSON.stringify(CLAIMS)}`],
    ['a comment',                   `${JSON.stringify(CLAIMS)}//`],
    ['a last comma',                '{"username":"ann",}'],
    ['NUL after them',              `${JSON.stringify(CLAIMS)}\0`],
    ['nested beyond reason',        '['.repeat(10_000)],
  ])('%s is refused', async (_says, claims) => {
    expect(await outcome(sign(HEADER, claims))).toBe('ERR_TOKEN_INVALID')
  })

  test('bytes that are not UTF-8 are refused', async () => {
    const body = Buffer.from(`{"username":"jos\xE9","exp":${NOW + 60}}`, 'latin1').toString('base64url')
    const text = `${HEAD}.${body}`
    const token = `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`
    expect(await outcome(token)).toBe('ERR_TOKEN_INVALID')
  })

  test('null is an object without claims, as in Kapacitor', async () => {
    expect(await verify(sign(HEADER, 'null'))).toEqual({ exp: undefined, username: undefined })
  })

  test('a claim called __proto__ lends no others', async () => {
    const claims = `{"__proto__":{"username":"root","exp":${NOW + 60}}}`
    expect(await verify(sign(HEADER, claims))).toEqual({ exp: undefined, username: undefined })
  })

  test('a username is handed on as it is, of whatever type', async () => {
    for (const username of ['ann', '', 7, ['ann'], { name: 'ann' }, null, '__proto__']) {
      expect(await verify(sign(HEADER, { ...CLAIMS, username }))).toEqual({ exp: CLAIMS.exp, username })
    }
  })
})

describe('times are seconds since the epoch, and there is no leeway', () => {
  test.each([
    // says                          claims                                  expected
    ['expires in a second',          `{"exp":${NOW + 1}}`,                   'good'],
    ['in a fraction of one',         `{"exp":${NOW}.5}`,                     'good'],
    ['written with an exponent',     '{"exp":1.9e9}',                        'good'],
    ['at the end of the year 9999',  '{"exp":253402300799}',                 'good'],
    ['does not say',                 '{}',                                   'good'],
    ['says 0, which is not saying',  '{"exp":0}',                            'good'],
    ['valid since now',              `{"exp":${NOW + 1},"nbf":${NOW}}`,      'good'],
    ['issued now',                   `{"exp":${NOW + 1},"iat":${NOW}}`,      'good'],
    ['issued long ago',              `{"exp":${NOW + 1},"iat":0}`,           'good'],
    ['valid before the epoch',       `{"exp":${NOW + 1},"nbf":-1}`,          'good'],
    ['expires now',                  `{"exp":${NOW}}`,                       'ERR_TOKEN_INVALID'],
    ['expired a second ago',         `{"exp":${NOW - 1}}`,                   'ERR_TOKEN_INVALID'],
    ['expired a fraction ago',       `{"exp":${NOW - 1}.9999}`,              'ERR_TOKEN_INVALID'],
    ['expired before the epoch',     '{"exp":-1}',                           'ERR_TOKEN_INVALID'],
    ['negative, and far',            `{"exp":-${NOW + 60}}`,                 'ERR_TOKEN_INVALID'],
    ['a text',                       `{"exp":"${NOW + 60}"}`,                'ERR_TOKEN_INVALID'],
    ['true',                         '{"exp":true}',                         'ERR_TOKEN_INVALID'],
    ['null',                         '{"exp":null}',                         'ERR_TOKEN_INVALID'],
    ['a list',                       `{"exp":[${NOW + 60}]}`,                'ERR_TOKEN_INVALID'],
    ['an object',                    '{"exp":{}}',                           'ERR_TOKEN_INVALID'],
    ['1e308: beyond any date',       '{"exp":1e308}',                        'ERR_TOKEN_INVALID'],
    ['1e400: infinite',              '{"exp":1e400}',                        'ERR_TOKEN_INVALID'],
    ['beyond the last date there is', '{"exp":8640000000001}',                'ERR_TOKEN_INVALID'],
    ['B6: in milliseconds',          `{"exp":${(NOW + 60) * 1_000}}`,        'ERR_TOKEN_INVALID'],
    ['B6: after the year 9999',      '{"exp":253402300800}',                 'ERR_TOKEN_INVALID'],
    ['the last of two counts',       `{"exp":${NOW + 60},"exp":1}`,          'ERR_TOKEN_INVALID'],
    ['valid in a second',            `{"exp":${NOW + 9},"nbf":${NOW + 1}}`,  'ERR_TOKEN_INVALID'],
    ['valid from a text',            `{"exp":${NOW + 9},"nbf":"0"}`,         'ERR_TOKEN_INVALID'],
    ['valid from null',              `{"exp":${NOW + 9},"nbf":null}`,        'ERR_TOKEN_INVALID'],
    ['valid from never',             `{"exp":${NOW + 9},"nbf":1e308}`,       'ERR_TOKEN_INVALID'],
    ['issued in a second',           `{"exp":${NOW + 9},"iat":${NOW + 1}}`,  'ERR_TOKEN_INVALID'],
    ['issued at a text',             `{"exp":${NOW + 9},"iat":"0"}`,         'ERR_TOKEN_INVALID'],
    ['issued at true',               `{"exp":${NOW + 9},"iat":true}`,        'ERR_TOKEN_INVALID'],
    ['not yet valid, never expires', `{"nbf":${NOW + 1}}`,                   'ERR_TOKEN_INVALID'],
    ['everything wrong',             '{"exp":1,"nbf":1e12,"iat":1e12}',      'ERR_TOKEN_INVALID'],
  ])('%s', async (_says, claims, expected) => {
    expect(await outcome(sign(HEADER, claims))).toBe(expected)
  })

  test.each([
    // now        expected
    [NOW + 59,    'good'],
    [NOW + 59.99, 'good'],
    [NOW + 60,    'ERR_TOKEN_INVALID'],
    [NOW + 1e9,   'ERR_TOKEN_INVALID'],
  ])('the same token at %d: %s', async (now, expected) => {
    const claims = await verify(GOOD, ALL, now)
    expect(claims instanceof AuthError ? claims.code : 'good').toBe(expected)
  })
})

describe('whatever somebody signs', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const member = fc.constantFrom('alg', 'typ', 'kid', 'jwk', 'jku', 'crit', 'b64', 'exp', 'nbf', 'iat', 'username', '__proto__')
  const value = fc.oneof(fc.constantFrom('HS256', 'HS384', 'HS512', 'none', NOW, NOW + 60, NOW - 60, -1, 0, 1e308, true, null), fc.json())
  const object = fc.dictionary(member, value)
  const header = fc.oneof(fc.constantFrom({ alg: 'HS256' }, { alg: 'HS384' }, { alg: 'HS512' }), object)

  test('the answer is an answer, and a good one has times that are right', async () => {
    await fc.assert(fc.asyncProperty(header, object, fc.constantFrom('sha256', 'sha384', 'sha512'), async (head, claims, hash) => {
      const answer = await verify(sign(head, claims, SECRET, hash))
      if (answer instanceof AuthError) {
        expect(answer.code).toBe('ERR_TOKEN_INVALID')
        return
      }
      expect(HASH[(head as { alg: string }).alg]).toBe(hash)
      expect(answer.exp === undefined || answer.exp > NOW).toBe(true)
      for (const time of [claims.nbf, claims.iat]) expect(time === undefined || Number(time) <= NOW).toBe(true)
    }), { numRuns: 1_000 })
  })

  test('any text is answered', async () => {
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      expect(await outcome(text)).toBe('ERR_TOKEN_INVALID')
      expect(await outcome(`${HEAD}.${BODY}.${text}`)).toBe(text === SIGNATURE ? 'good' : 'ERR_TOKEN_INVALID')
    }), { numRuns: 500 })
  })

  test('no key is fetched', async () => {
    const fetch = vi.spyOn(globalThis, 'fetch')
    for (const alg of ['HS256', 'RS256']) {
      await verify(sign({ alg, kid: 'http://127.0.0.1:1/', jku: 'http://127.0.0.1:1/', x5u: 'http://127.0.0.1:1/' }, CLAIMS))
    }
    expect(fetch).not.toHaveBeenCalled()
  })
})

test('a refusal says why, in Kapacitor’s words, and nothing of the token', async () => {
  expect(invalidToken('x')).toMatchObject({ code: 'ERR_TOKEN_INVALID', status: 401, message: 'invalid token: x' })
  expect(refuseToken('x')).toMatchObject({ code: 'ERR_TOKEN_INVALID', status: 401, message: 'x' })
  for (const token of [`${GOOD}!`, sign(HEADER, { exp: 1, username: 'ann' }), sign(HEADER, CLAIMS, 'sixteen bytes of theirs')]) {
    const refusal = await verify(token)
    expect(refusal).toMatchObject({ message: expect.stringMatching(/^invalid token: [\w, ]+$/) })
    expect((refusal as AuthError).message).not.toContain('ann')
  }
})

describe('a secret has sixteen bytes or more', () => {
  test.each([
    // says                     secret                accepted
    ['sixteen',                 'x'.repeat(16),       true],
    ['eight of two bytes each', 'é'.repeat(8),        true],
    ['many',                    'x'.repeat(4_096),    true],
    ['none',                    '',                   false],
    ['one',                     'x',                  false],
    ['fifteen',                 'x'.repeat(15),       false],
    ['seven of two bytes each', 'é'.repeat(7),        false],
  ])('%s', (_says, secret, accepted) => {
    if (accepted) expect(Buffer.from(secretKey(secret)).toString()).toBe(secret)
    else expect(() => secretKey(secret)).toThrow(new TypeError('secret must have at least 16 bytes'))
  })
})
