import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { missing, parseCredentials, rejected } from '../../src/authn/credentials.js'
import { AuthError } from '../../src/errors.js'

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64')
const latin1 = (text: string) => Buffer.from(text, 'latin1')
const basic = (text: string | Buffer) => `Basic ${base64(text)}`
const url = (name: string, password: string) => `/x?${new URLSearchParams({ u: name, p: password })}`

const MISSING = '401 unable to parse authentication credentials'
const REJECTED = '401 authorization failed'
const NO_NAME = '401 username required'
const TWO = '400 more than one credential in the request'

/** What was read, in one line. */
function read(headers: readonly string[], target = '/x'): string {
  const read = parseCredentials(headers, target)
  if (read instanceof AuthError) return `${read.status} ${read.message}`
  return read.kind === 'password' ? `password ${JSON.stringify([read.name, read.password])}` : `${read.kind} ${read.token}`
}

const says = (name: string, password: string) => `password ${JSON.stringify([name, password])}`
const ANN = says('ann', 'apw')

describe('the Authorization header', () => {
  test.each([
    // says                                    value                                       expected
    ['Basic',                                  'Basic YW5uOmFwdw==',                       ANN],
    ['in lower case',                          'basic YW5uOmFwdw==',                       ANN],
    ['in any case',                            'bASIC YW5uOmFwdw==',                       ANN],
    ['a password with colons',                 basic('ann:a:b:c'),                         says('ann', 'a:b:c')],
    ['a password of one colon',                basic('ann::'),                             says('ann', ':')],
    ['a name with spaces',                     basic(' ann lee :apw'),                     says(' ann lee ', 'apw')],
    ['UTF-8',                                  basic('josé:pässwörd'),                     says('josé', 'pässwörd')],
    ['beyond the first plane',                 basic('🔑:🔑🔑'),                           says('🔑', '🔑🔑')],
    ['no normalisation',                       basic('jose\u0301:x'),                      says('jose\u0301', 'x')],
    ['a byte order mark is part of the name',  basic('\uFEFFann:apw'),                     says('\uFEFFann', 'apw')],
    ['case matters',                           basic('ANN:apw'),                           says('ANN', 'apw')],
    ['control characters in a name',           basic('ann\r\n\x1b[2J:apw'),                says('ann\r\n\x1b[2J', 'apw')],
    ['__proto__',                              basic('__proto__:apw'),                     says('__proto__', 'apw')],
    ['an escape is not undone here',           basic('%75:a%2Bb+c'),                       says('%75', 'a%2Bb+c')],
    ['a password of 72 bytes',                 basic(`ann:${'x'.repeat(72)}`),             says('ann', 'x'.repeat(72))],
    ['36 letters of two bytes',                basic(`ann:${'é'.repeat(36)}`),             says('ann', 'é'.repeat(36))],
    ['a name of 512 letters',                  basic(`${'n'.repeat(512)}:apw`),            says('n'.repeat(512), 'apw')],
    ['a name that looks like a subscriber’s',  basic('~subscribers:apw'),                  says('~subscribers', 'apw')],
    ['a subscriber in another case',           basic('~Subscriber:apw'),                   says('~Subscriber', 'apw')],
    ['a subscriber',                           basic('~subscriber:tok1'),                  'subscription tok1'],
    ['a subscriber’s long token',              basic(`~subscriber:${'t'.repeat(200)}`),    `subscription ${'t'.repeat(200)}`],
    ['a subscriber without a token',           basic('~subscriber:'),                      'subscription '],
    ['Bearer',                                 'Bearer a.b.c',                             'bearer a.b.c'],
    ['Bearer, with anything after it',         'Bearer  a.b.c',                            'bearer  a.b.c'],
    ['Bearer of Bearer',                       'Bearer Bearer a.b.c',                      'bearer Bearer a.b.c'],

    ['no header',                              undefined,                                  MISSING],
    ['an empty one',                           '',                                         MISSING],
    ['only the scheme',                        'Basic',                                    MISSING],
    ['nothing after the space',                'Basic ',                                   MISSING],
    ['two spaces',                             'Basic  YW5uOmFwdw==',                      MISSING],
    ['a tab',                                  'Basic\tYW5uOmFwdw==',                      MISSING],
    ['a tab after the space',                  'Basic \tYW5uOmFwdw==',                     MISSING],
    ['a space before',                         ' Basic YW5uOmFwdw==',                      MISSING],
    ['a space inside',                         'Basic YW5u OmFwdw==',                      MISSING],
    ['a space after',                          'Basic YW5uOmFwdw== ',                      MISSING],
    ['a tab inside',                           'Basic YW5u\tOmFwdw==',                     MISSING],
    ['no padding',                             'Basic YW5uOmFwdw',                         MISSING],
    ['half the padding',                       'Basic YW5uOmFwdw=',                        MISSING],
    ['too much padding',                       'Basic YW5uOmFwdw===',                      MISSING],
    ['padding inside',                         'Basic YW5uOg==YXB3',                       MISSING],
    ['bits left over',                         'Basic YW5uOmFwdx==',                       MISSING],
    ['the alphabet of URLs',                   `Basic ${base64('ann:?>?>?>').replaceAll('/', '_').replaceAll('+', '-')}`, MISSING],
    ['no base64 at all',                       'Basic !!',                                 MISSING],
    ['base64 and junk',                        'Basic YW5uOmFwdw==!',                      MISSING],
    ['junk in base64',                         'Basic YW5u!OmFwdw==',                      MISSING],
    ['letters beyond ASCII',                   'Basic YW5uOmFwdw==\xE9',                   MISSING],
    ['plain text',                             'Basic ann:apw',                            MISSING],
    ['two in one',                             'Basic YW5uOmFwdw==,Basic x',               MISSING],
    ['two in one, with a space',               'Basic YW5uOmFwdw==, Bearer x',             MISSING],
    ['after a comma',                          ',Basic YW5uOmFwdw==',                      MISSING],
    ['a colon after the scheme',               'Basic:YW5uOmFwdw==',                       MISSING],
    ['an equals sign after it',                'Basic=YW5uOmFwdw==',                       MISSING],
    ['a parameter after it',                   'Basic realm="x", YW5uOmFwdw==',            MISSING],
    ['no scheme',                              'YW5uOmFwdw==',                             MISSING],
    ['a scheme that starts alike',             'BasicX YW5uOmFwdw==',                      MISSING],
    ['a scheme beyond ASCII',                  'Baſic YW5uOmFwdw==',                       MISSING],
    ['no colon',                               basic('ann'),                               MISSING],
    ['a wide colon',                           basic('ann：apw'),                          MISSING],
    ['Bearer alone',                           'Bearer',                                   MISSING],
    ['Bearer and a tab',                       'Bearer\ta.b.c',                            MISSING],
    ['bearer in lower case',                   'bearer a.b.c',                             MISSING],
    ['BEARER in upper case',                   'BEARER a.b.c',                             MISSING],
    ['Bearer and a colon',                     'Bearer: a.b.c',                            MISSING],
    ['Digest',                                 'Digest username="ann", response="x"',      MISSING],
    ['C4: Token, as InfluxDB has it',            'Token ann:apw',                            MISSING],
    ['Token, as InfluxDB 2 has it',            'Token c2VjcmV0dG9rZW4=',                   MISSING],
    ['Token alone',                            'Token ',                                   MISSING],
    ['token in lower case',                    'token ann:apw',                            MISSING],
    ['Token and a space inside',               'Token ann:a pw',                           MISSING],
    ['Token and a space before',               'Token  ann:apw',                           MISSING],
    ['Negotiate',                              'Negotiate YW5uOmFwdw==',                   MISSING],

    ['no name',                                basic(':apw'),                              NO_NAME],
    ['neither name nor password',              basic(':'),                                 NO_NAME],
    ['no password',                            basic('ann:'),                              REJECTED],
    ['latin-1',                                basic(latin1('josé:pässwörd')),             REJECTED],
    ['UTF-8, then latin-1',                    basic(Buffer.concat([Buffer.from('josé:'), latin1('pässwörd')])), REJECTED],
    ['a name of bytes FF',                     basic(latin1('\xFF\xFF:apw')),              REJECTED],
    ['a password of bytes FE',                 basic(latin1('ann:\xFE')),                  REJECTED],
    ['half of a surrogate pair',               basic(latin1('ann:\xED\xA0\x80')),          REJECTED],
    ['an overlong letter',                     basic(latin1('ann:\xC1\xA1')),              REJECTED],
    ['a subscriber with bytes FF',             basic(latin1('~subscriber:\xFF')),          REJECTED],
    ['NUL in the name',                        basic('an\0n:apw'),                         REJECTED],
    ['NUL after the name',                     basic('ann\0:apw'),                         REJECTED],
    ['NUL in the password',                    basic('ann:apw\0apw'),                      REJECTED],
    ['NUL after the password',                 basic('ann:apw\0'),                         REJECTED],
    ['a password of 73 bytes',                 basic(`ann:${'x'.repeat(73)}`),             REJECTED],
    ['36 letters of two bytes and one',        basic(`ann:${'é'.repeat(36)}x`),            REJECTED],
    ['a password of 10,000 bytes',             basic(`ann:${'x'.repeat(10_000)}`),         REJECTED],
    ['a name of 513 letters',                  basic(`${'n'.repeat(513)}:apw`),            REJECTED],
    ['a name of 64 KB',                        basic(`${'n'.repeat(65_536)}:apw`),         REJECTED],
  ])('%s', (_says, value, expected) => {
    expect(read(value === undefined ? [] : ['Authorization', value])).toBe(expected)
  })

  test.each([
    // says                              headers                                                            expected
    ['its name in lower case',           ['authorization', basic('ann:apw')],                               ANN],
    ['in upper case',                    ['AUTHORIZATION', basic('ann:apw')],                               ANN],
    ['among others',                     ['Host', 'x', 'Authorization', basic('ann:apw'), 'Accept', '*/*'], ANN],
    ['a header’s value is not a name',   ['X-Name', 'Authorization', 'Authorization', basic('ann:apw')],    ANN],
    ['cookies are not ours',             ['Cookie', 'u=bob; p=bpw', 'Authorization', basic('ann:apw')],     ANN],
    ['a proxy’s is not ours',            ['Proxy-Authorization', basic('ann:apw')],                         MISSING],
    ['nor InfluxDB’s access token',      ['InfluxDB-Access-Token', 'tok1'],                                 MISSING],
    ['nor one with an underscore',       ['Authorization_', basic('ann:apw')],                              MISSING],
    ['nor one forwarded',                ['X-Forwarded-Authorization', basic('ann:apw')],                   MISSING],
    ['nor a user that somebody names',   ['X-Forwarded-User', 'ann', 'Remote-User', 'ann'],                 MISSING],
    ['nor a name of the same length',    ['Authorisation', basic('ann:apw')],                               MISSING],
    ['two of them',                      ['Authorization', basic('ann:no'), 'Authorization', basic('ann:apw')], TWO],
    ['the same one twice',               ['Authorization', basic('ann:apw'), 'Authorization', basic('ann:apw')], TWO],
    ['in two spellings',                 ['Authorization', basic('ann:apw'), 'authorization', basic('ann:apw')], TWO],
    ['the first one empty',              ['Authorization', '', 'Authorization', basic('ann:apw')],          TWO],
    ['the second one empty',             ['Authorization', basic('ann:apw'), 'Authorization', ''],          TWO],
    ['both empty',                       ['Authorization', '', 'Authorization', ''],                        TWO],
    ['a foreign one and ours',           ['Authorization', 'Digest x', 'Authorization', basic('ann:apw')],  TWO],
    ['Bearer and Basic',                 ['Authorization', 'Bearer x', 'Authorization', basic('ann:apw')],  TWO],
    ['far apart',                        ['Authorization', 'Bearer x', 'Host', 'x', 'Authorization', 'Bearer x'], TWO],
  ])('%s', (_says, headers, expected) => {
    expect(read(headers)).toBe(expected)
  })
})

