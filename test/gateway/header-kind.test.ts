import { describe, expect, test } from 'vitest'
import { headerKind } from '../../src/gateway/request/header-kind.js'

describe('never forwarded', () => {
  test.each([
    // hop-by-hop, RFC 9110 §7.6.1
    'keep-alive', 'proxy-connection', 'te', 'upgrade', 'http2-settings', 'proxy-authenticate', 'expect',
    // credentials
    'authorization', 'proxy-authorization', 'cookie2',
    // who somebody is
    'x-forwarded-user', 'x-forwarded-email', 'x-forwarded-groups', 'x-forwarded-preferred-username',
    'x-forwarded-access-token', 'x-forwarded-client-cert', 'remote-user', 'remote-groups', 'remote-name',
    'x-remote-user', 'x-remote-group', 'x-remote-extra-scope', 'x-auth-user', 'x-auth-request-user',
    'x-auth-username', 'x-webauth-user', 'x-webauth-groups', 'x-authenticated-user', 'x-authentik-username',
    'x-authelia-user', 'x-user', 'x-user-id', 'x-username', 'x-email', 'x-groups', 'x-roles', 'x-grafana-user',
    'x-scope-orgid', 'x-consumer-username', 'x-credential-identifier', 'x-anonymous-consumer', 'x-jwt-assertion',
    'x-goog-authenticated-user-email', 'x-goog-iap-jwt-assertion', 'x-amzn-oidc-identity', 'x-pomerium-claim-email',
    'x-vouch-user', 'x-ms-client-principal-name', 'cf-access-authenticated-user-email', 'impersonate-user',
    'impersonate-extra-scopes', 'client-cert', 'client-cert-chain', 'ssl-client-s-dn', 'x-ssl-client-dn', 'x-client-cert',
    // where the request came from, what it was before
    'forwarded', 'x-forwarded', 'x-forwarded-port', 'x-forwarded-prefix', 'x-forwarded-uri', 'x-forwarded-method',
    'x-forwarded-server', 'x-real-ip', 'x-client-ip', 'client-ip', 'true-client-ip', 'cf-connecting-ip',
    'x-cluster-client-ip', 'x-envoy-external-address', 'x-original-url', 'x-original-uri', 'x-original-host',
    'x-original-method', 'x-original-forwarded-for', 'x-rewrite-url', 'x-host', 'x-http-host-override', 'x-scheme',
    'x-script-name', 'front-end-https',
    // what it is called
    'x-request-id', 'request-id',
    // what would change the method there
    'x-http-method', 'x-http-method-override', 'x-method-override',
  ])('%s, in every spelling', (name) => {
    expect(headerKind(name)).toBe('drop')
    if (name.includes('-')) {
      expect(headerKind(name.replaceAll('-', '_'))).toBe('drop')
      expect(headerKind(name.replace('-', '_'))).toBe('drop')
      expect(headerKind(name.replaceAll('-', '.'))).toBe('drop')
    }
  })

  test.each([
    'content_length', 'transfer_encoding', 'x_forwarded_for', 'x_forwarded_host', 'x_forwarded-proto', 'content.length', 'transfer~encoding',
  ])('%s, which a gateway interface takes for a header that is looked at', (name) => {
    expect(headerKind(name)).toBe('drop')
  })
})

test.each([
  'connection', 'content-length', 'cookie', 'host', 'trailer', 'transfer-encoding',
  'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto',
] as const)('%s is looked at', (name) => {
  expect(headerKind(name)).toBe(name)
})

test.each([
  'accept', 'accept-encoding', 'content-type', 'content-encoding', 'user-agent', 'origin', 'range', 'if-none-match',
  'x-csrf-token', 'x-kapacitor-version', 'traceparent', 'my_header', 'x-request-ids', 'x.y', 'x-remotely',
  'remoteuser', 'x-authority', 'forwarded-x', 'via', '__proto__', 'constructor', 'tostring', '-', '_', '~',
])('%s is forwarded', (name) => {
  expect(headerKind(name)).toBe('pass')
})
