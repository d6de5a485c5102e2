import { expect, test } from 'vitest'
import { startChecked } from '../../support/provider/checked.js'
import { TENANT } from '../../support/provider/shapes.js'
import { newSigningKey } from '../../support/provider/signing-key.js'

const KEY = newSigningKey()
const OTHER_TENANT = '11111111-2222-3333-4444-555555555555'

const API = 'https://kapacitor.example'
const US = 'kapacitor-auth'
const ACCEPTED = `accepted: client-id ["${US}"] or audience ["${API}"]`
const MISSING = 'it has no audience (aud); add an audience at the provider'
const NO_TEXT = 'its aud is not text; add an audience at the provider'

test.each<[string, Record<string, unknown>, string]>([
  // says                                    claims                                                         outcome
  ['our API',                                { aud: API },                                                  'in'],
  ['our client',                             { aud: US },                                                   'in'],
  ['a list with us',                         { aud: ['x', API] },                                           'in'],
  ['a list with us, asked for by us',        { aud: [API, 'https://t.auth0.com/userinfo'], azp: US },       'in'],
  ['another API, asked for by us',           { aud: 'x', azp: US },                                         `its audience is ["x"], asked for by "${US}"; ${ACCEPTED}`],
  ["Keycloak's account, asked for by us",    { aud: 'account', azp: US },                                   `its audience is ["account"], asked for by "${US}"; ${ACCEPTED}`],
  ['the client id as audience, ours asked',  { aud: US, azp: US },                                          'in'],
  ['another application',                    { aud: 'wiki' },                                               `its audience is ["wiki"]; ${ACCEPTED}`],
  ["Keycloak's account, foreign azp",        { aud: 'account', azp: 'wiki' },                               `its audience is ["account"], asked for by "wiki"; ${ACCEPTED}`],
  ['account, foreign appid',                 { aud: 'account', appid: 'wiki' },                             `its audience is ["account"], asked for by "wiki"; ${ACCEPTED}`],
  ['a foreign azp beside our client_id',     { aud: 'account', azp: 'wiki', client_id: US },                `its audience is ["account"], asked for by "wiki"; ${ACCEPTED}`],
  ['account, azp is our audience',           { aud: 'account', azp: API },                                  `its audience is ["account"], asked for by "${API}"; ${ACCEPTED}`],
  ['another letter case',                    { aud: US.toUpperCase() },                                     `its audience is ["${US.toUpperCase()}"]; ${ACCEPTED}`],
  ['ours with more after it',                { aud: `${US} ` },                                             `its audience is ["${US} "]; ${ACCEPTED}`],
  ['a part of ours',                         { aud: 'kapacitor' },                                          `its audience is ["kapacitor"]; ${ACCEPTED}`],
  ['Microsoft Graph',                        { aud: '00000003-0000-0000-c000-000000000000', appid: 'x' },   `its audience is ["00000003-0000-0000-c000-000000000000"], asked for by "x": it is for Microsoft Graph; request a scope of your own application; ${ACCEPTED}`],
])('OIDC 6: a token for %s', async (_says, changes, expected) => {
  const { outcome, claims } = await startChecked([KEY])
  expect(await outcome(KEY.token(claims(changes)))).toBe(expected === 'in' ? 'in' : `401 invalid token: ${expected}`)
})

test.each<[string, Record<string, unknown>, string]>([
  // says                                    claims                                      outcome
  ["Keycloak's account, asked for by us",    { aud: 'account', azp: US },                'in'],
  ["Entra's version 1",                      { aud: 'api://1', appid: US },              'in'],
  ['RFC 9068',                               { aud: 'https://another', client_id: US },  'in'],
  ['account, asked for by another',          { aud: 'account', azp: 'wiki' },            `401 invalid token: its audience is ["account"], asked for by "wiki"; accepted: client-id ["${US}"]`],
])('OIDC 6: where only client-id is set, it is enough that our client asked: %s', async (_says, changes, expected) => {
  const { outcome, claims } = await startChecked([KEY], { audiences: [] })
  expect(await outcome(KEY.token(claims(changes)))).toBe(expected)
})

