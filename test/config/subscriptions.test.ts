import { describe, expect, test } from 'vitest'
import { describeConfig } from '../../src/config/describe-config.js'
import { load, loadToml, problems } from './support.js'

const INFLUXDB = 'influxdb-url = "http://127.0.0.1:8087"\n'
const ON = `${INFLUXDB}subscriptions = true\nsubscription-url = "http://127.0.0.1:9092"\n`
const loadKeys = (keys: string) => loadToml(`[gateway]\n${keys}`)
const refused = (keys: string) => problems(() => loadKeys(keys)).map((line) => line.replace('kapacitor.conf:', ''))

test('the defaults are Kapacitor\'s', () => {
  const { gateway } = load()
  expect(gateway).toMatchObject({ subscriptions: false, subscriptionUrl: '', subscriptionsSyncInterval: 60_000, subscriptionsInclude: [] })
  expect(gateway.subscriptionsExclude).toEqual([{ database: '_kapacitor', policy: 'autogen' }])
})

const EXPECTED = [{ database: 'telegraf', policy: 'autogen' }, { database: 'telegraf', policy: 'long' }, { database: 'a.b', policy: 'c' }]

test.each([
  ['tables as in Kapacitor\'s file', `${ON}[gateway.subscriptions-include]\ntelegraf = ["autogen", "long"]\n"a.b" = ["c"]\n[gateway.subscriptions-exclude]\n`],
  ['tables on one line',             `${ON}subscriptions-include = { telegraf = ["autogen", "long", "autogen"], "a.b" = ["c"] }\nsubscriptions-exclude = {}\n`],
])('%s', (_says, keys) => {
  const { gateway, warnings } = loadKeys(keys)
  expect(gateway).toMatchObject({ subscriptionsInclude: EXPECTED, subscriptionsExclude: [] })
  expect(warnings).toEqual([])
})

test('JSON in the environment', () => {
  const { gateway } = load({ env: { KAPACITOR_GATEWAY_SUBSCRIPTIONS_INCLUDE: '{"telegraf": ["autogen", "long"], "a.b": ["c"]}', KAPACITOR_GATEWAY_SUBSCRIPTIONS_EXCLUDE: '{}' } })
  expect(gateway).toMatchObject({ subscriptionsInclude: EXPECTED, subscriptionsExclude: [] })
})

test('names that mean something in JavaScript are names', () => {
  const { gateway } = loadKeys(`${ON}[gateway.subscriptions-include]\n__proto__ = ["constructor"]\ntoString = ["x"]\n`)
  expect(gateway.subscriptionsInclude).toEqual([{ database: '__proto__', policy: 'constructor' }, { database: 'toString', policy: 'x' }])
})

