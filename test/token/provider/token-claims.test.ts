import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AuthError } from '../../../src/errors.js'
import type { ProviderOptions } from '../../../src/token/provider/provider-options.js'
import type { ProviderTokenClaims } from '../../../src/token/provider/provider-verifier.js'
import { NOW, SECONDS, startChecked } from '../../support/provider/checked.js'
import { newSigningKey } from '../../support/provider/signing-key.js'

const KEY = newSigningKey('ES256')
const NO_TIME = 'exp, iat and nbf must be seconds since the epoch'

/** Claims as JSON in which something is written as no encoder would. */
const written = (claims: object, from: string, to: string) => Buffer.from(JSON.stringify(claims).replace(from, to))

test.each<[string, Record<string, unknown>, string]>([
  // says                           claims                                                    outcome
  ['expired within the skew',       { exp: SECONDS - 59 },                                    'in'],
  ['issued within the skew',        { iat: SECONDS + 60 },                                    'in'],
  ['not before, within the skew',   { nbf: SECONDS + 60 },                                    'in'],
  ['fractions',                     { exp: SECONDS + 0.5, iat: SECONDS - 0.5 },               'in'],
  ['a long life',                   { exp: 253_402_300_799 },                                 'in'],
  ['expired',                       { exp: SECONDS - 60 },                                    'it expired at 2026-06-01T11:59:00.000Z'],
  ['exp 0',                         { exp: 0 },                                               'it expired at 1970-01-01T00:00:00.000Z'],
  ['exp -1',                        { exp: -1 },                                              'it expired at 1969-12-31T23:59:59.000Z'],
  ['no exp',                        { exp: undefined },                                       'it never expires (exp is missing)'],
  ['exp null',                      { exp: null },                                            NO_TIME],
  ['exp text',                      { exp: String(SECONDS + 300) },                           NO_TIME],
  ['exp true',                      { exp: true },                                            NO_TIME],
  ['exp a list',                    { exp: [SECONDS + 300] },                                 NO_TIME],
  ['exp in milliseconds',           { exp: NOW + 300_000 },                                   NO_TIME],
  ['exp beyond all dates',          { exp: 253_402_300_800 },                                 NO_TIME],
  ['exp below all dates',           { exp: -253_402_300_800 },                                NO_TIME],
  ['no iat',                        { iat: undefined },                                       'it does not say when it was issued (iat)'],
  ['iat null',                      { iat: null },                                            NO_TIME],
  ['iat text',                      { iat: String(SECONDS) },                                 NO_TIME],
  ['iat beyond the skew',           { iat: SECONDS + 61 },                                    'it was issued in the future, at 2026-06-01T12:01:01.000Z; compare the clocks'],
  ['nbf beyond the skew',           { nbf: SECONDS + 61 },                                    'it is not valid before 2026-06-01T12:01:01.000Z'],
  ['nbf null',                      { nbf: null },                                            NO_TIME],
  ['nbf text',                      { nbf: '0' },                                             NO_TIME],
])('OIDC 11: %s', async (_says, changes, expected) => {
  const { outcome, claims } = await startChecked([KEY])
  expect(await outcome(KEY.token(claims(changes)))).toBe(expected === 'in' ? 'in' : `401 invalid token: ${expected}`)
})

test.each(['1e400', '-1e400', '1e308', '9007199254740993'])('OIDC 11: exp %s is not a time', async (number) => {
  const { outcome, claims } = await startChecked([KEY])
  for (const name of ['exp', 'iat', 'nbf']) {
    const body = written(claims({ [name]: 4242 }), '4242', number)
    expect(await outcome(KEY.token(body))).toBe(`401 invalid token: ${NO_TIME}`)
  }
})

test('OIDC 11: a token ends with its skew, and no sooner than it says', async () => {
  const { verify, outcome, claims, clock } = await startChecked([KEY], { clockSkew: 0 })
  const token = KEY.token(claims({ exp: SECONDS + 300 }))
  expect((await verify(token)) as ProviderTokenClaims).toMatchObject({ expiresAt: NOW + 300_000 })
  clock.advance(299_999)
  expect(await outcome(token)).toBe('in')
  clock.advance(1)
  expect(await outcome(token)).toBe('401 invalid token: it expired at 2026-06-01T12:05:00.000Z')
})