describe('u and p in the query', () => {
  test.each([
    // says                               target                                     expected
    ['both',                              '/x?u=ann&p=apw',                          ANN],
    ['in the other order',                '/x?p=apw&u=ann',                          ANN],
    ['among others',                      '/x?db=a&u=ann&rp=b&p=apw&c',              ANN],
    ['escaped values',                    '/x?u=%61nn&p=a%70w',                      ANN],
    ['escaped names',                     '/x?%75=ann&%70=apw',                      ANN],
    ['UTF-8',                             '/x?u=jos%C3%A9&p=p%C3%A4ssw%C3%B6rd',     says('josé', 'pässwörd')],
    ['UTF-8 as it stands',                '/x?u=jos\xC3\xA9&p=x',                    says('josé', 'x')],
    ['a plus is a space',                 '/x?u=ann+lee&p=a+b',                      says('ann lee', 'a b')],
    ['an escaped plus is a plus',         '/x?u=ann&p=a%2Bb',                        says('ann', 'a+b')],
    ['colons in the name',                '/x?u=a:b&p=c:d',                          says('a:b', 'c:d')],
    ['an equals sign',                    '/x?u=ann&p=a=b',                          says('ann', 'a=b')],
    ['an escaped semicolon',              '/x?u=ann&p=a%3Bb',                        says('ann', 'a;b')],
    ['a semicolon in another pair',       '/x?a=1;b=2&u=ann&p=apw',                  ANN],
    ['a subscriber is a name here',       '/x?u=~subscriber&p=tok1',                 says('~subscriber', 'tok1')],
    ['72 bytes',                          url('ann', 'é'.repeat(36)),                says('ann', 'é'.repeat(36))],
    ['no query',                          '/x',                                      MISSING],
    ['an empty one',                      '/x?',                                     MISSING],
    ['only u',                            '/x?u=ann',                                MISSING],
    ['only p',                            '/x?p=apw',                                MISSING],
    ['u empty',                           '/x?u=&p=apw',                             MISSING],
    ['p empty',                           '/x?u=ann&p=',                             MISSING],
    ['p without a value',                 '/x?u=ann&p',                              MISSING],
    ['upper case',                        '/x?U=ann&P=apw',                          MISSING],
    ['other names',                       '/x?user=ann&password=apw',                MISSING],
    ['InfluxDB’s token',                  '/x?access_token=a.b.c',                   MISSING],
    ['in the path',                       '/u=ann&p=apw',                            MISSING],
    ['an escaped question mark',          '/x%3Fu=ann&p=apw',                        MISSING],
    ['separated by a semicolon',          '/x?u=ann;p=apw',                          MISSING],
    ['a semicolon in the password',       '/x?u=ann&p=a;pw',                         MISSING],
    ['a semicolon after the name',        '/x?u=ann;&p=apw',                         MISSING],
    ['a broken escape in the name',       '/x?u=ann%&p=apw',                         MISSING],
    ['a broken escape in the password',   '/x?u=ann&p=100%',                         MISSING],
    ['latin-1',                           '/x?u=jos%E9&p=apw',                       MISSING],
    ['bytes FF',                          '/x?u=ann&p=%FF',                          MISSING],
    ['NUL in the name',                   '/x?u=ann%00&p=apw',                       REJECTED],
    ['NUL in the password',               '/x?u=ann&p=apw%00apw',                    REJECTED],
    ['73 bytes',                          url('ann', 'x'.repeat(73)),                REJECTED],
    ['36 letters of two bytes and one',   url('ann', `${'é'.repeat(36)}x`),          REJECTED],
    ['a name of 513 letters',             url('n'.repeat(513), 'apw'),               REJECTED],
    ['u twice',                           '/x?u=ann&u=bob&p=apw',                    TWO],
    ['u twice, the same',                 '/x?u=ann&u=ann&p=apw',                    TWO],
    ['u twice, the first empty',          '/x?u=&u=ann&p=apw',                       TWO],
    ['u twice, the second empty',         '/x?u=ann&u=&p=apw',                       TWO],
    ['u twice, once escaped',             '/x?u=ann&%75=bob&p=apw',                  TWO],
    ['p twice',                           '/x?u=ann&p=apw&p=no',                     TWO],
    ['both twice',                        '/x?u=ann&p=apw&u=bob&p=bpw',              TWO],
    ['u twice, without p',                '/x?u=ann&u=bob',                          TWO],
    ['a second u that some cannot read',  '/x?u=ann&p=apw&u=%zz',                    TWO],
    ['a second u after a semicolon',      '/x?u=ann&p=apw&a=1;u=bob',                TWO],
    ['a first u before a semicolon',      '/x?u=bob;&u=ann&p=apw',                   TWO],
    ['a second p after a semicolon',      '/x?u=ann&p=apw&a=1;p=no',                 TWO],
    ['a second p that is no UTF-8',       '/x?u=ann&p=apw&p=%FF',                    TWO],
  ])('%s', (_says, target, expected) => {
    expect(read([], target)).toBe(expected)
  })
})

