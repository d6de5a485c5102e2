// One server of the bench, in a process of its own: node server.mjs SCENARIO META_PORT. Tells its port, and its
// CPU time when asked, over the IPC channel.
import { createServer } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import Koa from 'koa'
import { kapacitorAuth, loadConfig } from '../dist/index.js'
import { OTHER_LOGINS } from './lib/other-logins.mjs'
import { CLIENT_ID, SUBJECT } from './lib/provider.mjs'
import { SECRET } from './lib/token.mjs'

const [scenario, metaPort] = process.argv.slice(2)
const app = new Koa()
if (OTHER_LOGINS[scenario]) app.use(OTHER_LOGINS[scenario]())
else if (scenario !== 'bare') {
  const overrides = {
    'auth.meta-addr': `127.0.0.1:${metaPort}`,
    'http.shared-secret': SECRET,
    'auth.bcrypt-cost': scenario === 'digest-off' ? '4' : '10',
    'auth.digest-enabled': String(scenario !== 'digest-off'),
    ...(scenario.startsWith('provider') && {
      'oidc.jwks-endpoint': `http://127.0.0.1:${metaPort}/keys`,
      'oidc.issuer': `http://127.0.0.1:${metaPort}/`,
      'oidc.client-id': CLIENT_ID,
      'oidc.admins': SUBJECT,
    }),
    ...(scenario.endsWith('unlimited') && { 'auth.wrong-password-interval': '0s' }),
  }
  app.use(kapacitorAuth(loadConfig({ file: false, env: {}, overrides })))
}
app.use((ctx) => {
  ctx.body = { tasks: [] }
})

const server = createServer(app.callback())
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system, delayP99: delay.percentile(99) / 1e6 })
  delay.reset()
})
process.on('disconnect', () => process.exit())
