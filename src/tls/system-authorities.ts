import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as tls from 'node:tls'
import { readRegularFile } from '../text/regular-file.js'
import { findCertificates } from './pem.js'

/** Where Linux distributions and BSDs keep all CAs in one file; the first that can be read counts. */
const FILES = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Arch, Gentoo, Alpine
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', // Red Hat, CentOS
  '/etc/pki/tls/certs/ca-bundle.crt', // Fedora
  '/etc/ssl/ca-bundle.pem', // SUSE
  '/etc/ssl/cert.pem', // Alpine, OpenBSD
  '/usr/local/share/certs/ca-root-nss.crt', // FreeBSD
]

/** Where each has a file of its own; read where there is no such file. */
const DIRECTORIES = ['/etc/ssl/certs', '/etc/pki/tls/certs']

/**
 * The CAs that this machine trusts, as Go's programs see them: the file that `SSL_CERT_FILE` names or the
 * distribution's, and the directories that `SSL_CERT_DIR` names (several separated by colons). Those of
 * `NODE_EXTRA_CA_CERTS` come on top. By itself Node trusts a list that was compiled into it instead.
 *
 * @param env the process's environment
 * @returns PEM texts; undefined if none are found: then it is Node's own list that is left
 */
export function systemAuthorities(
  env: NodeJS.ProcessEnv = process.env,
  files: readonly string[] = FILES,
  directories: readonly string[] = DIRECTORIES,
): readonly string[] | undefined {
  const { SSL_CERT_FILE: file, SSL_CERT_DIR: paths, NODE_EXTRA_CA_CERTS: extra } = env
  const found = new Set(firstOf(file ? [file] : files))
  if (paths || found.size === 0) {
    for (const path of paths ? paths.split(':') : directories) addAll(found, inDirectory(path))
  }
  if (found.size === 0) addAll(found, ofPlatform())
  if (found.size > 0 && extra) addAll(found, inFile(extra))
  return found.size === 0 ? undefined : [...found]
}

function firstOf(files: readonly string[]): readonly string[] {
  for (const file of files) {
    const found = inFile(file)
    if (found.length > 0) return found
  }
  return []
}

function inFile(path: string): readonly string[] {
  try {
    return findCertificates(readRegularFile(path).bytes.toString('latin1'))
  } catch {
    return []
  }
}

function inDirectory(path: string): readonly string[] {
  try {
    return readdirSync(path).flatMap((name) => inFile(join(path, name)))
  } catch {
    return []
  }
}

/** macOS and Windows keep theirs where only the system's own functions reach, which Node has since 22.15. */
function ofPlatform(): readonly string[] {
  if (process.platform !== 'darwin' && process.platform !== 'win32') return []
  const { getCACertificates } = tls as { getCACertificates?: (type: 'system') => string[] }
  return getCACertificates?.('system') ?? []
}

function addAll(to: Set<string>, items: readonly string[]): void {
  for (const item of items) to.add(item)
}