test.each([
  // says             iat                 outcome
  ['just issued',     SECONDS,            'in'],
  ['within max-age',  SECONDS - 659,      'in'],
  ['older',           SECONDS - 660,      '401 invalid token: it was issued at 2026-06-01T11:49:00.000Z, longer ago than max-age allows'],
  ['ancient',         0,                  '401 invalid token: it was issued at 1970-01-01T00:00:00.000Z, longer ago than max-age allows'],
])('OIDC 11: max-age of ten minutes, %s', async (_says, iat, expected) => {
  const { verify, outcome, claims } = await startChecked([KEY], { maxAge: 600_000 })
  const token = KEY.token(claims({ iat, exp: SECONDS + 86_400 }))
  expect(await outcome(token)).toBe(expected)
  if (expected === 'in') expect(await verify(token)).toMatchObject({ expiresAt: iat * 1000 + 660_000 })
})

test.each([
  ['a list',               []],
  ['null',                 null],
  ['text',                 'claims'],
  ['a number',             1],
  ['nothing',              Buffer.alloc(0)],
  ['not JSON',             Buffer.from('{"iss":')],
  ['two objects',          Buffer.from('{}{}')],
  ['not UTF-8',            Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['a lone surrogate',     Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
  ['a BOM',                Buffer.from('\ufeff{}')],
  ['UTF-16',               Buffer.from('{}', 'utf16le')],
  ['12,000 brackets',      Buffer.from('['.repeat(12_000))],
])('OIDC 12: claims that are %s are refused', async (_says, body) => {
  const { outcome } = await startChecked([KEY])
  expect(await outcome(KEY.token(body))).toMatch(/^401 invalid token: (?:its claims are not a JSON object|it is malformed)$/)
})

test('OIDC 12: of a claim that is there twice, the last counts', async () => {
  const { outcome, verify, claims, issuer } = await startChecked([KEY])
  const evil = written(claims({ iss: 4242 }), '4242', `"${issuer}","iss":"https://evil.example"`)
  expect(await outcome(KEY.token(evil))).toMatch(/^401 invalid token: its issuer is "https:\/\/evil.example"/)
  const twice = written(claims({ sub: 4242 }), '4242', '"admin","sub":"ann"')
  expect(await verify(KEY.token(twice))).toMatchObject({ subject: 'ann' })
})

test('OIDC 12: names that every object has are nobody\'s claims', async () => {
  const { outcome, claims, server } = await startChecked([KEY])
  const body = written({ x: 4242 }, '"x":4242', `"__proto__":${JSON.stringify(claims())}`)
  expect(await outcome(KEY.token(body))).toBe('401 invalid token: it never expires (exp is missing)')
  const names = { subjectClaim: 'constructor', groupsClaim: '/constructor/name' }
  const odd = await startChecked([KEY], names)
  expect(await odd.outcome(KEY.token(odd.claims()))).toMatch(/^401 invalid token: it does not say who it is for \(constructor\)/)
  expect(server.asked).toEqual([])
})

test('OIDC 12: whatever the claims and the header are, there is an answer', async () => {
  const { verify, claims, issuer } = await startChecked([KEY], { groupsClaim: '/groups/a' })
  const names = ['iss', 'sub', 'aud', 'azp', 'exp', 'iat', 'nbf', 'typ', 'cnf', 'events', 'groups', '_claim_names', '__proto__']
  const usual = fc.constantFrom<unknown>(issuer, 'kapacitor-auth', SECONDS, SECONDS + 100, ['kapacitor-auth'], 'Bearer', { a: ['x'] })
  const changes = fc.dictionary(fc.constantFrom(...names), fc.oneof(usual, fc.jsonValue()), { maxKeys: 4 })
  const header = fc.dictionary(fc.constantFrom('alg', 'typ', 'kid', 'crit', 'x'), fc.jsonValue(), { maxKeys: 2 })
  await fc.assert(
    fc.asyncProperty(changes, header, async (some, head) => {
      const answer = await verify(KEY.token(claims(some), head))
      if (answer instanceof AuthError) expect([answer.status, answer.code]).toEqual([401, 'ERR_TOKEN_INVALID'])
      else expect(answer).toMatchObject({ subject: expect.stringMatching(/./), issuer, expiresAt: expect.any(Number), groups: expect.any(Array) })
    }),
    { numRuns: 500 },
  )
})

test.each<[string, Record<string, unknown>, string]>([
  // says                  claims                          outcome
  ['255 characters',       { sub: 's'.repeat(255) },       'in'],
  ['a bar',                { sub: 'auth0|6538' },          'in'],
  ['missing',              { sub: undefined },             '401 invalid token: it does not say who it is for (sub); in Keycloak, add client scope basic'],
  ['empty',                { sub: '' },                    '401 invalid token: its sub is not text, or empty'],
  ['null',                 { sub: null },                  '401 invalid token: its sub is not text, or empty'],
  ['a number',             { sub: 7 },                     '401 invalid token: its sub is not text, or empty'],
  ['a list',               { sub: ['ann'] },               '401 invalid token: its sub is not text, or empty'],
  ['an object',            { sub: { id: 'ann' } },         '401 invalid token: its sub is not text, or empty'],
  ['half a character',     { sub: '\ud800' },              '401 invalid token: its sub is not text, or empty'],
  ['256 characters',       { sub: 's'.repeat(256) },       '401 invalid token: its sub has more than 255 characters'],
])('OIDC 13: subject %s', async (_says, changes, expected) => {
  const { outcome, claims } = await startChecked([KEY])
  expect(await outcome(KEY.token(claims(changes)))).toBe(expected)
})

test.each(['Ann', ' ann', 'ann\0', 'Zoe\u0308', 'Zo\u00eb', '\u{1d41a}'])('OIDC 13: subject %j is what it is: not folded, trimmed or normalized', async (sub) => {
  const { verify, claims } = await startChecked([KEY])
  expect(await verify(KEY.token(claims({ sub })))).toMatchObject({ subject: sub })
})

const LEFT_OUT = 'Microsoft Entra ID left groups out of the token, because there are too many'
const elsewhere = (url: string) => ({ _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: url } } })