test.each<[string, Record<string, unknown>, string]>([
  // says                        claims                              refused because
  ['missing',                    { aud: undefined },                 MISSING],
  ['missing, but azp is ours',   { aud: undefined, azp: US },        MISSING],
  ['a number',                   { aud: 1 },                         NO_TEXT],
  ['an object',                  { aud: { [API]: true } },           NO_TEXT],
  ['null',                       { aud: null },                      NO_TEXT],
  ['true',                       { aud: true },                      NO_TEXT],
  ['empty',                      { aud: '' },                        NO_TEXT],
  ['an empty list',              { aud: [] },                        NO_TEXT],
  ['a list with a number',       { aud: [API, 1] },                  NO_TEXT],
  ['a list with a list',         { aud: [[API]] },                   NO_TEXT],
  ['a list with nothing',        { aud: [API, ''] },                 NO_TEXT],
  ['us and others, foreign azp', { aud: [API, 'x'], azp: 'wiki' },   `its audience is ["${API}", "x"], asked for by "wiki"; ${ACCEPTED}`],
  ['azp a list',                 { aud: API, azp: [US] },            'its azp is not text'],
  ['azp null',                   { aud: API, azp: null },            'its azp is not text'],
])('OIDC 7: aud %s is refused', async (_says, changes, reason) => {
  const { outcome, claims } = await startChecked([KEY])
  expect(await outcome(KEY.token(claims(changes)))).toBe(`401 invalid token: ${reason}`)
})

test.each<[string, Record<string, unknown>, string]>([
  // says                         claims                      outcome
  ['any audience',                { aud: 'wiki', azp: 'x' },  'in'],
  ['none',                        { aud: undefined },         'in'],
  ['a number',                    { aud: 1 },                 `401 invalid token: ${NO_TEXT}`],
  ['an empty list',               { aud: [] },                `401 invalid token: ${NO_TEXT}`],
])('OIDC 7: where nothing is set: %s', async (_says, changes, expected) => {
  const { outcome, claims } = await startChecked([KEY], { clientIds: [], audiences: [] })
  expect(await outcome(KEY.token(claims(changes)))).toBe(expected)
})

test('an audience alone says nothing about who may ask for it', async () => {
  const { outcome, claims } = await startChecked([KEY], { clientIds: [] })
  expect(await outcome(KEY.token(claims({ aud: [API, 'x'], azp: 'any' })))).toBe('in')
  expect(await outcome(KEY.token(claims({ aud: 'x', azp: API })))).toBe(`401 invalid token: its audience is ["x"], asked for by "${API}"; accepted: audience ["${API}"]`)
})

