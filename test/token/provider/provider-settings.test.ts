import { expect, test } from 'vitest'
import { PROVIDER_ALGORITHMS } from '../../../src/token/provider/provider-algorithms.js'
import type { ProviderOptions } from '../../../src/token/provider/provider-options.js'
import { providerSettings } from '../../../src/token/provider/provider-settings.js'

const ENDPOINT = 'https://k.example/realms/r/protocol/openid-connect/certs'

test('what is not given', () => {
  expect(providerSettings({ jwksEndpoint: ENDPOINT })).toEqual({
    isAzure: false, provider: '', jwksEndpoint: ENDPOINT, issuer: undefined,
    issuers: [{ issuer: 'https://k.example/realms/r', tenant: undefined }],
    clientIds: [], audiences: [], subjectClaim: 'sub', groupsClaim: undefined, algorithms: PROVIDER_ALGORITHMS,
    clockSkew: 60_000, maxAge: 0, refreshInterval: 600_000, keepKeys: 86_400_000, timeout: 5000, trust: undefined,
  })
})

test.each<[string, ProviderOptions, Record<string, unknown>]>([
  ['azure names people by oid',           { provider: 'azure' },                            { isAzure: true, subjectClaim: 'oid' }],
  ['Azure, too',                          { provider: 'Azure' },                            { isAzure: true, subjectClaim: 'oid' }],
  ['unless told otherwise',               { provider: 'azure', subjectClaim: 'sub' },       { subjectClaim: 'sub' }],
  ['EdDSA is Ed25519, too',               { algorithms: ['EdDSA'] },                        { algorithms: ['EdDSA', 'Ed25519'] }],
  ['an issuer beside it may be anything', { issuer: 'urn:example:issuer' },                 { issuers: [{ issuer: 'urn:example:issuer', tenant: undefined }] }],
  ['a timer has its limits',              { timeout: 1e12 },                                { timeout: 2_147_483_647 }],
])('%s', (_says, options, expected) => {
  expect(providerSettings({ jwksEndpoint: ENDPOINT, ...options })).toMatchObject(expected)
})

test.each<[string, ProviderOptions, RegExp]>([
  // says                  options                                               message
  ['nothing',              {},                                                   /^jwksEndpoint or issuer is needed$/],
  ['http',                 { jwksEndpoint: 'http://k.example/keys' },            /^jwksEndpoint must be an https URL, or http on loopback, not "http:\/\/k.example\/keys"$/],
  ['no URL',               { jwksEndpoint: 'k.example' },                        /^jwksEndpoint must be an https URL/],
  ['a file',               { jwksEndpoint: 'file:///keys' },                     /^jwksEndpoint must be an https URL/],
  ['a user in it',         { jwksEndpoint: 'https://a:b@k.example/' },           /^jwksEndpoint must be an https URL/],
  ['issuer alone, http',   { issuer: 'http://k.example' },                       /^issuer must be an https URL/],
  ['issuer alone, a name', { issuer: 'urn:example:issuer' },                     /^issuer must be an https URL/],
  ['issuer unknown',       { jwksEndpoint: 'https://k.example/keys' },           /^issuer is needed: "https:\/\/k.example\/keys" does not tell whose keys it has$/],
  ['Entra, no tenant',     { provider: 'azure', jwksEndpoint: 'https://login.microsoftonline.com/common/discovery/v2.0/keys' }, /^issuer is needed/],
  ['none',                 { jwksEndpoint: ENDPOINT, algorithms: ['none'] },     /^algorithms must be some of RS256, .* not "none"$/],
  ['HS256',                { jwksEndpoint: ENDPOINT, algorithms: ['HS256'] },    /not "HS256"$/],
  ['an empty client',      { jwksEndpoint: ENDPOINT, clientIds: [''] },          /^clientIds must be a list of texts that are not empty$/],
  ['an empty audience',    { jwksEndpoint: ENDPOINT, audiences: ['a', ''] },     /^audiences must be/],
  ['a skew below 0',       { jwksEndpoint: ENDPOINT, clockSkew: -1 },            /^clockSkew must be a time of at least 0 ms, not -1$/],
  ['an interval of 0',     { jwksEndpoint: ENDPOINT, refreshInterval: 0 },       /^refreshInterval must be/],
  ['keep-keys for ever',   { jwksEndpoint: ENDPOINT, keepKeys: Number.POSITIVE_INFINITY }, /^keepKeys must be/],
  ['a timeout of nothing', { jwksEndpoint: ENDPOINT, timeout: Number.NaN },      /^timeout must be/],
  ['no PEM',               { jwksEndpoint: ENDPOINT, ca: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----' }, /^ca must be certificates in PEM$/],
  ['no certificate in it', { jwksEndpoint: ENDPOINT, ca: ['', 'x'] },            /^ca must be certificates in PEM$/],
])('refused: %s', (_says, options, message) => {
  expect(() => providerSettings(options)).toThrow(message)
  expect(() => providerSettings(options)).toThrow(TypeError)
})
