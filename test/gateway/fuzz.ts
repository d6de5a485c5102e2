import fc from 'fast-check'

/** What no upstream may ever see: in a value that only credentials, identities and origins have here. */
export const EVIL = 'EVIL'

const NAMES = ['u', 'p', '%75', '%70', 'u%00', '%u0075', '\u00fc', 'u%', '+u', 'amp;u', ';p', '?u', '%C1%B5']
const PLAIN_NAMES = ['db', 'rp', 'q', 'precision', 'up', 'U', '%64b', 'a[]', '', '%2575']

const pathPiece = fc.constantFrom(
  '/', '/', '/', '.', '..', '%2e', '%2E', '%2f', '%5c', '\\', '%', '%2', '%zz', '%00', '%0d%0a', '%25', '%252e', '%20', '%3F', '%23', '#', ';x=1',
  'kapacitor', 'v1', 'tasks', '%74asks', 'ping', 'write', 'config', '%C3%A9', '%c3%a9', '%ff', '\xc3\xa9', '\xff', '@evil', ':', '*', "'", '[', '|', '~', 'Ａ', ' ', '\t',
)
const path = fc.oneof(
  { weight: 6, arbitrary: fc.array(pathPiece, { maxLength: 6 }).map((pieces) => `/${pieces.join('')}`) },
  { weight: 6, arbitrary: fc.array(fc.constantFrom('tasks', '%74asks', 'a%20b', '%25', '%3F', ';x', '~', 'é'.normalize(), '%C3%A9'), { maxLength: 4 }).map((names) => `/${names.join('/')}`) },
  { weight: 1, arbitrary: fc.constantFrom('*', '', 'http://evil/', 'tasks', '//evil/x', '@evil', 'me:80', '/', '/kapacitor/v1/ping') },
)
const pair = fc.oneof(
  fc.constantFrom(...NAMES).map((name) => `${name}=${EVIL}`),
  fc.tuple(fc.constantFrom(...PLAIN_NAMES), fc.constantFrom('', '1', 'a b'.replace(' ', '+'), '%zz', '%26x', 'x=y', '%FF', ';', ';z=1', '/../', '%0d%0a')).map(([name, value]) => `${name}=${value}`),
)
const query = fc.oneof(
  fc.constant(''),
  fc.array(pair, { minLength: 1, maxLength: 3 }).map((pairs) => `?${pairs.join('&')}`),
)

/** Request targets of all sorts, some good. */
export const target = fc.tuple(path, query).map(([before, after]) => before + after)

/** Those that Node's parser lets through, so that a connection can go on. */
export const readable = target.filter((text) => /^\/[!"$-~]*$/.test(text))

const OURS_ALONE = [
  'Authorization', 'Proxy-Authorization', 'Cookie', 'Cookie2', 'X-Forwarded-User', 'X-Forwarded-Email', 'X-Forwarded-Groups', 'X-Forwarded-For',
  'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Forwarded-Uri', 'Forwarded', 'Remote-User', 'X-Remote-User', 'X-Auth-User', 'X-Auth-Request-User',
  'X-WEBAUTH-USER', 'X-Real-IP', 'X-Original-URL', 'X-Rewrite-URL', 'X-HTTP-Method-Override', 'Keep-Alive', 'Proxy-Connection', 'TE',
  'HTTP2-Settings', 'Client-Cert', 'X-Username', 'True-Client-IP', 'X-Scheme', 'X-Request-Id', 'Request-Id',
]
const respelt = fc.tuple(fc.constantFrom(...OURS_ALONE), fc.constantFrom('-', '_', '.', '~', '^'), fc.constantFrom(0, 1, 2)).map(([name, mark, turn]) => {
  const spelt = turn === 2 ? name.replace('-', mark) : name.replaceAll('-', mark)
  return turn === 0 ? spelt.toLowerCase() : turn === 1 ? spelt.toUpperCase() : spelt
})
const harmless = fc.constantFrom('Accept', 'User-Agent', 'x-request-ids', 'Content-Type', 'X_My_Header', 'Range', 'Origin', 'X-A', 'Content-Disposition')

/** Headers, names and values. `EVIL` is in those that must not arrive. */
export const headers = fc.array(fc.oneof(
  respelt.map((name): [string, string] => [name, EVIL]),
  fc.tuple(harmless, fc.constantFrom('1', 'a, b', '', '"x"', '\xe9', 'text/plain; charset=utf-8')),
  fc.array(fc.constantFrom('close', 'keep-alive', 'keep-alive', 'X-B', 'X-A', 'x-forwarded-user', 'X-Forwarded-For', 'Host', 'Content-Length', 'Transfer-Encoding', 'accept', ''), { minLength: 1, maxLength: 3 })
    .map((names): [string, string] => ['Connection', names.join(', ')]),
), { maxLength: 4 })

/** The host, mostly one. */
export const host = fc.oneof(
  { weight: 12, arbitrary: fc.constant<[string, string][]>([['Host', 'me:9092']]) },
  { weight: 1, arbitrary: fc.constantFrom<[string, string][]>([], [['Host', 'a'], ['host', 'b']], [['Host', 'a@b']], [['HOST', '']]) },
)

/** How the body is announced; mostly as one may. */
export const framing = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom<[string, string][]>([], [], [['Content-Length', '5']], [['content-length', '0']], [['Transfer-Encoding', 'chunked']]) },
  { weight: 1, arbitrary: fc.constantFrom<[string, string][]>([['Transfer-Encoding', 'gzip, chunked']], [['Transfer-Encoding', 'identity']], [['Upgrade', 'h2c']], [['Connection', 'Upgrade'], ['Upgrade', 'websocket']]) },
)

export const method = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('GET', 'POST', 'DELETE', 'PATCH', 'PUT', 'HEAD') },
  { weight: 1, arbitrary: fc.constantFrom('TRACE', 'get', 'PROPFIND', 'BREW', '') },
)

export const userName = fc.constantFrom('ann', '', 'josé', 'a%20b', 'a b', 'x\r\nX-Evil: 1', '🦊', '\ud800', undefined)