describe('a header and the query are more than one', () => {
  const HEADERS: [string, string][] = [
    ['a good one',        basic('bob:bpw')],
    ['the same one',      basic('ann:apw')],
    ['no name',           basic(':apw')],
    ['no colon',          basic('ann')],
    ['the scheme alone',  'Basic'],
    ['nothing',           ''],
    ['Digest',            'Digest x'],
    ['Token',             'Token ann:apw'],
    ['Bearer',            'Bearer a.b.c'],
    ['bearer',            'bearer a.b.c'],
    ['Bearer alone',      'Bearer'],
  ]

  test.each(HEADERS)('%s beside u and p', (_says, value) => {
    expect(read(['Authorization', value], '/x?u=ann&p=apw')).toBe(TWO)
  })

  test.each([
    // says                           target                    expected
    ['only u',                        '/x?u=ann',               TWO],
    ['only p',                        '/x?p=apw',               TWO],
    ['an empty u',                    '/x?u=',                  TWO],
    ['u without a value',             '/x?u',                   TWO],
    ['an escaped u',                  '/x?%75=bob',             TWO],
    ['a u that some cannot read',     '/x?u=%zz',               TWO],
    ['a p that some cannot read',     '/x?p=%FF',               TWO],
    ['u after a semicolon',           '/x?a=1;u=bob',           TWO],
    ['p before a semicolon',          '/x?p=bpw;a=1',           TWO],
    ['neither',                       '/x?db=a&q=b',            ANN],
    ['names that start alike',        '/x?user=bob&pw=bpw',     ANN],
    ['a semicolon elsewhere',         '/x?a=1;b=2',             ANN],
    ['a broken escape elsewhere',     '/x?a=%zz&%=b',           ANN],
    ['upper case',                    '/x?U=bob&P=bpw',         ANN],
    ['in the path',                   '/u=bob&p=bpw',           ANN],
  ])('a good one beside %s', (_says, target, expected) => {
    expect(read(['Authorization', basic('ann:apw')], target)).toBe(expected)
  })
})

