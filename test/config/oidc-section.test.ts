import { describe, expect, test } from 'vitest'
import { ALL_ALGORITHMS } from '../../src/config/kinds/provider-kinds.js'
import { knownIssuer } from '../../src/token/provider/key-set/known-issuers.js'
import { PROVIDER_ALGORITHMS } from '../../src/token/provider/provider-algorithms.js'
import { load, loadToml, problems } from './support.js'

const PROVIDER = 'jwks-endpoint = "https://id.example.com/keys"\n'
const CLIENT = 'client-id = "kapacitor"\n'
const ADMINS = 'admins = "a"\n'
const WHOLE = PROVIDER + CLIENT + ADMINS

const loadKeys = (keys: string) => loadToml(`[oidc]\n${keys}`)
const refused = (keys: string) => problems(() => loadKeys(keys)).map((line) => line.replace('kapacitor.conf:', ''))

test('nothing is set, nothing is said', () => {
  const { oidc, warnings, origins } = load()
  expect(warnings).toEqual([])
  expect(origins.get('oidc.subject-claim')).toBe('default')
  expect(oidc).toEqual({
    file: '', provider: '', jwksEndpoint: '', issuer: '', clientId: [], audience: [], subjectClaim: 'sub', admins: [], auditors: [], members: [],
    groupsClaim: '', groupRoles: [], algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
    clockSkew: 60_000, maxAge: 0, refreshInterval: 600_000, keepKeys: 86_400_000, timeout: 5_000, ca: '',
  })
})

test('all of it can be set by variables', () => {
  const { oidc, warnings } = load({
    env: {
      KAPACITOR_OIDC_PROVIDER: 'azure', KAPACITOR_OIDC_JWKS_ENDPOINT: 'https://login.microsoftonline.com/T/discovery/v2.0/keys',
      KAPACITOR_OIDC_ISSUER: 'https://login.microsoftonline.com/T/v2.0', KAPACITOR_OIDC_CLIENT_ID: 'a, b', KAPACITOR_OIDC_AUDIENCE: 'api://c',
      KAPACITOR_OIDC_ADMINS: 'x,y', KAPACITOR_OIDC_AUDITORS: 'z', KAPACITOR_OIDC_MEMBERS: 'auth0|m',
      KAPACITOR_OIDC_GROUPS_CLAIM: '/realm_access/roles', KAPACITOR_OIDC_GROUP_ROLES: '/ops=operators, a=b=c', KAPACITOR_OIDC_ALGORITHMS: 'RS256,ES256',
      KAPACITOR_OIDC_CLOCK_SKEW: '5s', KAPACITOR_OIDC_MAX_AGE: '1h', KAPACITOR_OIDC_REFRESH_INTERVAL: '1m', KAPACITOR_OIDC_KEEP_KEYS: '1m', KAPACITOR_OIDC_TIMEOUT: '1s', KAPACITOR_OIDC_CA: '/ca',
    },
  })
  expect(warnings).toEqual([])
  expect(oidc).toMatchObject({
    provider: 'azure', clientId: ['a', 'b'], audience: ['api://c'], subjectClaim: 'oid', admins: ['x', 'y'], auditors: ['z'], members: ['auth0|m'],
    groupsClaim: '/realm_access/roles', groupRoles: [{ group: '/ops', role: 'operators' }, { group: 'a=b', role: 'c' }], algorithms: ['RS256', 'ES256'],
    clockSkew: 5_000, maxAge: 3_600_000, refreshInterval: 60_000, keepKeys: 60_000, timeout: 1_000, ca: '/ca',
  })
})