test.each<[string, string | undefined, (origin: string) => Record<string, unknown>, readonly string[], string | undefined]>([
  // says                            claim                        claims                                                       groups          problem
  ['a list',                         'groups',                    () => ({ groups: ['a', 'b'] }),                              ['a', 'b'],     undefined],
  ['paths, as they are',             'groups',                    () => ({ groups: ['/ops'] }),                                ['/ops'],       undefined],
  ['an empty list',                  'groups',                    () => ({ groups: [] }),                                      [],             undefined],
  ['missing',                        'groups',                    () => ({}),                                                  [],             undefined],
  ['not asked for',                  undefined,                   () => ({ groups: ['a'], hasgroups: true }),                  [],             undefined],
  ['by a URL as name',               'https://a.example/roles',   () => ({ 'https://a.example/roles': ['a'] }),                ['a'],          undefined],
  ['a name with a dot',              'a.b',                       () => ({ 'a.b': ['a'], a: { b: ['evil'] } }),                ['a'],          undefined],
  ['nested, by pointer',             '/realm_access/roles',       () => ({ realm_access: { roles: ['a'] } }),                  ['a'],          undefined],
  ['the exact name before pointer',  '/x/y',                      () => ({ '/x/y': ['a'], x: { y: ['evil'] } }),               ['a'],          undefined],
  ['pointer with escapes',           '/a~1b/c~0d',                () => ({ 'a/b': { 'c~d': ['a'] } }),                         ['a'],          undefined],
  ['pointer into a list',            '/groups/0',                 () => ({ groups: [['a']] }),                                 [],             undefined],
  ['pointer into text',              '/groups/length',            () => ({ groups: 'a' }),                                     [],             undefined],
  ['text',                           'groups',                    () => ({ groups: 'admins' }),                                [],             'groups is not a list of texts'],
  ['a number',                       'groups',                    () => ({ groups: 1 }),                                       [],             'groups is not a list of texts'],
  ['null',                           'groups',                    () => ({ groups: null }),                                    [],             'groups is not a list of texts'],
  ['an object',                      'groups',                    () => ({ groups: { admins: true } }),                        [],             'groups is not a list of texts'],
  ['a list in a list',               'groups',                    () => ({ groups: [['admins']] }),                            [],             'groups is not a list of texts'],
  ['a list with a number',           'groups',                    () => ({ groups: ['admins', 1] }),                           [],             'groups is not a list of texts'],
  ['elsewhere',                      'groups',                    (o) => elsewhere(`${o}/groups`),                             [],             LEFT_OUT],
  ['elsewhere, and a list',          'groups',                    (o) => ({ groups: ['admins'], ...elsewhere(`${o}/groups`) }), [],            LEFT_OUT],
  ['hasgroups',                      'groups',                    () => ({ hasgroups: true }),                                 [],             LEFT_OUT],
  ['hasgroups as text',              'groups',                    () => ({ hasgroups: 'true' }),                               [],             LEFT_OUT],
  ['elsewhere, of another claim',    'roles',                     (o) => ({ roles: ['a'], ...elsewhere(`${o}/groups`) }),      ['a'],          undefined],
  ['_claim_names as text',           'groups',                    () => ({ groups: ['a'], _claim_names: 'groups' }),            ['a'],          undefined],
])('OIDC 16: groups %s', async (_says, groupsClaim, changes, groups, groupsProblem) => {
  const { verify, claims, server } = await startChecked([KEY], { groupsClaim } as ProviderOptions)
  const answer = await verify(KEY.token(claims(changes(server.origin))))
  expect(answer).toMatchObject({ subject: 'ann', groups })
  expect((answer as ProviderTokenClaims).groupsProblem).toBe(groupsProblem)
  expect(server.asked).toHaveLength(1)
})