describe('for any name and password', () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }).filter((text) => !text.includes('\0'))
  const password = fc.string({ unit: 'binary', minLength: 1, maxLength: 18 }).filter((text) => !text.includes('\0'))

  test('what goes into Basic comes out of it', () => {
    fc.assert(fc.property(name.filter((text) => !text.includes(':')), password, (n, p) => {
      expect(parseCredentials(['Authorization', basic(`${n}:${p}`)], '/x')).toEqual({ kind: 'password', name: n, password: p })
    }))
  })

  test('what goes into the query comes out of it', () => {
    fc.assert(fc.property(name, password, (n, p) => {
      expect(parseCredentials([], url(n, p))).toEqual({ kind: 'password', name: n, password: p })
    }))
  })

  test('Basic has one spelling: what is read, encodes to what was sent', () => {
    const unit = fc.constantFrom('Y', 'W', '5', 'u', 'O', 'm', 'F', 'w', 'd', 'x', '=', ' ', '-', '_', '+', '/', '\t')
    fc.assert(fc.property(fc.string({ unit, maxLength: 12 }).map((text) => `YW5u${text}`), (value) => {
      const credentials = parseCredentials(['Authorization', `Basic ${value}`], '/x')
      if (credentials instanceof AuthError || credentials.kind !== 'password') return
      expect(base64(`${credentials.name}:${credentials.password}`)).toBe(value)
    }), { numRuns: 5_000 })
  })
})

