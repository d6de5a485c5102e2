import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'

const load = (key: string, value: string) => loadConfig({ file: false, env: {}, overrides: { [`gateway.${key}`]: value } }).gateway

describe('kapacitor-url', () => {
  test.each([
    ['http://127.0.0.1:9192'],
    ['https://kapacitor.example.org'],
    ['http://[::1]:9192/'],
    ['unix:/run/kapacitor.sock'],
    [''],
  ])('%j is where a daemon may listen', (url) => {
    expect(load('kapacitor-url', url).kapacitorUrl).toBe(url)
  })

  test('B7: the scheme may be in capitals, and [gateway] kapacitor-ca has its effect', () => {
    const config = loadConfig({
      file: false,
      env: {},
      overrides: { 'gateway.kapacitor-url': 'HTTPS://Kapacitor:9192', 'gateway.kapacitor-ca': '/ca.pem' },
    })
    expect(config.gateway.kapacitorUrl).toBe('https://Kapacitor:9192')
    expect(config.warnings).toEqual([])
  })

  test.each<[string, RegExp]>([
    ['127.0.0.1:9192',                  /expected http:\/\/host:port/],
    ['ftp://127.0.0.1',                 /expected http:\/\/host:port/],
    ['http://',                         /expected http:\/\/host:port/],
    ['http://127.0.0.1:0',              /port 0 cannot/],
    ['http://127.0.0.1:9192/kapacitor', /requests keep their own path/],
    ['http://127.0.0.1:9192/?a=b',      /requests keep their own path/],
    ['unix:kapacitor.sock',             /the path must be absolute/],
    ['http://ann:apw@127.0.0.1',        /credentials are not sent/],
  ])('%j is not', (url, why) => {
    expect(() => load('kapacitor-url', url)).toThrow(why)
  })

  test('a password in it is not repeated', () => {
    expect(() => load('kapacitor-url', 'http://ann:hunter22@127.0.0.1')).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter22') }))
  })
})

describe('trusted-proxies', () => {
  test('addresses and networks, of both families', () => {
    expect(load('trusted-proxies', '10.0.0.7, 10.0.0.0/8,fd00::/8').trustedProxies).toEqual(['10.0.0.7', '10.0.0.0/8', 'fd00::/8'])
    expect(load('trusted-proxies', '').trustedProxies).toEqual([])
  })

  test.each([['proxy.example.org'], ['10.0.0.0/33'], ['fd00::/129'], ['10.0.0.0/8/8'], ['10.0.0.0/-1'], ['10.0.0.0/'], ['::ffff:10.0.0.7'], ['0:0:0:0:0:ffff:a00:7'], ['fe80::1%eth0'], ['*']])('%j is neither', (list) => {
    expect(() => load('trusted-proxies', list)).toThrow(/trusted-proxies/)
  })
})
