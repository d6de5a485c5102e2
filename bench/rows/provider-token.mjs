// The first check of an identity provider's token, beside jose's own: nothing of it is remembered.
import { createServer } from 'node:http'
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { createProviderVerifier } from '../../dist/token/provider/provider-verifier.js'
import { row } from '../lib/rows.mjs'

const CERTS = '/realms/bench/protocol/openid-connect/certs'
const CLIENT = 'kapacitor-auth'

/** @param {{ rounds?: number, count?: number }} [options] `count` tokens in each round, every one another */
export async function providerToken({ rounds = 9, count = 400 } = {}) {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const jwks = {
    keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'RS256', use: 'sig' }],
  }
  const server = createServer((_request, response) => response.end(JSON.stringify(jwks)))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${server.address().port}`
  const issuer = `${origin}/realms/bench`
  const verifier = createProviderVerifier({ jwksEndpoint: origin + CERTS, clientIds: [CLIENT] })
  const keys = createLocalJWKSet(jwks)
  const ours = (token) => verifier.verify(token)
  const theirs = (token) => jwtVerify(token, keys, { issuer, audience: CLIENT })
  const tokens = (part) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        new SignJWT({
          sub: `user-${part}-${i}`,
          realm_access: { roles: ['offline_access', 'ops'] },
        })
          .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'bench' })
          .setIssuer(issuer)
          .setAudience(CLIENT)
          .setIssuedAt()
          .setExpirationTime('1h')
          .sign(privateKey),
      ),
    )
  const ratios = []
  const times = []
  for (let round = -1; round < rounds; round++) {
    const [own, other] = [0, 0].map(() => ({ spent: 0 }))
    const list = await tokens(round)
    for (const [i, token] of list.entries()) {
      const turns = [() => timed(own, ours, token), () => timed(other, theirs, token)]
      for (const turn of i % 2 === 0 ? turns : turns.reverse()) await turn()
    }
    if (round < 0) continue // warms up
    ratios.push(own.spent / other.spent)
    times.push(own.spent / count)
  }
  verifier.close()
  await new Promise((resolve) => server.close(resolve))
  return [
    'a token of an identity provider',
    row("first check of an RS256 token, against jose's jwtVerify", ratios, {
      floor: 2,
      aim: 1.5,
      better: 'less',
    }),
    row('the same, ms', times, { better: 'less', digits: 3 }),
  ]
}

async function timed(sum, check, token) {
  const start = performance.now()
  const answer = await check(token)
  sum.spent += performance.now() - start
  if (answer instanceof Error) throw answer
}