describe('for any request', () => {
  const bytes = fc.uint8Array({ maxLength: 60 }).map((b) => Buffer.from(b).toString('latin1'))
  const value = fc.oneof(bytes, bytes.map((b) => `Basic ${b}`), bytes.map((b) => basic(latin1(b))), bytes.map((b) => `Bearer ${b}`))
  const header = fc.tuple(fc.constantFrom('Authorization', 'authorization', 'Host', 'Cookie'), value)
  const target = fc.oneof(bytes, bytes.map((b) => `/x?u=${b}&p=${b}`))

  test('there is an answer: credentials that can be used, or a refusal', () => {
    fc.assert(fc.property(fc.array(header, { maxLength: 3 }), target, (headers, text) => {
      const answer = parseCredentials(headers.flat(), text)
      if (answer instanceof AuthError) {
        expect([400, 401]).toContain(answer.status)
      } else if (answer.kind === 'password') {
        expect(answer.name).not.toBe('')
        expect(answer.name).not.toMatch(/\0/)
        expect(Buffer.byteLength(answer.password)).toBeLessThanOrEqual(72)
        expect(answer.password).toMatch(/^[^\0]+$/)
      }
    }), { numRuns: 2_000 })
  })

  test('two headers are never believed', () => {
    fc.assert(fc.property(value, value, target, (one, other, text) => {
      expect(read(['Authorization', one, 'Authorization', other], text)).toBe(TWO)
    }))
  })
})

