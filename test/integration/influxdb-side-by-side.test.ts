// The same requests to a real InfluxDB with its authentication on, and to the door: the same answers.
import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Influxd, isInfluxdMissing, startInfluxd } from '../support/influxd.js'
import { SHARED_SECRET, startDoor, type TestDoor } from '../support/influxdb-door.js'
import { differences, type ReplayAnswer } from '../support/influxdb-replay.js'
import { basic } from '../support/servers.js'

const SETUP = [
  "CREATE USER admin WITH PASSWORD 'adminpw' WITH ALL PRIVILEGES",
  'CREATE DATABASE db1', 'CREATE DATABASE db2', 'CREATE DATABASE "my ""odd"" db"',
  "CREATE USER reader WITH PASSWORD 'readerpw'", 'GRANT READ ON db1 TO reader',
  "CREATE USER writer WITH PASSWORD 'writerpw'", 'GRANT WRITE ON db1 TO writer',
  "CREATE USER nobody WITH PASSWORD 'nobodypw'",
  `CREATE USER "o'd\\"d <user>" WITH PASSWORD 'oddpw'`, `GRANT ALL ON db1 TO "o'd\\"d <user>"`,
]
const POINTS = 'cpu,host=a value=1 1000000000\ncpu,host=a value=2 2000000000\ncpu,host=b value=3.5 3000000000\ntext,x=y s="a,\\"b\\"",i=5i,b=true 1000000000\n'

const A = { authorization: basic('admin', 'adminpw') }
const R = { authorization: basic('reader', 'readerpw') }
const W = { authorization: basic('writer', 'writerpw') }
const N = { authorization: basic('nobody', 'nobodypw') }
const O = { authorization: basic(`o'd"d <user>`, 'oddpw') }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

type Row = [method: string, target: string, headers: Record<string, string>, body?: string | Buffer]
const q = (text: string, more = '') => `/query?q=${encodeURIComponent(text)}${more}`
const multi = (...parts: [string, string][]) => `${parts.map(([head, text]) => `--XX\r\nContent-Disposition: form-data; ${head}\r\n\r\n${text}\r\n`).join('')}--XX--\r\n`
const MULTI = { 'content-type': 'multipart/form-data; boundary=XX' }

