import type { SecureContextOptions } from 'node:tls'
import type { Logger } from '../log/logger.js'
import type { NamedCertificate } from './expiry.js'
import { readTlsFiles, type TlsContent, type TlsFiles } from './server-tls-files.js'
import { type WatchFilesOptions, watchFiles } from './watch-files.js'

export interface TlsReloadOptions {
  readonly files: TlsFiles

  /** For messages: `[http]`. */
  readonly section: string

  /** What is in use, as it was read. */
  readonly content: TlsContent

  /** Takes what the next connections are to use. */
  readonly use: (context: SecureContextOptions) => void

  readonly log: Logger | undefined

  /** How changes are noticed; false: only `reload` notices them. */
  readonly watch: false | WatchFilesOptions
}

/** Certificate files that may change. */
export interface TlsReload {
  /** Reads the files now; what cannot be used is logged, and what was used before stays. Never rejects. */
  reload(): Promise<void>

  /** The certificate and the client CAs in use. */
  certificates(): readonly NamedCertificate[]

  close(): void
}

/** Keeps a server's certificate, key and client CA as they are in their files. */
export function createTlsReload(options: TlsReloadOptions): TlsReload {
  const { files, section, use, log } = options
  let { fingerprint, certificates } = options.content
  let reading = Promise.resolve()

  /** One at a time, so that the newest is what is used in the end. */
  function reload(isAsked: boolean): Promise<void> {
    reading = reading.then(() => attempt(isAsked))
    return reading
  }

  async function attempt(isAsked: boolean): Promise<void> {
    const content = await readTlsFiles(files, section)
    if (content.fingerprint === fingerprint && !isAsked) return
    fingerprint = content.fingerprint
    if (content.context !== undefined) {
      use(content.context)
      certificates = content.certificates
      for (const warning of content.warnings) log?.warn({}, warning)
      log?.info({ certificate: files.certificate }, 'certificate reloaded')
    }
    for (const problem of content.problems) {
      log?.error({}, `${problem}; the certificate in use is kept until the files change again`)
    }
  }

  const paths = [files.certificate, files.key, files.clientCa ?? ''].filter((path) => path !== '')
  const close =
    options.watch === false ? () => {} : watchFiles(paths, () => void reload(false), options.watch)
  return { reload: () => reload(true), certificates: () => certificates, close }
}
