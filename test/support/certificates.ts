import { webcrypto } from 'node:crypto'

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

/** What TLS tests need. All certificates are for 127.0.0.1 and localhost unless their name says otherwise. */
export interface Certificates {
  /** The certificate authority that signed everything here but `otherServer` and `otherClient`. */
  readonly ca: string
  readonly server: KeyPair
  /** For a client, CN `gateway`. */
  readonly client: KeyPair
  /** For a server, but out of date since yesterday. */
  readonly expired: KeyPair
  /** For a server, but for `elsewhere.invalid`. */
  readonly wrongName: KeyPair
  /** A second CA, which nobody here has to do with. */
  readonly otherCa: string
  readonly otherServer: KeyPair
  readonly otherClient: KeyPair
  /** A CA that `ca` signed, for those who do not show the whole chain. */
  readonly intermediate: string
  /** Signed by `intermediate`, which is not in `cert`. */
  readonly intermediateServer: KeyPair
  readonly intermediateClient: KeyPair
}

const DAY = 86_400_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

type X509 = typeof import('@peculiar/x509')
type Keys = Awaited<ReturnType<typeof createKeys>>
interface Authority {
  readonly cert: import('@peculiar/x509').X509Certificate
  readonly keys: Keys
}
interface Leaf {
  readonly subject: string
  readonly names?: readonly { readonly type: 'dns' | 'ip'; readonly value: string }[]
  readonly client?: boolean
  readonly notAfter?: number
}

const HERE = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
] as const

/** Makes them anew, in memory. Takes about half a second, most of it for loading x509. */
export async function makeCertificates(): Promise<Certificates> {
  const x509 = await loadX509()
  const ca = await createAuthority(x509, 'CN=Test CA')
  const other = await createAuthority(x509, 'CN=Other CA')
  const intermediate = await createAuthority(x509, 'CN=Test Intermediate', ca)
  const make = (leaf: Leaf, by = ca) => createLeaf(x509, by, leaf)
  return {
    ca: ca.cert.toString('pem'),
    server: await make({ subject: 'CN=localhost' }),
    client: await make({ subject: 'CN=gateway', client: true }),
    expired: await make({ subject: 'CN=localhost', notAfter: Date.now() - DAY }),
    wrongName: await make({ subject: 'CN=elsewhere.invalid', names: [{ type: 'dns', value: 'elsewhere.invalid' }] }),
    otherCa: other.cert.toString('pem'),
    otherServer: await make({ subject: 'CN=localhost' }, other),
    otherClient: await make({ subject: 'CN=gateway', client: true }, other),
    intermediate: intermediate.cert.toString('pem'),
    intermediateServer: await make({ subject: 'CN=localhost' }, intermediate),
    intermediateClient: await make({ subject: 'CN=gateway', client: true }, intermediate),
  }
}

/** tsyringe, below x509, insists on a reflection polyfill, but uses it for decorators only: we have none. */
async function loadX509(): Promise<X509> {
  const reflect = Reflect as unknown as Record<string, unknown>
  reflect.getMetadata ??= () => undefined
  reflect.getOwnMetadata ??= () => undefined
  reflect.defineMetadata ??= () => undefined
  return import('@peculiar/x509')
}

function createKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

/** @param by who signs it; itself if nobody is named */
async function createAuthority(x509: X509, subject: string, by?: Authority): Promise<Authority> {
  const keys = await createKeys()
  const cert = await x509.X509CertificateGenerator.create({
    subject,
    issuer: by ? by.cert.subject : subject,
    signingKey: (by?.keys ?? keys).privateKey,
    publicKey: keys.publicKey,
    serialNumber: serialNumber(),
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - 30 * DAY),
    notAfter: new Date(Date.now() + 30 * DAY),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert, keys }
}

async function createLeaf(
  x509: X509,
  by: Authority,
  { subject, names = HERE, client = false, notAfter = Date.now() + 30 * DAY }: Leaf,
): Promise<KeyPair> {
  const keys = await createKeys()
  const purpose = client ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth
  const cert = await x509.X509CertificateGenerator.create({
    subject,
    issuer: by.cert.subject,
    signingKey: by.keys.privateKey,
    publicKey: keys.publicKey,
    serialNumber: serialNumber(),
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - 30 * DAY),
    notAfter: new Date(notAfter),
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([purpose]),
      new x509.SubjectAlternativeNameExtension([...names]),
    ],
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { cert: cert.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') }
}

/** Sixteen hexadecimal digits, positive. */
function serialNumber(): string {
  return `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(7))).toString('hex')}`
}