test.each<[string, (issuer: string) => unknown]>([
  ['a slash more',      (issuer) => `${issuer}/`],
  ['another realm',     (issuer) => issuer.replace('demo', 'other')],
  ['another host',      () => 'https://evil.example/realms/demo'],
  ['in capitals',       (issuer) => issuer.toUpperCase()],
  ['with a port',       (issuer) => issuer.replace(/:\d+/, ':80')],
  ['a space more',      (issuer) => `${issuer} `],
  ['escaped',           (issuer) => issuer.replace('demo', '%64emo')],
  ['a list',            (issuer) => [issuer]],
  ['missing',           () => undefined],
  ['null',              () => null],
  ['empty',             () => ''],
  ['a control',         () => '\u001b[2J\n'],
  ['endless',           () => 'x'.repeat(8000)],
])('OIDC 8: another issuer (%s) is refused without a fetch; both texts are told', async (_says, change) => {
  const { outcome, claims, issuer, server } = await startChecked([KEY])
  const iss = change(issuer)
  const said = await outcome(KEY.token(claims({ iss })))
  expect(said).toMatch(typeof iss === 'string' ? /^401 invalid token: its issuer is ".*", not "/ : /^401 invalid token: it names no issuer \(iss\)$/)
  if (typeof iss === 'string') expect(said).toContain(`not "${issuer}"`)
  expect(said.length).toBeLessThan(300)
  expect(said).toMatch(/^[ -~…]+$/)
  expect(server.asked).toEqual([])
})

/** As Entra: keys for all tenants, without `alg`. */
const entra = async (jwk: Record<string, unknown> = {}, options = {}) => {
  const path = `/${TENANT}/discovery/v2.0/keys`
  const { server, verify, claims } = await startChecked([], (origin) => ({ provider: 'azure', jwksEndpoint: origin + path, ...options }))
  const { origin } = server
  const { alg, ...published } = KEY.jwk
  server.pages.set(path, { keys: [{ ...published, ...jwk }] })
  const outcome = async (changes: Record<string, unknown>) => {
    const answer = await verify(KEY.token(claims({ aud: US, oid: 'an-oid', tid: TENANT, iss: `${origin}/${TENANT}/v2.0`, ...changes })))
    return answer instanceof Error ? `401 ${answer.message}` : `in: ${answer.subject}`
  }
  return { outcome, origin }
}

test.each<[string, (origin: string) => Record<string, unknown>, string]>([
  ['version 2',                       () => ({}),                                                                      'in: an-oid'],
  ['version 1',                       () => ({ iss: `https://sts.windows.net/${TENANT}/` }),                           'in: an-oid'],
  ['version 1, no slash',             () => ({ iss: `https://sts.windows.net/${TENANT}` }),                            'its issuer is'],
  ['another tenant, same key',        (o) => ({ iss: `${o}/${OTHER_TENANT}/v2.0`, tid: OTHER_TENANT }),                'its issuer is'],
  ['another tenant, version 1',       () => ({ iss: `https://sts.windows.net/${OTHER_TENANT}/`, tid: OTHER_TENANT }),  'its issuer is'],
  ['our issuer, another tid',         () => ({ tid: OTHER_TENANT }),                                                   `its tenant (tid) is "${OTHER_TENANT}", not "${TENANT}"`],
  ['our issuer, no tid',              () => ({ tid: undefined }),                                                      'its tenant (tid) is missing (scope profile)'],
  ['the issuer that the document prints', (o) => ({ iss: `${o}/${TENANT}/oauth2/v2.0/` }),                             'its issuer is'],
  ['no oid, though a sub',            () => ({ oid: undefined }),                                                      'it does not say who it is for (oid); request scope profile'],
])('OIDC 8: Entra, %s', async (_says, changes, expected) => {
  const { outcome, origin } = await entra()
  const said = await outcome(changes(origin))
  expect(said.startsWith('in') ? said : said.replace('401 invalid token: ', '')).toContain(expected)
})

test.each([
  // says                     member of the key                                                           outcome
  ['of all tenants',          'https://login.microsoftonline.com/{tenantid}/v2.0',                        /^in/],
  ['of ours',                 `https://login.microsoftonline.com/${TENANT}/v2.0`,                         /^in/],
  ['of another',              `https://login.microsoftonline.com/${OTHER_TENANT}/v2.0`,                   /which the provider does not publish$/],
])('OIDC 8: Entra, a key %s', async (_says, issuer, expected) => {
  const { outcome } = await entra({ issuer })
  expect(await outcome({})).toMatch(expected)
})

test('OIDC 8: a configured issuer is the only one', async () => {
  const { outcome } = await entra({}, { issuer: `https://sts.windows.net/${TENANT}/` })
  expect(await outcome({ iss: `https://sts.windows.net/${TENANT}/` })).toBe('in: an-oid')
  expect(await outcome({})).toMatch(/its issuer is/)
})

test.each([
  // says                  header                          claims                                                             outcome
  ['access, no typ',       { typ: undefined },             {},                                                                'in'],
  ['access, RFC 9068',     { typ: 'at+jwt' },              {},                                                                'in'],
  ['access, in full',      { typ: 'application/at+jwt' },  {},                                                                'in'],
  ['any case',             { typ: 'jWt' },                 {},                                                                'in'],
  ['in full, any case',    { typ: 'Application/JWT' },     {},                                                                'in'],
  ['Keycloak, access',     {},                             { typ: 'Bearer' },                                                 'in'],
  ['Keycloak, ID',         {},                             { typ: 'ID' },                                                     'in'],
  ['logout',               { typ: 'logout+jwt' },          {},                                                                'type "logout+jwt" is not that of an access or ID token'],
  ['logout, plain typ',    {},                             { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }, 'it tells of events (events)'],
  ['events null',          {},                             { events: null },                                                  'it tells of events (events)'],
  ['DPoP proof',           { typ: 'dpop+jwt' },            {},                                                                'type "dpop+jwt" is not that of an access or ID token'],
  ['security event',       { typ: 'secevent+jwt' },        {},                                                                'type "secevent+jwt" is not that of an access or ID token'],
  ['client assertion',     { typ: 'client-authentication+jwt' }, {},                                                          'type "client-authentication+jwt" is not that of an access or ID token'],
  ['typ a list',           { typ: ['JWT'] },               {},                                                                'type ["JWT"] is not that of an access or ID token'],
  ['typ empty',            { typ: '' },                    {},                                                                'type "" is not that of an access or ID token'],
  ['typ and more',         { typ: 'JWT\n' },               {},                                                                'type "JWT\\n" is not that of an access or ID token'],
  ['Keycloak, refresh',    {},                             { typ: 'Refresh' },                                                'its kind (typ) is "Refresh", not "Bearer" or "ID"'],
  ['Keycloak, offline',    {},                             { typ: 'Offline' },                                                'its kind (typ) is "Offline", not "Bearer" or "ID"'],
  ['Keycloak, logout',     {},                             { typ: 'Logout' },                                                 'its kind (typ) is "Logout", not "Bearer" or "ID"'],
  ['another case',         {},                             { typ: 'bearer' },                                                 'its kind (typ) is "bearer", not "Bearer" or "ID"'],
  ['typ claim a list',     {},                             { typ: ['Bearer'] },                                               'its kind (typ) is ["Bearer"], not "Bearer" or "ID"'],
  ['typ claim null',       {},                             { typ: null },                                                     'its kind (typ) is "", not "Bearer" or "ID"'],
])('OIDC 9: %s', async (_says, header, changes, expected) => {
  const { outcome, claims } = await startChecked([KEY])
  expect(await outcome(KEY.token(claims(changes), header))).toBe(expected === 'in' ? 'in' : `401 invalid token: ${expected}`)
})

test.each([
  ['JWE',            'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA', 'it is encrypted, and only its provider can read it; request an API (audience) at the provider, or send the ID token'],
  ['an opaque text', 'zAy7pQ_xVbN0w',                                           'it is not a JSON Web Token, and only its provider can read it; request an API (audience) at the provider, or send the ID token'],
])('OIDC 9: %s: what to do is told', async (_says, token, reason) => {
  const { outcome } = await startChecked([KEY])
  expect(await outcome(token)).toBe(`401 invalid token: ${reason}`)
})

test.each([
  ['jkt (DPoP)',         { jkt: 'AAAA' }],
  ['x5t#S256 (mTLS)',    { 'x5t#S256': 'AAAA' }],
  ['jwk',                { jwk: KEY.jwk }],
  ['nothing',            {}],
  ['null',               null],
  ['text',               'x'],
])('OIDC 10: a token that is bound to a key, cnf with %s, is refused', async (_says, cnf) => {
  const { outcome, claims } = await startChecked([KEY])
  expect(await outcome(KEY.token(claims({ cnf })))).toBe('401 invalid token: it is bound to a key (cnf), which is not supported')
})
