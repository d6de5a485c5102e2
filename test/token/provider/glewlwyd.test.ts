import { decodeJwt } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ProviderOptions } from '../../../src/token/provider/provider-options.js'
import { createProviderVerifier } from '../../../src/token/provider/provider-verifier.js'
import { has } from '../../support/daemons.js'
import { createManualClock } from '../../support/manual-clock.js'
import { type Glewlwyd, type GlewlwydOptions, startGlewlwyd } from '../../support/provider/glewlwyd.js'

const start = async (options: GlewlwydOptions = {}) => {
  const provider = await startGlewlwyd(options)
  onTestFinished(() => provider.close())
  return provider
}

const verifierOf = (options: ProviderOptions) => {
  const verifier = createProviderVerifier(options)
  onTestFinished(() => verifier.close())
  return verifier
}

describe.skipIf(!has('glewlwyd'))('Glewlwyd', () => {
  test.each<[NonNullable<GlewlwydOptions['algorithm']>, string, (provider: Glewlwyd) => ProviderOptions]>([
    // algorithm  configured by       options
    ['RS256',     'its key set',      (p) => ({ jwksEndpoint: p.jwksEndpoint, issuer: p.issuer })],
    ['ES256',     'its issuer',       (p) => ({ issuer: p.issuer })],
    ['PS256',     'its document',     (p) => ({ jwksEndpoint: p.discoveryUrl })],
    ['EdDSA',     'its issuer',       (p) => ({ issuer: p.issuer })],
  ])('its tokens, signed with %s, by %s', async (algorithm, _by, options) => {
    const provider = await start({ algorithm })
    const { verify } = verifierOf({ ...options(provider), clientIds: [provider.clientId] })
    const { access_token: access, id_token: id = '' } = await provider.signIn()
    const { sub } = decodeJwt(access)
    expect(await verify(access)).toMatchObject({ subject: sub, issuer: provider.issuer })
    expect(await verify(id)).toMatchObject({ subject: sub })
    const another = verifierOf({ ...options(provider), clientIds: ['another'] })
    expect(await another.verify(access)).toMatchObject({ code: 'ERR_TOKEN_INVALID', message: `invalid token: its audience is ["openid"], asked for by "${provider.clientId}"; accepted: client-id ["another"]` })
  })

  test('its new key is found, and the old one ends', async () => {
    const provider = await start({ algorithm: 'ES256' })
    const now = createManualClock(Date.now())
    const { verify, status } = verifierOf({ issuer: provider.issuer, clientIds: [provider.clientId], now, clock: now })
    const { access_token: before } = await provider.signIn()
    expect(await verify(before)).toMatchObject({ issuer: provider.issuer })
    await provider.rotate()
    now.advance(30_000)
    const { access_token: after } = await provider.signIn()
    expect(await verify(after)).toMatchObject({ issuer: provider.issuer })
    expect(await verify(before)).toMatchObject({ message: expect.stringMatching(/^invalid token: it is signed with key .* which the provider does not publish$/) })
    expect(status().outcomes.fetches.success).toBe(2)
  })
})
