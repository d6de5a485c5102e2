import { isLoopback } from '../../http/loopback.js'
import type { Milliseconds } from '../../time.js'
import type { Rule } from '../rule.js'

/** Tokens of a shorter life would be made faster than many subscriptions can be replaced. */
const SHORTEST_TOKEN_AGE: Milliseconds = 3_600_000

/** What about subscriptions makes a configuration invalid although every value is right by itself. */
export const SUBSCRIPTION_ERRORS: readonly Rule[] = [
  {
    about: ['gateway.subscriptions', 'gateway.influxdb-url'],
    isBroken: ({ gateway }) => gateway.subscriptions && gateway.influxdbUrl === '',
    says: '[gateway] subscriptions = true needs [gateway] influxdb-url, the InfluxDB to subscribe at',
  },
  {
    about: ['gateway.subscriptions', 'gateway.subscription-url'],
    isBroken: ({ gateway }) => gateway.subscriptions && gateway.subscriptionUrl === '',
    says: '[gateway] subscriptions = true needs [gateway] subscription-url, the address of this gateway that InfluxDB is to post to: http://host:port',
  },
  {
    about: ['gateway.subscriptions', 'http.auth-enabled'],
    isBroken: ({ gateway, http }) => gateway.subscriptions && !http.authEnabled,
    says: '[gateway] subscriptions = true needs [http] auth-enabled = true: without it nobody needs a token to write',
  },
  {
    about: ['gateway.subscription-token-max-age'],
    isBroken: ({ gateway: { subscriptionTokenMaxAge: age } }) =>
      age > 0 && age < SHORTEST_TOKEN_AGE,
    says: '[gateway] subscription-token-max-age is too short; expected at least 1h, or 0s for no limit',
  },
]

/** What is allowed, but should not go unnoticed. */
export const SUBSCRIPTION_WARNINGS: readonly Rule[] = [
  {
    about: [
      'gateway.subscription-url',
      'gateway.subscriptions-include',
      'gateway.subscription-token-max-age',
      'gateway.subscriptions',
    ],
    isBroken: ({ gateway }) =>
      !gateway.subscriptions &&
      (gateway.subscriptionUrl !== '' ||
        gateway.subscriptionsInclude.length > 0 ||
        gateway.subscriptionTokenMaxAge > 0),
    says: '[gateway] subscription-url, subscriptions-include and subscription-token-max-age have no effect without [gateway] subscriptions = true',
  },
  {
    about: ['gateway.subscription-url', 'http.https-enabled'],
    isBroken: ({ gateway, http }) =>
      gateway.subscriptions && http.httpsEnabled && gateway.subscriptionUrl.startsWith('http:'),
    says: '[gateway] subscription-url begins with http:, but [http] https-enabled = true: InfluxDB could not post to this gateway, unless a proxy in front takes plain HTTP; write https:',
  },
  {
    about: ['gateway.subscription-url'],
    isBroken: ({ gateway }) =>
      gateway.subscriptions &&
      gateway.subscriptionUrl.startsWith('http:') &&
      !isHere(gateway.subscriptionUrl),
    says: "InfluxDB sends its points and the gateway's tokens unencrypted; set [http] https-enabled = true and write https: in [gateway] subscription-url",
  },
  {
    about: ['gateway.subscription-url', 'gateway.influxdb-url'],
    isBroken: ({ gateway }) =>
      gateway.subscriptions &&
      isHere(gateway.subscriptionUrl) &&
      /^https?:/.test(gateway.influxdbUrl) &&
      !isHere(gateway.influxdbUrl),
    says: '[gateway] subscription-url is an address of this machine, but InfluxDB is on another one, where it means that one',
  },
]

function isHere(url: string): boolean {
  return isLoopback(hostOf(url))
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : ''
}