test('refusals come anew, each with its challenge', () => {
  for (const refusal of [missing(), rejected()]) {
    expect(refusal).toMatchObject({ status: 401, headers: { 'WWW-Authenticate': 'Basic realm="kapacitor", charset="UTF-8"' } })
  }
  expect(rejected()).not.toBe(rejected())
  expect(missing().code).toBe('ERR_CREDENTIALS_MISSING')
  expect(rejected().code).toBe('ERR_CREDENTIALS_REJECTED')
})

describe('D8: no password stays in the memory that small buffers share', () => {
  const PASSWORD = 'Zq7-nowhere-else'
  const BASIC = `Basic ${btoa(`ann:${PASSWORD}`)}` // without a Buffer of the test's own

  test.each<[string, string[], string]>([
    // says                       headers                                                     target
    ['Basic',                     ['Authorization', BASIC],                                   '/x'],
    ['Basic, without a colon',    ['Authorization', `Basic ${btoa(PASSWORD)}`],               '/x'],
    ['Basic, not strict base64',  ['Authorization', `${BASIC}!`],                             '/x'],
    ['Basic, not UTF-8',          ['Authorization', `Basic ${btoa(`ann:${PASSWORD}\xFF`)}`],  '/x'],
    ['Token',                     ['Authorization', `Token ann:${PASSWORD}`],                 '/x'],
    ['the query, escaped',        [],                                                         `/x?u=ann&p=%5A${PASSWORD.slice(1)}`],
  ])('%s', (_says, headers, target) => {
    read(headers, target)
    expect(Buffer.from(Buffer.from('x').buffer).includes(PASSWORD)).toBe(false)
  })
})
