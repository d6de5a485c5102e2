import { renameSync, writeFileSync } from 'node:fs'
import type { Certificates, KeyPair } from '../../support/certificates.js'
import { until } from '../../support/until.js'
import { BY_ITSELF, type Fault, RELOAD } from './fault.js'
import type { FaultWorld } from './fault-world.js'

/** The gateway's own certificate, as it is renewed: both files are replaced. */
function replaceOwn({ file }: FaultWorld, { cert, key }: KeyPair): void {
  for (const [name, text] of [['server.key', key], ['server.pem', cert]] as const) {
    writeFileSync(file(`${name}.new`), text, { mode: 0o600 })
    renameSync(file(`${name}.new`), file(name))
  }
}

/** @param all the certificates that the gateway, the meta node and the upstream show and trust */
export function certificateFaults(all: Certificates): readonly Fault[] {
  const upstream = { remembered: '502', unknown: '502', readyz: 'not ready: Kapacitor' }
  const metaNode = { remembered: '200', unknown: '503', readyz: 'ready' }
  const shown = (fault: string, hop: 'metaHop' | 'upstreamHop', certificate: KeyPair): Fault => ({
    fault: `certificate of ${hop === 'metaHop' ? 'the meta node' : 'Kapacitor'} ${fault}`,
    ...(hop === 'metaHop' ? metaNode : upstream),
    after: BY_ITSELF,
    begin: (world) => world[hop].show(certificate),
    end: (world) => world[hop].show(all.server),
  })
  /** The other side has moved to another CA: its certificate is in order, the CA file is out of date. */
  const moved = (hop: 'metaHop' | 'upstreamHop'): Fault => ({
    ...shown('is signed by a new CA', hop, all.otherServer),
    after: RELOAD,
    end(world) {
      writeFileSync(world.file(hop === 'metaHop' ? 'meta-ca.pem' : 'kapacitor-ca.pem'), all.ca + all.otherCa)
      world.reload()
    },
  })
  const own = (fault: string, seen: string, certificate: KeyPair): Fault => ({
    fault: `the gateway's own certificate ${fault}`,
    remembered: seen,
    unknown: seen,
    readyz: 'ready',
    after: `${BY_ITSELF} once the files are replaced`,
    begin(world) {
      replaceOwn(world, certificate)
      world.gateway.child.kill('SIGHUP') // sooner than by itself
    },
    end: (world) => replaceOwn(world, all.server),
  })
  return [
    shown('has expired', 'metaHop', all.expired),
    shown('is for another name', 'metaHop', all.wrongName),
    shown('has expired', 'upstreamHop', all.expired),
    shown('is for another name', 'upstreamHop', all.wrongName),
    own('has expired', 'the client refuses (CERT_HAS_EXPIRED)', all.expired),
    {
      ...own('is for another name', 'the client refuses (ERR_TLS_CERT_ALTNAME_INVALID)', all.wrongName),
      end(world) {
        replaceOwn(world, all.server)
        world.gateway.child.kill('SIGHUP')
      },
    },
    {
      ...own('does not fit its key', '200', all.server),
      async begin({ file, gateway }) {
        writeFileSync(file('server.pem'), all.otherServer.cert)
        gateway.child.kill('SIGHUP')
        await until(() => gateway.stderr().includes('the certificate in use is kept'))
      },
    },
    moved('metaHop'),
    moved('upstreamHop'),
  ]
}