test('OIDC 17: a token of 12 kB with 200 groups is in, one of more than 16 KiB is not', async () => {
  const { verify, outcome, claims } = await startChecked([KEY], { groupsClaim: 'groups' })
  const groups = Array.from({ length: 200 }, (_, i) => `0d1c3c5e-8a2b-4bd4-a6a6-${String(i).padStart(12, '0')}`)
  const token = KEY.token(claims({ groups }))
  expect(token.length).toBeGreaterThan(10_000)
  expect(await verify(token)).toMatchObject({ groups })
  const filled = (length: number) => KEY.token(claims({ x: 'x'.repeat(length) }))
  let length = 11_000
  while (filled(length + 1).length <= 16_384) length++
  expect(await outcome(filled(length))).toBe('in')
  expect(await outcome(filled(length + 1))).toBe('401 invalid token: it has more than 16384 characters')
})

test.each([
  // says                     claim                     claims                                                 outcome
  ['a pointer',               '/user/id',               { user: { id: 'bob' } },                               'bob'],
  ['an escaped pointer',      '/a~1b/c~0d',             { 'a/b': { 'c~d': 'bob' } },                           'bob'],
  ['its exact name first',    'https://x.example/id',   { 'https://x.example/id': 'bob' },                     'bob'],
  ['a name with a slash',     '/id',                    { '/id': 'bob', id: 'eve' },                           'bob'],
  ['to nothing',              '/user/name',             { user: { id: 'bob' } },                               'does not say who it is for'],
  ['into a list',             '/user/0',                { user: ['bob'] },                                     'does not say who it is for'],
  ['into text',               '/user/length',           { user: 'bob' },                                       'does not say who it is for'],
  ['to what objects have',    '/user/constructor',      { user: {} },                                          'does not say who it is for'],
  ['to an object',            '/user',                  { user: { id: 'bob' } },                               'is not text'],
  ['no pointer',              'user/id',                { user: { id: 'bob' } },                               'does not say who it is for'],
])('subject-claim may be a JSON pointer, as groups-claim: %s', async (_says, subjectClaim, changes, expected) => {
  const { verify, claims } = await startChecked([KEY], { subjectClaim })
  const answer = await verify(KEY.token(claims(changes)))
  if (expected === 'bob') expect(answer).toMatchObject({ subject: 'bob' })
  else expect(answer).toMatchObject({ status: 401, message: expect.stringContaining(expected) })
})