test('what is printed is read back, and tells its line', () => {
  const config = loadKeys(`${ON}[gateway.subscriptions-include]\ntelegraf = ["autogen", "long"]\n"a.b" = ["c\\"d"]\n`)
  const rows = describeConfig(config).filter(({ key }) => key.startsWith('subscription'))
  expect(rows.map(({ key, value, origin }) => [key, value, origin.replace(/^.*\//, '')])).toEqual([
    ['subscriptions',               'true',                                                                'kapacitor.conf:3'],
    ['subscription-url',            '"http://127.0.0.1:9092"',                                             'kapacitor.conf:4'],
    ['subscriptions-sync-interval', '"1m0s"',                                                              'default'],
    ['subscription-token-max-age',  '"0s"',                                                                'default'],
    ['subscriptions-include',       '{ telegraf = ["autogen", "long"], "a.b" = ["c\\"d"] }',               'kapacitor.conf:5'],
    ['subscriptions-exclude',       '{ _kapacitor = ["autogen"] }',                                        'default'],
  ])
  const again = loadKeys(INFLUXDB + rows.map(({ key, value }) => `${key} = ${value}\n`).join(''))
  expect(again.gateway).toEqual(config.gateway)
})

const IS_TABLE = 'expected a table of databases with lists of their retention policies such as { telegraf = ["autogen"] }; in a variable JSON such as {"telegraf": ["autogen"]}'
const IS_URL = 'expected http://host:port or https://host:port'

describe('what is refused', () => {
  test.each([
    // keys                                               problem
    ['subscriptions-include = ["telegraf"]',              `2: [gateway] subscriptions-include = ["telegraf"]; ${IS_TABLE}`],
    ['subscriptions-include = "telegraf.autogen"',        `2: [gateway] subscriptions-include = "telegraf.autogen"; ${IS_TABLE}`],
    ['[gateway.subscriptions-include]\na = "autogen"',    `2: [gateway] subscriptions-include = a table ("a" has no list of names); ${IS_TABLE}`],
    ['[gateway.subscriptions-include]\na = []',           `2: [gateway] subscriptions-include = a table ("a" has an empty list); ${IS_TABLE}`],
    ['[gateway.subscriptions-include]\na = [1]',          `2: [gateway] subscriptions-include = a table ("a" has no list of names); ${IS_TABLE}`],
    ['[gateway.subscriptions-exclude]\n"" = ["b"]',       `2: [gateway] subscriptions-exclude = a table (a name is empty); ${IS_TABLE}`],
    ['[gateway.subscriptions-exclude]\na = [""]',         `2: [gateway] subscriptions-exclude = a table (a name is empty); ${IS_TABLE}`],
    ['subscription-url = "http://a:hidden@g:9092"',       `2: [gateway] subscription-url = "http://***@g:9092" (the gateway adds the credentials); ${IS_URL}`],
    ['subscription-url = "http://g:9092/kapacitor/v1"',   `2: [gateway] subscription-url = "http://g:9092/kapacitor/v1" (InfluxDB posts to /write, so there must be no path here); ${IS_URL}`],
    ['subscription-url = "http://g:9092?db=a"',           `2: [gateway] subscription-url = "http://g:9092?db=a" (InfluxDB posts to /write, so there must be no path here); ${IS_URL}`],
    ['subscription-url = "http://g:9092/#"',              `2: [gateway] subscription-url = "http://g:9092/#" (InfluxDB posts to /write, so there must be no path here); ${IS_URL}`],
    ['subscription-url = "udp://g:9092"',                 `2: [gateway] subscription-url = "udp://g:9092"; ${IS_URL}`],
    ['subscription-url = "g:9092"',                       `2: [gateway] subscription-url = "g:9092"; ${IS_URL}`],
    ['subscription-url = "http://g:0"',                   `2: [gateway] subscription-url = "http://g:0" (port 0 cannot be connected to); ${IS_URL}`],
    ['subscription-token-max-age = 30',                   "2: [gateway] subscription-token-max-age = 30 (the unit is missing (ms, s, m or h)); expected a duration such as 10m or 1h30m"],
    ['subscription-token-max-age = "30d"',                '2: [gateway] subscription-token-max-age = "30d" (days and weeks are not accepted; write hours); expected a duration such as 10m or 1h30m'],
    ['subscription-token-max-age = "-1h"',                '2: [gateway] subscription-token-max-age = "-1h" (it is negative); expected a duration such as 10m or 1h30m'],
    ['subscription-token-max-age = "59m"',                '2: [gateway] subscription-token-max-age is too short; expected at least 1h, or 0s for no limit'],
    ['subscriptions-sync-interval = "0s"',                '2: [gateway] subscriptions-sync-interval = "0s" (too short); expected a duration such as 10m or 1h30m, at least 1s, at most 596h'],
    ['subscriptions = true\nsubscription-url = "http://localhost:9092"', '2: [gateway] subscriptions = true needs [gateway] influxdb-url, the InfluxDB to subscribe at'],
    [`subscriptions = true\n${INFLUXDB}`,                 '2: [gateway] subscriptions = true needs [gateway] subscription-url, the address of this gateway that InfluxDB is to post to: http://host:port'],
    [`${ON}[http]\nauth-enabled = false`,                 '3: [gateway] subscriptions = true needs [http] auth-enabled = true: without it nobody needs a token to write'],
  ])('%s', (keys, problem) => {
    expect(refused(keys)).toEqual([problem])
  })

  test.each([['telegraf.autogen'], ['["telegraf"]'], ['{"telegraf": "autogen"}'], ['null'], ['{"a": []}']])('in a variable: %s', (value) => {
    expect(problems(() => load({ env: { KAPACITOR_GATEWAY_SUBSCRIPTIONS_INCLUDE: value } }))).toEqual([expect.stringContaining(IS_TABLE)])
  })
})

describe('what deserves attention', () => {
  test.each([
    // keys                                                                          warning
    ['subscription-url = "http://127.0.0.1:9092"',                                   ': [gateway] subscription-url, subscriptions-include and subscription-token-max-age have no effect without [gateway] subscriptions = true'],
    ['[gateway.subscriptions-include]\na = ["b"]',                                   ': [gateway] subscription-url, subscriptions-include and subscription-token-max-age have no effect without [gateway] subscriptions = true'],
    ['subscription-token-max-age = "720h"',                                          ': [gateway] subscription-url, subscriptions-include and subscription-token-max-age have no effect without [gateway] subscriptions = true'],
    [`${ON}[http]\nhttps-enabled = true\nhttps-certificate = "/c"`,                  'begins with http:, but [http] https-enabled = true'],
    [`${INFLUXDB}subscriptions = true\nsubscription-url = "http://gateway:9092"`,    "InfluxDB sends its points and the gateway's tokens unencrypted"],
    ['influxdb-url = "http://db:8086"\nsubscriptions = true\nsubscription-url = "https://localhost:9092"', 'InfluxDB is on another one, where it means that one'],
  ])('%s', (keys, warning) => {
    expect(loadKeys(keys).warnings).toEqual([expect.stringContaining(warning)])
  })
})

test('the age of tokens has no limit as it stands, and may be longer than a timer can wait', () => {
  expect(load().gateway.subscriptionTokenMaxAge).toBe(0)
  expect(loadKeys(`${ON}subscription-token-max-age = "8760h"`).gateway.subscriptionTokenMaxAge).toBe(8_760 * 3_600_000)
  expect(load({ env: { KAPACITOR_GATEWAY_SUBSCRIPTION_TOKEN_MAX_AGE: '1h' } }).gateway.subscriptionTokenMaxAge).toBe(3_600_000)
})