const ROWS: Record<string, Row[]> = {
  'credentials': [
    ['GET', q('SHOW DATABASES'), { authorization: 'Basic' }],
    ['GET', q('SHOW DATABASES'), { authorization: 'Basic ' }],
    ['GET', q('SHOW DATABASES'), { authorization: '' }],
    ['GET', q('SHOW DATABASES'), { authorization: R.authorization.replace('Basic', 'bAsIc') }],
    ['GET', q('SHOW DATABASES'), { authorization: R.authorization.replace(' ', '  ') }],
    ['GET', q('SHOW DATABASES'), { authorization: R.authorization.replace(/=+$/, '') }],
    ['GET', q('SHOW DATABASES'), { authorization: `${R.authorization}=` }],
    ['GET', q('SHOW DATABASES'), { authorization: `${R.authorization} x` }],
    ['GET', q('SHOW DATABASES'), { authorization: `Basic ${Buffer.from('readerreaderpw').toString('base64')}` }],
    ['GET', q('SHOW DATABASES'), { authorization: basic('', 'readerpw') }],
    ['GET', q('SHOW DATABASES'), { authorization: basic('', '') }],
    ['GET', q('SHOW DATABASES'), { authorization: basic('reader', '') }],
    ['GET', q('SHOW DATABASES'), { authorization: basic('reader ', 'readerpw') }],
    ['GET', q('SHOW DATABASES'), { authorization: basic('READER', 'readerpw') }],
    ['GET', q('SHOW DATABASES'), { authorization: 'Bearer' }],
    ['GET', q('SHOW DATABASES'), { authorization: 'Bearer ' }],
    ['GET', q('SHOW DATABASES'), { authorization: 'Bearer a b' }],
    ['GET', q('SHOW DATABASES'), { authorization: 'bearer a.b.c' }],
    ['GET', q('SHOW DATABASES'), { authorization: 'Bearer a.b.c' }],
    ['GET', q('SHOW DATABASES'), { authorization: 'Digest x' }],
    ['GET', q('SHOW DATABASES', '&u=reader&p=readerpw'), {}],
    ['GET', q('SHOW DATABASES', '&u=reader&p=wrong'), R],
    ['GET', q('SHOW DATABASES', '&u=reader'), R],
    ['GET', q('SHOW DATABASES', '&u=&p=readerpw'), R],
    ['GET', q('SHOW DATABASES', '&u=reader&p='), W],
    ['GET', q('SHOW DATABASES', '&u=reader&u=writer&p=readerpw&p=writerpw'), {}],
    ['GET', q('SHOW DATABASES', '&U=reader&P=readerpw'), {}],
    ['GET', q('SHOW DATABASES', `&u=${encodeURIComponent(`o'd"d <user>`)}&p=oddpw`), {}],
    ['GET', q('SHOW DATABASES', '&u=re%61der&p=readerp%77'), {}],
    ['GET', q('SHOW DATABASES', '&u=reader&p=readerpw%ZZ'), {}],
    ['GET', q('SHOW DATABASES', '&u=reader;p=readerpw'), {}],
    ['GET', q('SHOW DATABASES', '&u=re+ader&p=x'), R],
    ['POST', '/query', FORM, 'q=SHOW+DATABASES&u=reader&p=readerpw'],
    ['POST', '/query', { ...FORM, ...R }, 'q=SHOW+DATABASES&u=writer&p=wrong'],
    ['GET', '/query', {}],
    ['GET', '/query?u=reader&p=wrong', {}],
    ['POST', '/write', {}],
    ['GET', '/ping', {}], ['HEAD', '/ping', {}], ['GET', '/status', {}], ['GET', '/ping?verbose=true', {}], ['GET', '/ping?wait_for_leader=30s', {}],
    ['GET', '/ping?wait_for_leader=abc', {}],
  ],
  'parameters': [
    ['GET', '/query', R], ['POST', '/query', R], ['GET', '/query?q=', R], ['GET', '/query?q=%20', R], ['GET', '/query?q=%3B', R], ['GET', '/query?q=;', R],
    ['GET', q('SELECT * FROM cpu', '&db=db1'), R],
    ['GET', q('SELECT * FROM cpu', '&db=db2'), R],
    ['GET', q('SELECT * FROM cpu'), R],
    ['GET', q('SELECT * FROM cpu', '&db=ghost'), R],
    ['GET', q('SELECT * FROM cpu', '&db=ghost'), A],
    ['GET', q('SELECT * FROM cpu'), A],
    ['GET', q('SELECT * FROM cpu', '&db=db1&rp=ghost'), R],
    ['GET', q('SELECT * FROM db1..cpu'), R],
    ['GET', q('SELECT * FROM db1.autogen.cpu', '&db=db2'), R],
    ['GET', q('SELECT * FROM db2..cpu', '&db=db1'), R],
    ['GET', q('SELECT * FROM cpu', '&db=db1&db=db2'), R],
    ['GET', q('SELECT * FROM cpu', '&db=db2&db=db1'), R],
    ['POST', '/query?db=db2', { ...FORM, ...R }, `q=${encodeURIComponent('SELECT * FROM cpu')}&db=db1`],
    ['POST', '/query?db=db1', { ...FORM, ...R }, `q=${encodeURIComponent('SELECT * FROM cpu')}&db=db2`],
    ['POST', '/query?db=db1', { ...FORM, ...R }, `q=${encodeURIComponent('SELECT * FROM cpu')}&db=`],
    ['POST', q('SHOW DATABASES'), { ...FORM, ...R }, 'q='],
    ['POST', q('SHOW DATABASES'), { ...FORM, ...R }, 'q=%20%20'],
    ['POST', q('SHOW DATABASES'), { ...FORM, ...R }, 'q=%ZZ'],
    ['POST', q('SHOW DATABASES'), { ...FORM, ...R }, 'x=1;q=SHOW+USERS'],
    ['POST', '/query', { 'content-type': 'application/json', ...R }, '{"q":"SHOW DATABASES"}'],
    ['POST', '/query', { 'content-type': 'text/plain', ...R }, 'q=SHOW+DATABASES'],
    ['POST', '/query', { 'content-type': 'application/vnd.influxql', ...R }, 'SHOW DATABASES'],
    ['POST', '/query', { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', ...R }, 'q=SHOW+DATABASES'],
    ['POST', '/query', { 'content-type': 'Application/X-WWW-Form-Urlencoded', ...R }, 'q=SHOW+DATABASES'],
    ['POST', '/query', { 'content-type': 'application/x-www-form-urlencoded; charset', ...R }, 'q=SHOW+DATABASES'],
    ['POST', '/query', { 'content-type': 'application/x-www-form-urlencoded,text/plain', ...R }, 'q=SHOW+DATABASES'],
    ['POST', q('SHOW DATABASES'), { 'content-type': 'application/x-www-form-urlencoded,text/plain', ...R }, 'q=SHOW+DATABASES'],
    ['POST', q('SHOW DATABASES'), { 'content-type': ';;;', ...R }, 'q=SHOW+DATABASES'],
    ['POST', '/query', R, 'q=SHOW+DATABASES'],
    ['POST', q('SHOW DATABASES'), R, 'q=SHOW+USERS'],
    ['GET', q('SHOW DATABASES'), { ...FORM, ...R }, 'q=SHOW+USERS'],
    ['GET', '/query', { ...FORM, ...R }, 'q=SHOW+DATABASES'],
    ['POST', '/query', { ...MULTI, ...R }, multi(['name="q"', 'SHOW DATABASES'])],
    ['POST', '/query', { ...MULTI, ...R }, multi(['name="q"; filename="q.txt"', 'SHOW DATABASES'])],
    ['POST', '/query', { ...MULTI, ...R }, multi(['name="q"; filename="q.txt"', 'SHOW DATABASES'], ['name="q"', 'SHOW USERS'])],
    ['POST', '/query', { ...MULTI, ...R }, multi(['name="q"; filename=""', 'SHOW DATABASES'])],
    ['POST', '/query', { ...MULTI, ...R }, multi(['name=q', 'SHOW DATABASES'])],
    ['POST', '/query', { ...MULTI, ...R }, multi(['name=q; filename=f', 'SHOW DATABASES'])],
    ['POST', '/query', { ...MULTI, ...R }, multi(['name="db"', 'db1'], ['name="q"; filename="a"', 'SELECT * FROM cpu'])],
    ['POST', '/query?db=db2', { ...MULTI, ...R }, multi(['name="db"', 'db1'], ['name="q"; filename="a"', 'SELECT * FROM cpu'])],
    ['POST', '/query?db=db1', { ...MULTI, ...R }, multi(['name="db"', 'db2'], ['name="q"', 'SELECT * FROM cpu'], ['name="chunked"', 'true'], ['name="pretty"', 'true'])],
    ['POST', '/query', { ...MULTI, ...R }, multi(['name="x"', 'SHOW DATABASES'])],
    ['POST', '/query', { ...MULTI, ...R }, 'no multipart at all'],
    ['POST', q('SHOW DATABASES'), { ...MULTI, ...R }, 'no multipart at all'],
    ['POST', q('SHOW DATABASES'), { 'content-type': 'multipart/form-data', ...R }, multi(['name="q"', 'SHOW USERS'])],
    ['POST', q('SHOW DATABASES'), { 'content-type': 'multipart/mixed; boundary=XX', ...R }, multi(['name="q"', 'SHOW USERS'])],
    ['POST', '/query', { 'content-type': 'multipart/mixed; boundary=XX', ...R }, multi(['name="q"', 'SHOW DATABASES'])],
    ['POST', '/query', { 'content-type': 'multipart/form-data; charset=utf-8; boundary="XX"', ...R }, multi(['name="q"', 'SHOW DATABASES'])],
    ['POST', '/query', { ...MULTI, ...R }, multi(['name="q"', 'SHOW DATABASES']).replaceAll('\r\n', '\n')],
    ['POST', '/query', { ...MULTI, ...R }, `preamble\r\n${multi(['name="q"', 'SHOW DATABASES'])}epilogue`],
    ['POST', '/query', { ...MULTI, ...R }, multi(['name="q"', 'SHOW DATABASES']).replace('--XX--', '')],
    ['POST', '/query', { ...FORM, ...R, 'content-encoding': 'gzip' }, gzipSync('q=SHOW+DATABASES')],
    ['POST', q('SHOW DATABASES'), { ...FORM, ...R, 'content-encoding': 'gzip' }, gzipSync('q=SHOW+USERS')],
    ['GET', q('SELECT * FROM cpu WHERE host = $h', `&db=db1&params=${encodeURIComponent('{"h":"a"}')}`), R],
    ['GET', q('SELECT * FROM cpu WHERE host = $h', '&db=db1'), R],
    ['GET', q('SELECT * FROM cpu WHERE host = $h', '&db=db1&params='), R],
    ['GET', q('SELECT * FROM cpu WHERE host = $h', '&db=db1&params={}'), R],
    ['GET', q('SELECT * FROM cpu WHERE host = $h', '&db=db1&params={'), R],
    ['GET', q('SELECT * FROM cpu WHERE host = $h', '&db=db1&params=[]'), R],
    ['GET', q('SELECT * FROM cpu WHERE host = $h', '&db=db1&params=null'), R],
    ['GET', q('SELECT * FROM cpu WHERE host = $h', '&db=db1&params=5'), R],
    ['GET', q('SELECT * FROM cpu WHERE host = $h', '&db=db1&params=%22x%22'), R],
    ['GET', q('SELECT * FROM cpu WHERE host = $h', `&db=db1&params=${encodeURIComponent('{"h":null}')}`), R],
    ['GET', q('SELECT * FROM cpu WHERE host = $h', `&db=db1&params=${encodeURIComponent('{"h":["a"]}')}`), R],
    ['GET', q('SELECT * FROM cpu WHERE host = $h', `&db=db1&params=${encodeURIComponent('{"h":{"a":1}}')}`), R],
    ['GET', q('SELECT * FROM cpu WHERE value > $h', `&db=db1&params=${encodeURIComponent('{"h":1e400}')}`), R],
    ['GET', q('SELECT * FROM cpu WHERE value > $h', `&db=db1&params=${encodeURIComponent('{"h":1.5}')}`), R],
    ['GET', q('SELECT * FROM cpu WHERE value > $h', `&db=db1&params=${encodeURIComponent('{"h":1} x')}`), R],
    ['GET', q('SELECT * FROM cpu WHERE value > $h', `&db=db1&params=${encodeURIComponent('{"h":01}')}`), R],
    ['GET', q('SELECT * FROM cpu WHERE value > $h', `&db=db1&params=${encodeURIComponent('{h:1}')}`), R],
    ['GET', q('SELECT * FROM cpu WHERE value > $h', `&db=db1&params=${encodeURIComponent("{'h':1}")}`), R],
    ['GET', q('SHOW USERS', '&params={'), R], ['GET', '/query?params={', R], ['GET', q('SELEC', '&params={'), R],
    ...['ns', 'u', 'µ', 'ms', 's', 'm', 'h', 'rfc3339', 'x', '', 'NS', ' s '].map((epoch): Row => ['GET', q('SELECT * FROM cpu', `&db=db1&epoch=${encodeURIComponent(epoch)}`), R]),
    ...['true', 'false', 'TRUE', '1', '', 'yes'].flatMap((yes): Row[] => [['GET', q('SHOW DATABASES', `&pretty=${yes}`), R], ['GET', q('SHOW DATABASES', `&chunked=${yes}`), R], ['GET', q('SHOW TAG KEYS', `&db=db1&chunked=${yes}&pretty=${yes}`), R]]),
    ...['1', '0', '-1', 'x', '', '2'].map((size): Row => ['GET', q('SELECT * FROM cpu', `&db=db1&chunked=true&chunk_size=${size}`), R]),
    ['GET', q('SELECT * FROM cpu; SHOW DATABASES', '&db=db1&chunked=true&chunk_size=1'), R],
    ...['text/csv', 'application/x-msgpack', 'application/json'].flatMap((accept): Row[] => ['1', '2', ''].map((size) => ['GET', q('SHOW USERS; SELECT * FROM cpu; SELECT mean(value) FROM cpu GROUP BY host; SHOW DATABASES; SELECT s FROM text', `&db=db1&chunked=true&chunk_size=${size}`), { ...A, accept }])),
    ['GET', q('SELECT * FROM cpu', '&db=db1&node_id=0'), R], ['GET', q('SELECT * FROM cpu', '&db=db1&node_id=x'), R],
    ['GET', q('SHOW DATABASES', '&node_id=x'), R],
    ['GET', q('SHOW DATABASES', '&async=true'), R], ['GET', q('SHOW USERS', '&async=true'), R], ['POST', q('SHOW USERS', '&async=true'), A], ['POST', q('DROP USER ghost', '&async=true&chunked=true'), A],
    ['GET', q('SELECT * FROM cpu', '&db=db1&async=true'), R],
  ],
  'formats': ['', '&pretty=true', '&chunked=true', '&chunked=true&pretty=true'].flatMap((more) => ['application/csv', 'text/csv', 'application/x-msgpack', 'application/json', 'text/html', '*/*', 'text/csv;q=1', 'TEXT/CSV', 'application/csv, application/json', ''].flatMap((accept): Row[] => [
    ['GET', q('SHOW DATABASES', more), { ...R, accept }],
    ['GET', q('SELECT * FROM cpu; SELECT * FROM text', `&db=db1${more}`), { ...R, accept }],
    ['GET', q('SELECT * FROM cpu; SELECT * FROM ghost..x; SHOW DATABASES', `&db=db1${more}`), { ...A, accept }],
    ['GET', q('SHOW DATABASES; SHOW GRANTS FOR ghost', more), { ...A, accept }],
    ['POST', q('SHOW GRANTS FOR reader; DROP USER ghost; SHOW DATABASES; SHOW USERS', more), { ...A, accept }],
    ['GET', q('SHOW USERS; SHOW GRANTS FOR writer; SELECT * FROM cpu', `&db=db1${more}`), { ...A, accept }],
    ['GET', q('SHOW DATABASES; SELECT mean(value) FROM cpu GROUP BY host', `&db=db1&epoch=ms${more}`), { ...A, accept }],
    ['GET', q('DROP USER ghost', more), { ...A, accept }],
    ['GET', q('SHOW USERS', more), { ...R, accept }],
    ['GET', q('SELEC "é<&>"', more), { ...R, accept }],
    ['GET', q('SHOW DATABASES', more), { accept }],
    ['POST', `/write?db=db2${more}`, { ...R, accept }, 'x v=1'],
    ['POST', `/write?db=db1${more}`, { ...W, accept }, 'bad line'],
  ])),
  'refusals': [
    ...[
      'SELECT * INTO db2..x FROM cpu', 'SELECT * FROM "my ""odd"" db"..cpu', 'DROP SERIES FROM cpu', 'DELETE FROM cpu', 'DROP MEASUREMENT cpu', 'DROP DATABASE "select"', "CREATE USER \"a'b\" WITH PASSWORD 'sec\\'ret'",
      "SET PASSWORD FOR \"x y\" = 'secret'", 'GRANT ALL TO reader', 'GRANT ALL ON "db 1" TO "re\\"ader"', 'REVOKE ALL PRIVILEGES FROM admin', 'SHOW GRANTS FOR reader', 'SHOW GRANTS FOR "gh\\"ost"', 'SHOW QUERIES', 'KILL QUERY 5', 'KILL QUERY 5 ON "h:1"',
      'SHOW STATS', "SHOW STATS FOR 'x'", 'SHOW DIAGNOSTICS', 'SHOW SHARDS', 'CREATE DATABASE x WITH DURATION 1d REPLICATION 1 NAME "a b"', 'CREATE RETENTION POLICY "a b" ON db1 DURATION 90m REPLICATION 1 DEFAULT', 'ALTER RETENTION POLICY autogen ON db1 DEFAULT',
      'DROP RETENTION POLICY autogen ON db1', 'CREATE CONTINUOUS QUERY c ON db1 BEGIN SELECT mean(value) INTO x FROM cpu GROUP BY time(1m) END', 'DROP CONTINUOUS QUERY c ON db2', 'SHOW CONTINUOUS QUERIES', 'EXPLAIN SELECT * FROM db2..x', 'SHOW RETENTION POLICIES ON db2', 'SHOW RETENTION POLICIES',
      "CREATE SUBSCRIPTION s ON db1.autogen DESTINATIONS ALL 'udp://h:1'", 'DROP SUBSCRIPTION s ON db1.autogen', 'SHOW SUBSCRIPTIONS', 'SHOW SERIES ON db2', 'SHOW MEASUREMENTS ON db2', 'SHOW TAG VALUES ON db2 WITH KEY = a', 'SELECT * FROM (SELECT * FROM db2..x)', 'SELECT * FROM cpu, db2..x', "SELECT /é/ FROM db2../ü/ WHERE a = 'ß<&>'",
      'SHOW DATABASES; SHOW USERS', 'DROP SHARD 1', 'SHOW SHARD GROUPS',
    ].flatMap((text): Row[] => [['POST', q(text, '&db=db1'), N], ['POST', q(text), R], ['GET', q(text, `&db=${encodeURIComponent('no "such" db')}`), O]]),
    ['POST', '/write?db=db1', R, 'x v=1'], ['POST', '/write?db=ghost', R, 'x v=1'], ['POST', '/write', R, 'x v=1'], ['POST', '/write?db=', R, 'x v=1'], ['POST', `/write?db=${encodeURIComponent('gh"o\\st\té')}`, R, 'x v=1'],
    ['POST', `/write?db=${encodeURIComponent('my "odd" db')}`, O, 'x v=1'], ['POST', '/write?db=db2', O, 'x v=1'],
  ],
  'the engine answers': [
    ['POST', '/write?db=db1', W, 'bad'], ['POST', '/write?db=db1', W, ''], ['POST', '/write?db=db1&rp=ghost', W, 'x v=1'], ['POST', '/write?db=db1&precision=x', W, 'w v=1 1'], ['POST', '/write?db=db1&consistency=x', W, 'w v=1 1'], ['POST', '/write?db=db1', { ...W, 'content-encoding': 'gzip' }, gzipSync('w v=1 1')],
    ['POST', '/write?db=db1', { ...W, 'content-encoding': 'gzip' }, 'not gzip'], ['POST', '/write?db=db1', { ...W, ...FORM }, 'w v=1 1'], ['POST', '/write', { ...W, ...FORM }, 'db=db1'], ['POST', '/write?db=db1&db=db2', W, 'w v=1 1'], ['POST', '/write?db=ghost', A, 'x v=1'], ['POST', '/write?db=db1', W, 'w v=1 1\nbad\nw v=2 2'],
    ['POST', '/write?db=db1', W, 'cpu value="a" 1'], ['POST', '/api/v1/prom/write?db=db1', { ...W, ...FORM }, 'db=ghost'], ['POST', '/api/v1/prom/write', { ...W, ...FORM }, 'db=db1'], ['POST', '/api/v1/prom/write?db=ghost', W, 'x'], ['POST', '/api/v1/prom/write?db=db2', W, 'x'], ['POST', '/api/v1/prom/write', W],
    ['GET', q('SELECT value FROM cpu WHERE host =~ /a|b/ GROUP BY host', '&db=db1'), R], ['GET', q('SELECT FROM', '&db=db1'), R], ['GET', q('SELECT mean(host) FROM cpu', '&db=db1'), R], ['GET', q('SELECT nosuch(value) FROM cpu', '&db=db1'), R],
    ['GET', q('SELECT value FROM cpu GROUP BY time(1s)', '&db=db1'), R], ['GET', q('EXPLAIN SELECT value FROM cpu', '&db=db1'), R], ['POST', q('SELECT value INTO copy FROM cpu', '&db=db1'), A], ['GET', q('SELECT value INTO copy FROM cpu', '&db=db1'), A],
    ['POST', q('CREATE DATABASE db1'), A], ['GET', q('CREATE DATABASE db1'), A], ['POST', q('DROP DATABASE ghost'), A], ['GET', q('DROP DATABASE ghost'), A], ['POST', q('CREATE DATABASE ""'), A], ['POST', q('DROP MEASUREMENT nosuch', '&db=db1'), A],
    ['POST', q('CREATE RETENTION POLICY p ON db1 DURATION 5m REPLICATION 1'), A], ['POST', q('CREATE RETENTION POLICY p ON ghost DURATION 1h REPLICATION 1'), A], ['GET', q('SHOW RETENTION POLICIES ON db1'), R], ['GET', q('SHOW RETENTION POLICIES ON ghost'), A],
    ['GET', q('SHOW CONTINUOUS QUERIES'), A], ['GET', q('SHOW CONTINUOUS QUERIES', '&db=db1'), A], ['GET', q('SHOW SUBSCRIPTIONS'), A], ['POST', q('KILL QUERY 99999'), A], ['GET', q('SHOW MEASUREMENTS', '&db=db1'), R], ['GET', q('SHOW SERIES ON db1'), R], ['GET', q('SHOW FIELD KEYS FROM db1..cpu', '&db=db1'), R],
    ['GET', q('SHOW TAG VALUES ON db1 WITH KEY = host'), R], ['GET', q('SHOW TAG VALUES WITH KEY IN (host, x)', '&db=db1'), R],
    ['POST', q('DELETE FROM nosuch', '&db=db1'), W], ['GET', q('DELETE FROM nosuch', '&db=db1'), W], ['POST', q('DELETE FROM nosuch'), A], ['POST', q('DROP SERIES FROM nosuch'), A],
  ],
  'users': [
    ['POST', q("CREATE USER reader WITH PASSWORD 'readerpw'"), A], ['POST', q("CREATE USER reader WITH PASSWORD 'other'"), A], ['POST', q("CREATE USER reader WITH PASSWORD 'readerpw' WITH ALL PRIVILEGES"), A], ['POST', q("CREATE USER \"\" WITH PASSWORD 'xx'"), A],
    ['POST', q('DROP USER ""'), A], ['POST', q("SET PASSWORD FOR \"\" = 'xx'"), A], ['POST', q('GRANT READ ON ghost TO reader'), A], ['POST', q('GRANT READ ON ghost TO ghost'), A], ['POST', q('GRANT READ ON "" TO reader'), A], ['POST', q('REVOKE READ ON ghost FROM reader'), A],
    ['POST', q('GRANT ALL TO ghost'), A], ['POST', q('REVOKE ALL FROM ghost'), A], ['POST', q('REVOKE READ ON db2 FROM nobody'), A], ['GET', q('SHOW GRANTS FOR nobody'), A], ['GET', q('SHOW GRANTS FOR ""'), A], ['GET', q(`SHOW GRANTS FOR "o'd\\"d <user>"`), A],
    ['GET', q('GRANT READ ON db2 TO nobody'), A], ['GET', q('SHOW GRANTS FOR nobody'), A], ['GET', q('REVOKE ALL ON db2 FROM nobody'), A], ['GET', q('SHOW GRANTS FOR nobody'), A], ['GET', q('GRANT ALL PRIVILEGES TO nobody'), A], ['GET', q('SHOW USERS'), N], ['GET', q('SHOW GRANTS FOR nobody'), A], ['GET', q('REVOKE ALL PRIVILEGES FROM nobody'), A], ['GET', q('SHOW USERS'), N], ['GET', q('SHOW DATABASES'), N],
    ['POST', q('GRANT WRITE ON db1 TO nobody; GRANT READ ON db2 TO nobody; SHOW GRANTS FOR nobody'), A], ['GET', q('SHOW DATABASES'), N],
    ['POST', q('SHOW DATABASES; CREATE USER reader WITH PASSWORD \'x1\'; SHOW DATABASES'), A], ['POST', q('SHOW DATABASES; DROP USER ghost; SHOW DATABASES; SHOW USERS', '&chunked=true'), A], ['POST', q('DROP USER ghost; DROP DATABASE db2', '&chunked=true'), A], ['GET', q('SHOW DATABASES'), A],
    ['POST', q('REVOKE ALL PRIVILEGES FROM nobody; SHOW USERS'), A], ['GET', q("SET PASSWORD FOR nobody = 'new password'"), A], ['GET', q('SHOW DATABASES'), N], ['GET', q('SHOW DATABASES'), { authorization: basic('nobody', 'new password') }], ['GET', q("SET PASSWORD FOR nobody = 'nobodypw'"), A],
    ['GET', q("CREATE USER temp WITH PASSWORD 'temppw'"), A], ['GET', q('SHOW DATABASES'), { authorization: basic('temp', 'temppw') }], ['GET', q('SHOW GRANTS FOR temp'), A], ['GET', q('DROP USER temp'), A], ['GET', q('SHOW DATABASES'), { authorization: basic('temp', 'temppw') }], ['GET', q('SHOW USERS'), A],
    // A database that goes takes its grants along
    ['POST', q('CREATE DATABASE gone; GRANT ALL ON gone TO nobody; SHOW GRANTS FOR nobody'), A], ['GET', q('SHOW DATABASES'), N], ['POST', q('DROP DATABASE gone'), A], ['GET', q('SHOW GRANTS FOR nobody'), A], ['POST', q('CREATE DATABASE gone'), A], ['GET', q('SHOW GRANTS FOR nobody'), A], ['GET', q('SHOW DATABASES'), N], ['POST', '/write?db=gone', N, 'x v=1'],
    ['POST', q('REVOKE READ ON gone FROM nobody; REVOKE WRITE ON gone FROM nobody; GRANT WRITE ON gone TO nobody; REVOKE READ ON gone FROM nobody; SHOW GRANTS FOR nobody'), A],
    ['POST', q('GRANT READ ON gone TO nobody; SHOW GRANTS FOR nobody; DROP DATABASE gone; SHOW GRANTS FOR nobody', '&chunked=true'), A], ['POST', q('DROP DATABASE gone; SHOW USERS'), A], ['GET', q('DROP DATABASE gone'), A],
    ['POST', q(';;SHOW USERS;;SHOW GRANTS FOR reader;'), A], ['POST', q('show users; show grants for "reader"'), A], ['GET', q('SHOW GRANTS FOR reader', '&pretty=true&chunked=true&epoch=ns'), A],
    ['GET', q(`SELECT * FROM "${'é'.repeat(700)}" WHERE`), A], ['POST', q(`SELECT * FROM "${'é'.repeat(700)}"`, '&db=db2'), R], ['POST', `/write?db=${'x'.repeat(1200)}`, R, 'x v=1'], ['GET', q(`SHOW GRANTS FOR "${'u'.repeat(300)}"`), A],
  ],
  'methods and paths': [
    ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'].flatMap((method) => ['/query', '/write?db=db1', '/ping', '/status', '/', '/query/', '//query', '/write/', '/QUERY', '/q', '/db', '/cluster_admins', '/query/x', '/./query', '/x/../query', '/quer%79', '/write%3Fdb=db1', '/debug', '/debug/', '/debug/x', '/api/v1/prom/write', '/api/v1/prom/read', '/api/v1/prom', '/api'].map((path): Row => [method, path, A])),
    ...['HEAD', 'POST', 'OPTIONS', 'TRACE'].map((method): Row => [method, '/metrics', A]),
    ['GET', q('SHOW DATABASES'), { ...R, origin: 'http://x' }], ['GET', q('SHOW DATABASES'), { origin: 'null' }], ['POST', '/write?db=db1', { origin: 'http://x' }, 'x v=1'], ['OPTIONS', '/query', { origin: 'http://x', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' }], ['OPTIONS', '/nowhere', { origin: 'http://x' }],
    ['GET', q('SHOW DATABASES'), { ...R, 'x-http-method-override': 'DELETE' }], ['GET', q('SHOW DATABASES'), { ...R, 'accept-encoding': 'identity' }], ['GET', q('SHOW DATABASES'), { ...R, 'accept-encoding': 'gzip' }],
    ['GET', q('SELECT * FROM cpu', '&db=db1'), { ...R, 'accept-encoding': 'br' }],
  ],
  'texts': [
    'SELECT', 'SELEC 1', 'SHOW', 'SHOW X', 'DROP', 'DROP X', 'CREATE', 'CREATE X', 'ALTER', 'GRANT', 'GRANT X', 'GRANT READ', 'GRANT READ ON', 'GRANT READ ON db1', 'GRANT READ ON db1 TO', "GRANT READ ON 'db1' TO x", 'GRANT READ TO x', 'REVOKE', 'REVOKE READ ON db1 TO x', 'REVOKE READ FROM x', 'SHOW GRANTS', 'SHOW GRANTS FOR', "SHOW GRANTS FOR 'x'", 'SHOW GRANTS ON x',
    'SHOW USERS x', 'SHOW DATABASES x', 'SHOW DATABASES;;', ';;SHOW DATABASES', 'SHOW DATABASES SHOW USERS', '-- c\nSHOW DATABASES', '/* c */ SHOW DATABASES /* d */', '/* c', '--', 'show databases', 'Show\tDatabases', 'SHOW\u00a0DATABASES', '"', "'", '\\', '$x', 'é', '\u0001', 'SHOW DATABASES\0', '\ufeffSHOW DATABASES',
    'SELECT 1', 'SELECT * FROM', 'SELECT * FROM "cpu', "SELECT * FROM 'cpu'", 'SELECT * FROM cpu WHERE', 'SELECT * FROM cpu LIMIT x', 'SELECT * FROM cpu LIMIT -1', 'SELECT * FROM cpu GROUP BY time(', 'SELECT * FROM cpu ORDER BY x', 'SELECT * FROM cpu fill(x)', "SELECT * FROM cpu tz('x')", 'SELECT * FROM /a(/', "SELECT 'x' FROM cpu", 'SELECT count(distinct value) FROM cpu', 'SELECT * FROM cpu;DROP', "DROP USER 'x'", 'DROP USER', 'KILL QUERY x', 'EXPLAIN', 'EXPLAIN SHOW USERS', 'DELETE', 'DELETE WHERE', 'DROP SERIES', 'SET', 'SET PASSWORD', 'BEGIN', 'END', 'WITH',
  ].map((text): Row => ['GET', q(text, '&db=db1'), A]),
}

/** Requests that are answered otherwise on purpose, with the reason. */
const DEVIATIONS: readonly [reason: string, concerns: (row: Row) => boolean][] = [
  ['a continuous query needs WRITE on its target', ([, target, headers]) => headers === R && target.startsWith(q('CREATE CONTINUOUS QUERY'))],
  ['a query with a NUL is refused, and no header has a control character', ([, target]) => /%0[01]/.test(target)],
  ['what is put together here is not compressed', ([, , headers]) => headers['accept-encoding'] === 'gzip'],
  ['put together here from JSON, a float without a fraction is an integer in MessagePack', ([, target, headers]) => headers.accept === 'application/x-msgpack' && /SELECT.*SHOW|SHOW.*SELECT/.test(target) && !/mean\(value\).*epoch=ms/.test(target)],
]

describe.skipIf(isInfluxdMissing())('the same answers', () => {
  let real: Influxd
  let behind: Influxd
  let door: TestDoor

  beforeAll(async () => {
    ;[real, behind] = await Promise.all([startInfluxd(`auth-enabled = true\nshared-secret = "${SHARED_SECRET}"`), startInfluxd()])
    door = await startDoor(behind.url, { 'influxdb.ping-auth-enabled': false })
    for (const url of [real.url, door.url]) {
      for (const text of SETUP) await send(url, ['POST', q(text), A])
      for (const name of ['db1', 'db2']) await send(url, ['POST', `/write?db=${name}`, A, POINTS])
    }
  })

  afterAll(async () => {
    await door?.close()
    await Promise.all([real?.close(), behind?.close()])
  })

  /** On a connection of its own; an InfluxDB may answer with characters in a header that a strict client refuses. */
  function send(url: string, [method, target, headers, body]: Row): Promise<ReplayAnswer> {
    const { hostname, port } = new URL(url)
    const length = body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }
    return new Promise((resolve, reject) => {
      const out = request({ hostname, port, method, path: target, headers: { ...headers, ...length, connection: 'close' }, agent: false, insecureHTTPParser: true }, async (answer) => {
        let text = ''
        const isBinary = /msgpack/.test(answer.headers['content-type'] ?? '') || answer.headers['content-encoding'] !== undefined
        for await (const chunk of answer.setEncoding(isBinary ? 'latin1' : 'utf8')) text += chunk
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text })
      })
      out.on('error', reject)
      out.end(body)
    })
  }

  test.each(Object.keys(ROWS))('%s', async (group) => {
    const wrong: string[] = []
    for (const row of ROWS[group] ?? []) {
      const expected = await send(real.url, row)
      const names = ['content-type', 'x-influxdb-error', 'www-authenticate', 'allow', 'access-control-allow-origin', 'access-control-allow-methods', 'access-control-allow-headers', 'access-control-expose-headers', 'x-content-type-options', 'content-encoding', 'location']
      const headers = Object.fromEntries(names.map((name) => [name, String(expected.headers[name] ?? '')]))
      const recorded = { id: 0, group, name: '', compare: 'unordered' as const, request: { method: '', path: '' }, response: { status: expected.status, headers, body: expected.body } }
      const found = differences(recorded, await send(door.url, row))
      const isDeviation = DEVIATIONS.some(([, concerns]) => concerns(row))
      if (found.length > 0 !== isDeviation) wrong.push(`${row[0]} ${row[1]} ${JSON.stringify(row[2])} ${String(row[3] ?? '').slice(0, 150)}\n   ${found.join('\n   ')}`)
    }
    expect(wrong).toEqual([])
  }, 120_000)
})