describe('the claim that holds the id', () => {
  test.each([
    // keys                                             claim      origin
    ['',                                                'sub',     'default'],
    ['provider = "keycloak"\n',                         'sub',     'default'],
    ['provider = "azure"\n',                            'oid',     'default'],
    ['provider = "azure"\nsubject-claim = ""\n',        'oid',     'default'],
    ['provider = "azure"\nsubject-claim = "sub"\n',     'sub',     'kapacitor.conf:6'],
    ['subject-claim = "email_id"\n',                    'email_id', 'kapacitor.conf:5'],
  ])('%j', (keys, claim, origin) => {
    const { oidc, origins } = loadKeys(WHOLE + keys)
    expect(oidc.subjectClaim).toBe(claim)
    expect(origins.get('oidc.subject-claim')?.replace(/^.*\//, '')).toBe(origin)
  })
})

describe('a value that is accepted', () => {
  test.each([
    ['jwks-endpoint = "http://127.0.0.1:8080/keys"'],
    ['jwks-endpoint = "http://localhost/keys"'],
    ['jwks-endpoint = "http://[::1]:1/keys"'],
    ['jwks-endpoint = "https://login.microsoftonline.com/T/discovery/keys?appid=a"\nprovider = "azure"'],
    ['jwks-endpoint = "https://k.example/auth/realms/R/protocol/openid-connect/certs"'],
    ['issuer = "https://tenant.auth0.com/"'],
    ['issuer = "https://id.example.com"'],
  ])('%s', (keys) => {
    const { oidc, warnings } = loadKeys(`${CLIENT}${ADMINS}${keys}`)
    expect(warnings).toEqual([])
    expect(keys).toContain(JSON.stringify(oidc.jwksEndpoint || oidc.issuer))
  })

  test.each([['audience = "api://kapacitor"'], ['client-id = ["a"]']])('%s is enough', (keys) => {
    expect(loadKeys(`${PROVIDER}${ADMINS}${keys}`).warnings).toEqual([])
  })
})

const IS_URL = 'expected an https:// URL, or an http:// URL of this machine'

describe('a value that is refused', () => {
  test.each([
    // keys                                             problem
    ['jwks-endpoint = "http://id.example.com/keys"',    `2: [oidc] jwks-endpoint = "http://id.example.com/keys" (plain http could be read and changed on the network); ${IS_URL}`],
    ['jwks-endpoint = "http://127.0.0.1.example.com/"', `2: [oidc] jwks-endpoint = "http://127.0.0.1.example.com/" (plain http could be read and changed on the network); ${IS_URL}`],
    ['jwks-endpoint = "https://a:b@id.example.com/"',   `2: [oidc] jwks-endpoint = "https://***@id.example.com/" (without user name and password); ${IS_URL}`],
    ['jwks-endpoint = "https://id.example.com/#a"',     `2: [oidc] jwks-endpoint = "https://id.example.com/#a" (without #); ${IS_URL}`],
    ['jwks-endpoint = "https://id.example.com/ keys"',  `2: [oidc] jwks-endpoint = "https://id.example.com/ keys" (there is a space or a line break in it); ${IS_URL}`],
    ['jwks-endpoint = "file:///etc/keys"',              `2: [oidc] jwks-endpoint = "file:///etc/keys"; ${IS_URL}`],
    ['jwks-endpoint = "id.example.com"',                `2: [oidc] jwks-endpoint = "id.example.com"; ${IS_URL}`],
    ['issuer = "http://id.example.com"',                `2: [oidc] issuer = "http://id.example.com" (plain http could be read and changed on the network); ${IS_URL}`],
    ['issuer = "https://id.example.com?a=b"',           `2: [oidc] issuer = "https://id.example.com?a=b" (without ?); ${IS_URL}`],
    ['algorithms = ["RS256", "HS256"]',                 expect.stringContaining('("HS256" needs a shared secret, see [http] shared-secret)')],
    ['algorithms = "none"',                             expect.stringContaining('(a token without signature proves nothing)')],
    ['algorithms = "rs256"',                            expect.stringContaining('("rs256" is not one of them)')],
    ['algorithms = ""',                                 expect.stringContaining('(with none, no token could be accepted)')],
    ['admins = ["a", ""]',                              expect.stringContaining('("": it is empty)')],
    ['admins = "a,b,a"',                                expect.stringContaining('("a" is there twice)')],
    ['admins = "1.0354799159714282e+20"',               expect.stringContaining('it is a number that was rounded')],
    ['admins = [103547991597142817347]',                expect.stringContaining('[oidc] admins = an array')],
    ['admins = ["a\\nb"]',                              expect.stringContaining('there is a control character in it')],
    ['client-id = ["a", ""]',                           expect.stringContaining('("": it is empty)')],
    ['audience = ",a"',                                 expect.stringContaining('("": it is empty)')],
    ['group-roles = "ops"',                             expect.stringContaining('("ops": it must be group=role)')],
    ['group-roles = "=role"',                           expect.stringContaining('("=role": it must be group=role)')],
    ['group-roles = "ops="',                            expect.stringContaining('("ops=": it must be group=role)')],
    ['subject-claim = " sub"',                          expect.stringContaining('(there are spaces around it)')],
    ['clock-skew = "11m"',                              expect.stringContaining('(too long)')],
    ['keep-keys = "0s"',                               expect.stringContaining('(too short)')],
    ['refresh-interval = "1s"',                         expect.stringContaining('(too short)')],
    ['jwks_endpoint = "https://id.example.com/"',       '2: [oidc] has no key "jwks_endpoint"; did you mean [oidc] jwks-endpoint?'],
  ])('%s', (keys, problem) => {
    expect(refused(keys)).toEqual([problem])
  })
})

describe('values that contradict each other', () => {
  test.each([
    // keys                                                              problem
    [PROVIDER + ADMINS,                                                  '2: [oidc] needs client-id (KAPACITOR_OIDC_CLIENT_ID) or audience (KAPACITOR_OIDC_AUDIENCE): otherwise any application of the provider could be used to sign in here'],
    [`issuer = "https://id.example.com"\n${ADMINS}`,                     '2: [oidc] needs client-id (KAPACITOR_OIDC_CLIENT_ID) or audience (KAPACITOR_OIDC_AUDIENCE): otherwise any application of the provider could be used to sign in here'],
    [ADMINS,                                                             "2: [oidc] admins cannot be used without the provider's keys: set [oidc] jwks-endpoint or issuer, or jwksEndpoint in the file"],
    [`${CLIENT}${ADMINS}max-age = "1h"\nca = "/ca"`,                     "2: [oidc] client-id, admins, max-age and ca cannot be used without the provider's keys: set [oidc] jwks-endpoint or issuer, or jwksEndpoint in the file"],
    [`${WHOLE}provider = "Azure"`,                                       '5: [oidc] provider must be written "azure", in lower case, for Microsoft Entra ID'],
    [`${WHOLE}auditors = "b,a"`,                                         '4: [oidc] admins, auditors and members: "a" must be in one of them only'],
    [`${WHOLE}group-roles = "ops=operators"`,                            '5: [oidc] group-roles needs [oidc] groups-claim, the claim that holds the groups'],
  ])('%j', (keys, problem) => {
    expect(refused(keys)).toEqual([problem])
  })

  test('variables are named, too', () => {
    expect(problems(() => load({ env: { KAPACITOR_OIDC_ADMINS: 'a' } }))).toEqual([expect.stringMatching(/^KAPACITOR_OIDC_ADMINS: \[oidc\] admins cannot be used without/)])
  })
})

describe('what deserves attention', () => {
  test.each([
    // keys                                                                                  warning
    [PROVIDER + CLIENT,                                                                      '2: [oidc] lists no user: everybody who signs in at the identity provider is refused; set [oidc] admins, or users in the file'],
    [`${WHOLE}groups-claim = "groups"`,                                                      '5: [oidc] groups-claim has no effect without [oidc] group-roles'],
    [`${CLIENT}${ADMINS}issuer = "https://login.microsoftonline.com/T/v2.0"`,                '4: [oidc] provider is not "azure", but the address is Microsoft\'s: users are identified by sub instead of their object ID; set [oidc] provider = "azure"'],
    [`${CLIENT}${ADMINS}jwks-endpoint = "https://login.microsoftonline.com/T/discovery/v2.0/keys"\nprovider = "entra"`, '5: [oidc] provider is not "azure", but the address is Microsoft\'s: users are identified by sub instead of their object ID; set [oidc] provider = "azure"'],
  ])('%j', (keys, warning) => {
    expect(loadKeys(keys).warnings.map((line) => line.replace(/^.*kapacitor\.conf:/, ''))).toEqual([warning])
  })
})

test.each([
  // host                             Microsoft's
  ['login.microsoftonline.com',       true],
  ['login.microsoftonline.us',        true],
  ['login.partner.microsoftonline.cn', true],
  ['contoso.ciamlogin.com',           true],
  ['sts.windows.net',                 true],
  ['LOGIN.MICROSOFTONLINE.COM',       true],
  ['login.microsoftonline.com.evil.example', false],
  ['notmicrosoftonline.com',          false],
  ['id.example.com',                  false],
])('Microsoft has the host %s: %s, for the warning and for the tenant alike', (host, isTheirs) => {
  const issuer = `https://${host}/00000000-0000-0000-0000-000000000001/v2.0`
  const { warnings } = loadKeys(`${CLIENT}${ADMINS}issuer = "${issuer}"`)
  expect(warnings.some((warning) => JSON.stringify(warning).includes('provider is not'))).toBe(isTheirs)
  expect(knownIssuer(issuer, '').tenant !== undefined).toBe(isTheirs)
})

test('the algorithms that can be set are those that can be checked', () => {
  expect(ALL_ALGORITHMS.split(',')).toEqual(PROVIDER_ALGORITHMS)
})
